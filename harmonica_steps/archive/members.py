"""Which files of a search belong to an archive, and what they are called in it."""

import os.path
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from harmonica_steps.errors import HarmonicaError, near_miss
from harmonica_steps.results.paths import SearchFolder

WHOLE = "search"
"""The archive of the whole search; the others are named after their stage."""

MANIFEST = "manifest.json"
PROVENANCE = "provenance.json"
REQUIREMENTS = "requirements.txt"
CRATE = "ro-crate-metadata.json"

INSIDE = SearchFolder(Path("search"))
"""Folder of the search's files in an archive."""

PLAN = str(INSIDE.plan)

LONGEST_NAME = 200
DEEPEST = 20
"""Most folders that a member may be in; a file of a search is in six at most."""

_ALLOWED = re.compile(
    rf"{re.escape(PROVENANCE)}|{re.escape(REQUIREMENTS)}|{re.escape(CRATE)}"
    r"|(search|program)(/(?!\.\.?/|\.\.?$)[A-Za-z0-9_.+@=-]+)+"
)


def archive_path(folder: SearchFolder, what: str) -> Path:
    """The path of the archive of a stage or of the whole search."""
    return folder.root / "archive" / f"{what}.tar.zst"


def is_allowed(name: str) -> bool:
    """Whether an archive can hold a member of that name: relative, plain characters, no dots."""
    fits = len(name) <= LONGEST_NAME and name.count("/") <= DEEPEST
    return fits and _ALLOWED.fullmatch(name) is not None


def covered(trials: Mapping[str, int], what: str) -> list[str]:
    """The parts that an archive holds: all up to its stage, since the later ones build on them.

    Parameters
    ----------
    trials
        Number of trainings of every part, in order.
    what
        Name of a stage, or `WHOLE`.

    Raises
    ------
    HarmonicaError
        When there is no such stage.
    """
    names = list(trials)
    stages = [name for name in names if name.startswith("stage-")]
    if what == WHOLE:
        return names
    if what not in stages:
        raise HarmonicaError(f"{what!r} cannot be archived{near_miss(what, [*stages, WHOLE])}")
    return names[: names.index(what) + 1]


def required(trials: Mapping[str, int], what: str) -> Iterator[str]:
    """The files of the search without which an archive is not complete, by their member names."""
    for part in covered(trials, what):
        yield from map(str, _of_part(part, trials[part]))
    yield PLAN
    if what == WHOLE:
        table = INSIDE.table
        best = (INSIDE.best, INSIDE.configuration)
        yield from map(str, (*best, table, table.with_suffix(".tsv"), INSIDE.report))


def _of_part(part: str, trials: int) -> Iterator[Path]:
    samples, metrics = INSIDE.samples(part), INSIDE.metrics(part)
    yield from (samples, samples.with_suffix(".parquet"))
    yield from (INSIDE.record(part, trial) for trial in range(trials))
    yield from (metrics, metrics.with_suffix(".tsv"), INSIDE.runtime(part))
    if part.startswith("stage-"):
        stage = int(part.removeprefix("stage-"))
        yield from (INSIDE.psr(stage), INSIDE.frozen(stage))


def program_member(name: str) -> str:
    """The member for a file of the program."""
    return f"program/{os.path.normpath(name)}"


def first_extra(
    held: Iterable[str], trials: Mapping[str, int], what: str, program: Iterable[str]
) -> str | None:
    """The first member that an archive is not made of.

    Parameters
    ----------
    held
        The members, among which are all `required` ones.
    trials, what
        As for `covered`.
    program
        The names of the program's files.
    """
    needed = {PROVENANCE, REQUIREMENTS, CRATE, *required(trials, what)}
    needed.update(map(program_member, program))
    return next((name for name in held if (_record_of_log(name) or name) not in needed), None)


def _record_of_log(name: str) -> str | None:
    """The record of the training whose log a member is."""
    log = re.fullmatch(r"(.+)/work/(\d+)/log\.txt", name)
    return f"{log[1]}/trials/{log[2]}.json" if log else None


def is_of_search(member: str) -> bool:
    """Whether a member is a file of the search; the others describe the archive."""
    return member.startswith(f"{INSIDE.root}/")


def file_of(root: Path, member: str) -> Path:
    """The path of a file of the search, which may not exist yet."""
    return root / member.removeprefix(f"{INSIDE.root}/")
