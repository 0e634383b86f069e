"""The trials of a study, from a journal file or an SQLite database of Optuna's."""

import math
import re
import shutil
import sqlite3
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harmonica_steps.errors import HarmonicaError, near_miss
from harmonica_steps.search.imported import StudyTrial
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
"""The keys by which a configuration names a study."""

LARGEST_FILE = 2**28
"""Bytes of a study: that is some hundred thousand trials."""

CHOSEN = "fixed_params"
"""The mark of a trial that was enqueued: somebody has chosen it."""


def read_study(path: Path, name: str | None, space: Space, direction: str) -> list[StudyTrial]:
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
    study = whole_study(path, name)
    _check_kind(path, study, direction)
    return [
        _tried(study.name, trial, space)
        for trial in study.trials
        if trial.state.is_finished() and CHOSEN not in trial.system_attrs
    ]


@dataclass(frozen=True)
class WholeStudy:
    """What a file holds of a study."""

    name: str
    directions: list[str]
    metric: str | None
    """The name of its value, if it has one."""
    trials: "list[FrozenTrial]"


def whole_study(path: Path, name: str | None, *, keys: tuple[str, str] = KEYS) -> WholeStudy:
    """Read a study, from a copy: Optuna may change a database that it opens.

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
    try:
        _check_file(path, keys[0])
        with quiet(), tempfile.TemporaryDirectory() as folder:
            return _load(path, name, _storage(path, Path(folder)), keys)
    except HarmonicaError:
        raise
    except OSError as error:
        raise HarmonicaError(
            f"{keys[0]}: {path} cannot be read ({error.strerror or error})."
        ) from error
    # Whatever Optuna's readers raise for a file that is not a study, or is damaged.
    except Exception as error:
        raise HarmonicaError(
            f"{keys[0]}: {path} is neither an Optuna journal nor an Optuna SQLite database, or it "
            "is damaged or of another version of Optuna. Optuna's load_study says more."
        ) from error


def _check_file(path: Path, key: str) -> None:
    about = path.stat()
    if not stat.S_ISREG(about.st_mode):
        raise HarmonicaError(f"{key}: {path} is not a file.")
    if about.st_size > LARGEST_FILE:
        raise HarmonicaError(
            f"{key}: {path} has {about.st_size:,} bytes, at most {LARGEST_FILE:,} are read; copy "
            "the trials that you need to a study of their own."
        )


def _storage(path: Path, folder: Path) -> Any:
    storages = optuna().storages
    copy = folder / "study"
    with path.open("rb") as stream:
        sqlite = stream.read(15) == b"SQLite format 3"
    if not sqlite:
        shutil.copyfile(path, copy)
        return storages.JournalStorage(storages.journal.JournalFileBackend(str(copy)))
    # Not a copy of the file: what was written last may still be in a file next to it.
    with sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True) as source:
        target = sqlite3.connect(copy)
        source.backup(target)
        target.close()
    source.close()
    return storages.RDBStorage(f"sqlite:///{copy}")


def _load(path: Path, name: str | None, storage: Any, keys: tuple[str, str]) -> WholeStudy:
    names = [study.study_name for study in storage.get_all_studies()]
    if name is None and len(names) != 1:
        several = f"several studies: {', '.join(names[:12])}{', ...' if len(names) > 12 else ''}"
        raise HarmonicaError(
            f"{keys[0]}: {path} holds {f'{several}; give {keys[1]}' if names else 'no study'}."
        )
    if name is not None and name not in names:
        raise HarmonicaError(f"{keys[1]}: {path} has no study {name!r}{near_miss(name, names)}")
    study: Study = optuna().load_study(study_name=name or names[0], storage=storage)
    metrics = getattr(study, "metric_names", None)
    return WholeStudy(
        study.study_name,
        [direction.name.lower() for direction in study.directions],
        str(metrics[0]) if metrics else None,
        study.get_trials(deepcopy=False),
    )


def _check_kind(path: Path, study: WholeStudy, direction: str) -> None:
    if study.directions != [direction]:
        has = " and ".join(study.directions[:4]) or "no direction"
        raise HarmonicaError(
            f"stages.1.study.path: the study in {path} has {has}, but "
            f"objective.direction is {direction}. It must be a study of the same metric."
        )


def _tried(study: str, trial: "FrozenTrial", space: Space) -> StudyTrial:
    value = trial.value
    status, cause = trial.state.name.lower(), None
    if status == "complete":
        finite = isinstance(value, int | float) and math.isfinite(value) and abs(value) <= LARGEST
        status, cause = ("ok", None) if finite else ("diverged", f"the value is {value}")
    elif status == "fail":
        status, cause = "failed", str(trial.user_attrs.get("cause", "failed in the study"))
    return StudyTrial(
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
        found = [_value(space, name, choice) for choice in distribution.choices]
        return OneOf(tuple(v if isinstance(v, bool | int | float | str) else None for v in found))
    return Numbers(distribution.low, distribution.high, distribution.log, distribution.step)


def _value(space: Space, name: str, value: Any) -> Value:
    parameter = space.parameters.get(name)
    if parameter is not None:
        for ours in parameter.grid():
            if isinstance(value, str) and optuna_value(parameter, ours) == value:
                return ours
    found: Value = value
    return found
