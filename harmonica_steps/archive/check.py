"""What `harmonica verify` says: an archive is whole, and holds all that its plan asks for."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from harmonica_steps.archive.manifest import Entry
from harmonica_steps.archive.members import PLAN, PROVENANCE, required
from harmonica_steps.archive.reader import Receive, walk
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import json_text
from harmonica_steps.results.paths import PART_NAME

LARGEST_TEXT = 2**26
"""The plan and the provenance are read into memory."""

SEARCH_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class Checked(NamedTuple):
    """An archive that has been found whole."""

    what: str
    search: str
    members: int
    size: int
    """Bytes of the members."""
    plan: dict[str, Any]
    files: dict[str, str]
    """SHA-256 of the program's files."""

    def __str__(self) -> str:
        return f"{self.what} of {self.search}, {self.members} members, {self.size:,} bytes"


def verify(paths: Iterable[Path]) -> Iterator[str]:
    """Check archives one by one.

    Yields
    ------
    str
        What to tell the user of each that is whole.

    Raises
    ------
    HarmonicaError
        At the end, with what is wrong with the others.
    """
    problems = []
    for path in paths:
        try:
            yield f"{path}: whole ({check(path)})"
        except (HarmonicaError, OSError) as error:
            problems.append(str(error))
    if problems:
        raise HarmonicaError("\n".join(problems))


def _ignore(name: str, pieces: Iterator[bytes]) -> None:
    pass


def check(path: Path, receive: Receive = _ignore) -> Checked:
    """Read an archive from end to end.

    Parameters
    ----------
    path
        The archive.
    receive
        Is given every member while it is read; see `walk`.

    Raises
    ------
    HarmonicaError
        When any byte is not what was written, or a file that belongs to the search is missing.
    """
    texts: dict[str, bytes] = {}

    def keep_texts(name: str, pieces: Iterator[bytes]) -> None:
        if name in (PLAN, PROVENANCE):
            texts[name] = _read(path, name, pieces)
            pieces = iter([texts[name]])
        receive(name, pieces)

    entries = walk(path, keep_texts)
    try:
        found = _described(entries, json.loads(texts[PLAN]), json.loads(texts[PROVENANCE]))
        lost = _first_lost(entries, found)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise HarmonicaError(
            f"{path}: {PLAN} or {PROVENANCE} in it is not of this version of Harmonica "
            f"({type(error).__name__}: {error})."
        ) from None
    except HarmonicaError as error:
        raise HarmonicaError(f"{path}: {error}") from None
    if lost:
        raise HarmonicaError(
            f"{path}: {lost} belongs to {found.what} and is missing in it. Archive again where the "
            "search is."
        )
    return found


def _read(path: Path, name: str, pieces: Iterator[bytes]) -> bytes:
    content = bytearray()
    for piece in pieces:
        content += piece
        if len(content) > LARGEST_TEXT:
            raise HarmonicaError(f"{path}: {name} in it is larger than {LARGEST_TEXT:,} bytes.")
    return bytes(content)


def _described(entries: list[Entry], plan: dict[str, Any], provenance: dict[str, Any]) -> Checked:
    json_text(plan).encode()  # a plan that cannot be written again is none
    files = {str(name): str(digest) for name, digest in provenance["objective"]["files"].items()}
    size = sum(entry.size for entry in entries)
    search, what = plan["search"], provenance["archive"]
    if not (SEARCH_NAME.fullmatch(search) and plan["config"]["search"] == search):
        raise ValueError("the name of the search is impossible")
    return Checked(what, search, len(entries), size, plan, files)


def _first_lost(entries: list[Entry], found: Checked) -> str | None:
    """The first file that the plan asks for and that is not there."""
    trials = {part["part"]: int(part["trainings"]) for part in found.plan["parts"]}
    if not all(re.fullmatch(PART_NAME, name) for name in trials):
        raise ValueError("the names of its parts are impossible")
    held = {entry.path for entry in entries}
    return next((name for name in required(trials, found.what) if name not in held), None)
