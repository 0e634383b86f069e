"""Archiving a stage, or a search that has ended."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harmonica_steps.archive import members, provenance
from harmonica_steps.archive.container import write
from harmonica_steps.archive.content import check_end, check_part
from harmonica_steps.archive.crate import Run, crate
from harmonica_steps.archive.manifest import LARGEST_MEMBER
from harmonica_steps.archive.progress import progress
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import json_text, read_bytes
from harmonica_steps.objective.program import continued, definition, training_key
from harmonica_steps.records.record import record_in
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.results.statuses import FAILURES

LARGEST_LOG = 2**16
"""Bytes at the end of a failed training's log that are kept."""


def archive(search: SearchRun, what: str) -> str:
    """Write ``archive/<what>.tar.zst`` in the folder of the search.

    Parameters
    ----------
    search
        The search.
    what
        Name of a stage, whose archive also holds the stages before; or ``search``, all of it.

    Returns
    -------
    str
        What to tell the user.

    Raises
    ------
    HarmonicaError
        When files are missing or damaged, or the records are not those of the program that is here.
    """
    folder = search.folder
    trials = {part.name: part.trials for part in search.parts}
    files = {name: members.file_of(folder.root, name) for name in members.required(trials, what)}
    if missing := [path for path in files.values() if not path.is_file()]:
        target = what.replace("-", "_") if what != members.WHOLE else "all"
        raise HarmonicaError(
            f"{missing[0]}: is not there, so {what} cannot be archived ({len(missing)} of "
            f"{len(files)} files are missing). Finish it first: snakemake {target}"
        )
    content = {
        name: read_bytes(path, LARGEST_MEMBER)
        for name, path in progress(list(files.items()), f"Reading {what}")
    }
    objective = definition(search.config.objective.model_dump(mode="json"))
    keys: dict[tuple[str, int], str | None] = {}
    covered = members.covered(trials, what)
    for part in covered:
        if search.why_skipped(part):
            check_part(search, part, [])
    runs = [
        _run(search, part, trials[part], content, objective, keys)
        for part in covered
        if not search.why_skipped(part)
    ]
    if what == members.WHOLE:
        check_end(search)
    content |= _about(search, what, objective, content, runs)
    path = members.archive_path(folder, what)
    write(path, content)
    size = sum(map(len, content.values()))
    return (
        f"{path}: {len(content)} members, {size:,} bytes as {path.stat().st_size:,} "
        f"({sum(run.trials for run in runs)} trainings, logs of the "
        f"{sum(run.failed for run in runs)} failed)"
    )


def _run(
    search: SearchRun,
    part: str,
    trials: int,
    content: dict[str, bytes],
    objective: dict[str, Any],
    keys: dict[tuple[str, int], str | None],
) -> Run:
    """Check the files of a part, and add the logs of trainings that failed to `content`."""
    folder, samples, records = search.folder, search.samples(part), []
    started, ended, failed = float("inf"), 0.0, 0
    for trial in range(trials):
        path = folder.record(part, trial)
        record = record_in(content[str(members.INSIDE.record(part, trial))], path)
        records.append(record)
        before = samples[trial]["continues"]
        earlier = keys.get((before["part"], before["trial"])) if before else None
        key = training_key(record, objective, earlier)
        keys[part, trial] = continued({**record, "key": key})
        if record["key"] != key:
            raise HarmonicaError(
                f"{path}: was produced by a different version of the training program, or was "
                "edited. An archive holds the program that produced its records: run this command "
                "in the directory in which you run snakemake, or run snakemake to retrain what "
                "has changed, or restore the earlier program."
            )
        begun = record["run"]["started"]
        started, ended = min(started, begun), max(ended, begun + record["run"]["seconds"])
        if record["status"] in FAILURES:
            failed += 1
            log = folder.training(part, trial).log
            if log.is_file():
                content[str(members.INSIDE.training(part, trial).log)] = _tail(log)
    check_part(search, part, records)
    return Run(part, trials, failed, _date(started), _date(ended))


def _tail(log: Path) -> bytes:
    with log.open("rb") as stream:
        stream.seek(max(log.stat().st_size - LARGEST_LOG, 0))
        return stream.read(LARGEST_LOG)


def _date(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _about(
    search: SearchRun,
    what: str,
    objective: dict[str, Any],
    content: dict[str, bytes],
    runs: list[Run],
) -> dict[str, bytes]:
    """The members that are not files of the search: where it comes from."""
    name, code = search.config.search, provenance.code()
    about = {
        members.PROVENANCE: json_text(
            {
                "archive": what,
                "search": name,
                "ended": max(run.ended for run in runs),
                "harmonica": code,
                "objective": objective,
            }
        ).encode(),
        members.REQUIREMENTS: provenance.requirements().encode(),
        **provenance.program_copies(objective["files"]),
    }
    sizes = {name: len(data) for name, data in sorted({**content, **about}.items())}
    about[members.CRATE] = crate(name, what, code["version"], runs, sizes).encode()
    return about
