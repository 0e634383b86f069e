"""What an archive will run when its search is resumed, so that users can decide about that."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from harmonica_steps.archive.check import Checked
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import file_digest

LONGEST = 2000
"""Characters of a value; the plan has all of it."""

MOST = 20
"""Files that are named."""

RUNS = ("command", "callable", "preload")
"""Keys of ``objective`` that name what runs."""


def what_runs(found: Checked) -> str:
    """What runs on this machine when the search of an archive is resumed, one line each."""
    lines = [f"  {key}: {_shown(value)}" for key, value in _values(found.plan["config"])]
    if not lines:
        lines = ["  nothing: the configuration in it names no program"]
    lines += _about_files(found)
    return "\n".join(
        ["When it is resumed, snakemake runs this on this machine, with your rights:", *lines]
    )


def _about_files(found: Checked) -> Iterator[str]:
    """The program's files; what runs is what is here, not the copies in the archive."""
    here = {name: digest_here(name) for name in found.files}
    groups = {
        "different here": [n for n, d in here.items() if d not in (None, found.files[n])],
        "not here, copies in the archive": [
            n for n, d in here.items() if d is None and n in found.copied
        ],
        "not here, nor in the archive": [
            n for n, d in here.items() if d is None and n not in found.copied
        ],
    }
    same = sum(digest == found.files[name] for name, digest in here.items())
    if same:
        yield f"  program files as archived: {same}"
    yield from (
        f"  program files {what}: {shown_names(names)}" for what, names in groups.items() if names
    )


def digest_here(name: str) -> str | None:
    """SHA-256 of a file of the program, None where there is no such file, or no name of one."""
    try:
        return file_digest(Path(name)) if Path(name).is_file() else None
    except (OSError, ValueError, HarmonicaError):
        return None


def _values(config: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """The keys of a configuration, as another may have made it, that name what runs or is read."""
    objective = _mapping(config.get("objective"))
    yield from ((f"objective.{key}", objective[key]) for key in RUNS if objective.get(key))
    final = _mapping(config.get("final"))
    if final.get("sampler"):
        yield "final.sampler (a class of Optuna's)", final["sampler"]
    stages = config.get("stages")
    first = _mapping(stages[0]) if isinstance(stages, list) and stages else {}
    if study := _mapping(first.get("study")).get("path"):
        yield "stages.1.study.path (is read)", study
    if isinstance(config.get("start"), str):
        yield "start (is read)", config["start"]


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _shown(value: object) -> str:
    text = value if isinstance(value, str) and value.isprintable() else repr(value)
    if len(text) <= LONGEST:
        return text
    return f"{text[:LONGEST]} ... ({len(text):,} characters; all of it is in plan.json)"


def shown_names(names: list[str]) -> str:
    """Names of files, escaped, the first of many."""
    more = f" and {len(names) - MOST:,} more" if len(names) > MOST else ""
    return ", ".join(repr(name)[:200] for name in names[:MOST]) + more
