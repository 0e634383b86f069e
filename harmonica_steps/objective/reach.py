"""Whether anything of a configuration can reach a program whose command names no placeholder."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from harmonica_steps.objective.command import names_in, split_command
from harmonica_steps.objective.program import program_files

MOST_FILES = 2_000
MOST_BYTES = 2**20
"""Most files around a program that are looked at, and most bytes of each; beyond, it is unknown."""

_MENTION = b"HARMONICA_"
"""How the environment variables that tell a program about its training begin."""


def can_be_reached(objective: Mapping[str, Any]) -> bool:
    """Whether a command may learn its configuration, as far as can be known.

    It does by a placeholder, or by an environment variable that it, one of the program's own files
    or a file in their folders mentions. About a program elsewhere nothing is known.

    Parameters
    ----------
    objective
        The ``objective`` section of the configuration, with a command.
    """
    words = split_command(objective["command"])
    own = [Path(name) for name in program_files(objective)]
    if any(map(names_in, words)) or _MENTION.decode() in objective["command"] or not own:
        return True
    folders = dict.fromkeys(path.parent for path in own)
    for number, path in enumerate(path for folder in folders for path in _files(folder)):
        if number >= MOST_FILES or _may_mention(path):
            return True
    return any(_may_mention(path) for path in own)


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(place, name) for name in names if not name.startswith("."))


def _may_mention(path: Path) -> bool:
    try:
        if not path.is_file():
            return False
        return path.stat().st_size > MOST_BYTES or _MENTION in path.read_bytes()
    except OSError:
        return True
