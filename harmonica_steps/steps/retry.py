"""Trainings that are to be repeated, with the same configurations and seeds."""

import json
import os
import subprocess
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import write_text
from harmonica_steps.launch import snakemake, snakemake_command
from harmonica_steps.records.record import read_record
from harmonica_steps.results.aside import set_record_aside
from harmonica_steps.results.search_run import SearchRun

SCRATCH = Path(".snakemake/harmonica")
"""Folder for other files, in the folder that snakemake runs in."""

DAMAGED = "damaged"
"""How a record that cannot be read counts."""


def retry(search: SearchRun, name: str, statuses: set[str], trials: Iterable[range]) -> list[int]:
    """Set records of a part aside, so that the workflow trains their samples again.

    Parameters
    ----------
    search
        The search.
    name
        The stage or rung.
    statuses
        Every training that ended so.
    trials
        These trainings as well.

    Returns
    -------
    list of int
        The trainings, in order.

    Raises
    ------
    HarmonicaError
        When a training does not exist or has not ended, or there is none to retry.
    """
    part = search.part(name)
    if why := search.why_skipped(name):
        raise HarmonicaError(f"{name} is skipped, because {why}: there is nothing to retry.")
    paths = {trial: search.folder.record(name, trial) for trial in range(part.trials)}
    ended = {trial: _status(path) for trial, path in paths.items() if os.path.lexists(path)}
    wanted = _members(trials, part.trials)
    if unknown := sorted(wanted - ended.keys()):
        raise HarmonicaError(
            f"{name}: training {unknown[0]} has no record. It has trainings 0 to "
            f"{part.trials - 1}; those without a record run with the next snakemake anyway."
        )
    chosen = [trial for trial, status in ended.items() if status in statuses or trial in wanted]
    if not chosen:
        counts = ", ".join(f"{n} {status}" for status, n in Counter(ended.values()).most_common())
        raise HarmonicaError(
            f"{name}: no training to retry with status {' or '.join(sorted(statuses))}; "
            f"there are {counts or 'no records yet'}."
        )
    for trial in chosen:
        set_record_aside(search.folder, name, trial)
    return chosen


def _members(trials: Iterable[range], count: int) -> set[int]:
    """The numbers in some ranges, of which there may be many: those below `count`, and one more."""
    marked = bytearray(count)
    beyond = set()
    for some in trials:
        inside = range(min(some.start, count), min(some.stop, count))
        marked[inside.start : inside.stop] = b"\1" * len(inside)
        if some.stop > count:
            beyond = {max(some.start, count)}
    return {trial for trial in range(count) if marked[trial]} | beyond


def _status(path: Path) -> str:
    try:
        return read_record(path)["status"]
    except HarmonicaError:
        return DAMAGED


def run_workflow(search: SearchRun, name: str, trials: list[int], options: list[str]) -> None:
    """Run snakemake until the part is complete, and then to the end.

    Snakemake plans before it runs: in one pass everything after a training would count as outdated.
    In two passes it sees whether the bytes of the table are what they were.

    Parameters
    ----------
    search
        The search.
    name
        The stage or rung.
    trials
        Its trainings without a record.
    options
        Of snakemake. Without ``--configfile`` the search continues with the configuration it has.

    Raises
    ------
    HarmonicaError
        When snakemake fails; it has said why.
    """
    if not any(option.startswith("--configfile") for option in options):
        config = SCRATCH / f"{search.config.search}.json"
        write_text(config, json.dumps(search.config.model_dump(mode="json"), indent=2))
        options = ["--configfile", str(config), *options]
    here = any(Path(name).is_file() for name in ("Snakefile", "workflow/Snakefile"))
    if here or {"-s", "--snakefile"} & set(options):
        start = [*snakemake(), *options]
    else:
        start = snakemake_command([], options)
    missing = [str(search.folder.record(name, trial)) for trial in trials]
    for targets in ([*missing, str(search.folder.metrics(name))], []):
        command = [*start, "--", *targets]
        if subprocess.run(command, check=False).returncode != 0:
            raise HarmonicaError(
                "snakemake failed, see above. Finished trainings are kept; the next snakemake "
                "resumes."
            )
