"""The trials of a study, from a journal file or an SQLite database of Optuna's."""

import math
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harmonica_steps.errors import HarmonicaError, near_miss
from harmonica_steps.search.imported import Tried
from harmonica_steps.search.laws import Law, Numbers, OneOf
from harmonica_steps.space import Space, Value
from harmonica_steps.study.distributions import optuna_value
from harmonica_steps.study.optional import optuna, quiet

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import FrozenTrial

ADAPTIVE = re.compile(r"(tpe|gp|\w*cma\w*|nsga\w*|\w+Sampler):.*")
"""The marks that adaptive samplers leave on the trials they have chosen (not all of them do)."""

LARGEST = 1e100
"""A metric beyond this has diverged, as in a training here."""

KEYS = ("stages.1.study.path", "stages.1.study.name")
"""What a configuration names a study by."""

CHOSEN = "fixed_params"
"""The mark of a trial that was enqueued: somebody has chosen it."""


def read_study(path: Path, name: str | None, space: Space, direction: str) -> list[Tried]:
    """The trials of a study that have ended, in the order in which they began.

    Parameters
    ----------
    path
        Of the file.
    name
        Of the study, if there are several.
    space
        Its values stand for those that Optuna cannot tell apart; see `optuna_value`.
    direction
        That the study must have.

    Raises
    ------
    HarmonicaError
        When the file cannot be read, or the study is of another kind.
    """
    with open_study(path, name) as study:
        _check_kind(path, study, direction)
        return [
            _tried(study.study_name, trial, space)
            for trial in study.get_trials(deepcopy=False)
            if trial.state.is_finished() and CHOSEN not in trial.system_attrs
        ]


@contextmanager
def open_study(path: Path, name: str | None, *, keys: tuple[str, str] = KEYS) -> Iterator["Study"]:
    """A copy of a study: Optuna may change a database that it opens.

    Parameters
    ----------
    path
        Of the file.
    name
        Of the study, if there are several.
    keys
        What the user has named these by, for messages.

    Raises
    ------
    HarmonicaError
        When the file cannot be read, or has no such study.
    """
    with quiet(), tempfile.TemporaryDirectory() as folder:
        yield _load(path, name, _storage(path, Path(folder), keys[0]), keys)


def _storage(path: Path, folder: Path, key: str) -> Any:
    storages = optuna().storages
    copy = folder / "study"
    try:
        with path.open("rb") as stream:
            sqlite = stream.read(15) == b"SQLite format 3"
        if not sqlite:
            shutil.copyfile(path, copy)
            return storages.JournalStorage(storages.journal.JournalFileBackend(str(copy)))
        # Not a copy of the file: what was written last may still be in a file beside it.
        with sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True) as source:
            target = sqlite3.connect(copy)
            source.backup(target)
            target.close()
        source.close()
        return storages.RDBStorage(f"sqlite:///{copy}")
    except OSError as error:
        raise HarmonicaError(
            f"{key}: {path} cannot be read ({error.strerror or error})."
        ) from error
    # Whatever a file that is no study makes of Optuna's readers.
    except Exception as error:
        raise HarmonicaError(
            f"{key}: {path} is neither an Optuna journal nor an Optuna SQLite database "
            f"({type(error).__name__}: {error})."
        ) from error


def _load(path: Path, name: str | None, storage: Any, keys: tuple[str, str]) -> "Study":
    names = [study.study_name for study in storage.get_all_studies()]
    if name is None and len(names) != 1:
        shown = f"several studies: {', '.join(names)}; give {keys[1]}" if names else "no study"
        raise HarmonicaError(f"{keys[0]}: {path} holds {shown}.")
    if name is not None and name not in names:
        raise HarmonicaError(f"{keys[1]}: {path} has no study {name!r}{near_miss(name, names)}")
    study: Study = optuna().load_study(study_name=name or names[0], storage=storage)
    return study


def _check_kind(path: Path, study: "Study", direction: str) -> None:
    directions = [found.name.lower() for found in study.directions]
    if directions != [direction]:
        raise HarmonicaError(
            f"stages.1.study.path: the study in {path} has {' and '.join(directions)}, but "
            f"objective.direction is {direction}. It must be a study of the same metric."
        )


def _tried(study: str, trial: "FrozenTrial", space: Space) -> Tried:
    value = trial.value
    status, cause = trial.state.name.lower(), None
    if status == "complete":
        finite = value is not None and math.isfinite(value) and abs(value) <= LARGEST
        status, cause = ("ok", None) if finite else ("diverged", f"the value is {value}")
    elif status == "fail":
        status, cause = "failed", str(trial.user_attrs.get("cause", "failed in the study"))
    return Tried(
        study=study,
        number=trial.number,
        parameters={name: _value(space, name, value) for name, value in trial.params.items()},
        status=status,
        value=value if status == "ok" else None,
        cause=cause,
        attributes=dict(trial.user_attrs),
        sampler=next((k for k in trial.system_attrs if ADAPTIVE.fullmatch(k)), None),
        laws={
            name: _law(space, name, distribution)
            for name, distribution in trial.distributions.items()
            if name in space.names
        },
    )


def _law(space: Space, name: str, distribution: Any) -> Law:
    if hasattr(distribution, "choices"):
        return OneOf(tuple(_value(space, name, choice) for choice in distribution.choices))
    return Numbers(distribution.low, distribution.high, distribution.log, distribution.step)


def _value(space: Space, name: str, value: Any) -> Value:
    parameter = space.parameters.get(name)
    if parameter is not None:
        for ours in parameter.grid():
            if isinstance(value, str) and optuna_value(parameter, ours) == value:
                return ours
    found: Value = value
    return found
