"""What the user's training program is: its files, and what identifies a training."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import digest, file_digest
from harmonica_steps.objective.arguments import STYLE
from harmonica_steps.objective.command import ARGS, split_command

SOURCES = ("metric_pattern", "metric_file")
"""Keys that name another source of the metric than the result file."""


def program_files(objective: Mapping[str, Any]) -> list[str]:
    """The program's own files: relative paths in the command, the callable's module, ``files``.

    Their contents are part of what a record depends on.
    """
    if objective["callable"]:
        module = objective["callable"].partition(":")[0]
        named = [f"{module.replace('.', '/')}.py"]
    else:
        named = split_command(objective["command"])
    return list(dict.fromkeys([*filter(_is_own_file, named), *objective["files"]]))


def _is_own_file(word: str) -> bool:
    try:
        return not Path(word).is_absolute() and Path(word).is_file()
    except OSError:
        return False  # a script in the command itself can be longer than a name may be


def definition(objective: Mapping[str, Any]) -> dict[str, Any]:
    """What makes two objectives the same: the call, the metric, the program's bytes.

    A key that a configuration does not use is not part of it.

    Raises
    ------
    HarmonicaError
        When one of ``objective.files`` cannot be read.
    """
    try:
        contents = {name: file_digest(Path(name)) for name in program_files(objective)}
    except OSError as error:
        raise HarmonicaError(
            f"objective.files: {error.filename} cannot be read ({error.strerror})."
        ) from error
    call = {key: objective[key] for key in ("command", "callable", "metric")}
    used = {key: objective[key] for key in SOURCES if objective.get(key)}
    if objective["command"] and ARGS in split_command(objective["command"]):
        used["args"] = objective.get("args") or STYLE
    return {**call, **used, "files": contents}


def continued(record: Mapping[str, Any] | None) -> str | None:
    """What a training that continues another one depends on.

    That one's key and, if it did not go well, how it ended: its checkpoint may be half a one.
    """
    if record is None:
        return None
    key = str(record["key"])
    return key if record["status"] == "ok" else f"{key} {record['status']}"


UNTRAINED = ("imported", "copied")
"""What a sample says that needs no training: how a study has tried it, or which earlier training of
the search is the same."""


def training_key(record: Mapping[str, Any], objective: object, continues: str | None) -> str:
    """What tells whether a record is that of just this training.

    Parameters
    ----------
    record
        A record, or its ``configuration``, ``seed``, ``budget`` and, if it was not trained here,
        ``imported`` or ``copied``: then the program has no part in it.
    objective
        The `definition` of the program.
    continues
        The training whose checkpoint it starts from, as `continued` has it.
    """
    identity = {name: record[name] for name in ("configuration", "seed", "budget")}
    if untrained := {name: record[name] for name in UNTRAINED if name in record}:
        return digest({**identity, **untrained})
    return digest({**identity, "objective": objective, "continues": continues})
