"""What `harmonica verify` says: an archive is whole, and holds all that its plan asks for."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from harmonica_steps.archive.manifest import LARGEST_TEXT, Entry
from harmonica_steps.archive.members import PLAN, PROVENANCE, first_extra, program_member, required
from harmonica_steps.archive.reader import Receive, walk
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import json_text
from harmonica_steps.records.part_name import PART_NAME
from harmonica_steps.terminal import brief

DEEPEST_TEXT = 64
"""Lists and objects within one another in the plan or the provenance."""

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
    copied: frozenset[str]
    """Files of the program that the archive has copies of."""

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
            texts[name] = b"".join(pieces)
            pieces = iter([texts[name]])
        receive(name, pieces)

    entries = walk(path, keep_texts)
    try:
        found = _described(entries, _parse(texts[PLAN]), _parse(texts[PROVENANCE]))
        trials = _trials(found)
        lost = _first_lost(entries, found, trials)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise HarmonicaError(
            f"{path}: {PLAN} or {PROVENANCE} in it is damaged, or is not of this version of "
            f"Harmonica ({brief(error)})."
        ) from None
    except HarmonicaError as error:
        raise HarmonicaError(f"{path}: {error}") from None
    if lost:
        raise HarmonicaError(
            f"{path}: {lost} belongs to {found.what} but is missing. Recreate the archive from the "
            "original search."
        )
    held = (entry.path for entry in entries)
    if extra := first_extra(held, trials, found.what, found.files):
        raise HarmonicaError(
            f"{path}: holds {extra}, which {found.what} with this plan and this program does not "
            "need. Harmonica writes no such archive: do not use it, or ask whoever made it."
        )
    return found


def _parse(text: bytes) -> Any:
    """Read JSON that would otherwise unfold to many times its size, here or when it is indented."""
    if text.count(b",") + text.count(b"[") > LARGEST_TEXT // 16:
        raise ValueError("holds too much")
    level = [content := json.loads(text)]
    for _ in range(DEEPEST_TEXT):
        level = [inner for outer in level for inner in _inside(outer)]
    if level:
        raise ValueError("is nested too deeply")
    return content


def _inside(content: object) -> Iterable[object]:
    if isinstance(content, dict):
        return content.values()
    return content if isinstance(content, list) else ()


def _described(entries: list[Entry], plan: dict[str, Any], provenance: dict[str, Any]) -> Checked:
    json_text(plan).encode()  # a plan that cannot be written again is none
    files = {str(name): str(digest) for name, digest in provenance["objective"]["files"].items()}
    size = sum(entry.size for entry in entries)
    search, what = plan["search"], provenance["archive"]
    if not (SEARCH_NAME.fullmatch(search) and plan["config"]["search"] == search):
        raise ValueError("the name of the search is impossible")
    held = {entry.path for entry in entries}
    copied = frozenset(name for name in files if program_member(name) in held)
    return Checked(what, search, len(entries), size, plan, files, copied)


def _trials(found: Checked) -> dict[str, int]:
    """Trainings of each part of the plan."""
    trials = {part["part"]: int(part["trainings"]) for part in found.plan["parts"]}
    if not all(re.fullmatch(PART_NAME, name) for name in trials):
        raise ValueError("the names of its parts are impossible")
    return trials


def _first_lost(entries: list[Entry], found: Checked, trials: dict[str, int]) -> str | None:
    """The first file that the plan asks for and that is not there."""
    held = {entry.path for entry in entries}
    return next((name for name in required(trials, found.what) if name not in held), None)
