"""One trial: from a drawn sample to its record."""

import os
import resource
import signal
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

from harmonica_steps.errors import HarmonicaError, near_miss
from harmonica_steps.files import write_json, write_text
from harmonica_steps.objective.child import Fork, Start, spawn
from harmonica_steps.objective.command import (
    command_line,
    environment,
    setting_names,
    training_values,
)
from harmonica_steps.objective.outcome import Outcome, judge
from harmonica_steps.objective.preload import loaded_program
from harmonica_steps.objective.program import UNTRAINED, continued, definition, training_key
from harmonica_steps.objective.sources import metric_source
from harmonica_steps.objective.supervise import supervise
from harmonica_steps.objective.surroundings import Surroundings, remove
from harmonica_steps.objective.workdir import WorkDirectory
from harmonica_steps.records.record import Copied, ImportedTrial, Place, Record, read_record
from harmonica_steps.records.sample import read_sample, why_skipped
from harmonica_steps.results.aside import set_record_aside
from harmonica_steps.results.curve import read_curve
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.results.planned import read_plan
from harmonica_steps.terminal import warn

KIB_PER_MB = 1e6 / 1024
"""Linux counts memory in KiB, SLURM and Snakemake in MB."""


def train(folder: SearchFolder, part: str, trial: int, *, forked: bool = False) -> None:
    """Train one sample and write its record, unless a record of just this training is there.

    Whatever the training does (crash, hang, return NaN or garbage) becomes a record. If this
    process itself is killed the training resumes from its checkpoint at the next start.

    Parameters
    ----------
    folder
        The search's folder.
    part
        Name of the stage or rung.
    trial
        Index of the sample.
    forked
        Whether this process has loaded the training's program, and forks it.

    Raises
    ------
    HarmonicaError
        When the trial cannot be started, or its record cannot be written.
    """
    plan = read_plan(folder)
    objective = plan["config"]["objective"]
    settings = next((p for p in plan["parts"] if p["part"] == part), None)
    if settings is None:
        names = [p["part"] for p in plan["parts"]]
        raise HarmonicaError(f"{part!r} is not a part of this search{near_miss(part, names)}")
    record = folder.record(part, trial)
    if why_skipped(folder.samples(part)):
        write_text(record, "")  # Snakemake expects a file of each training
        return
    sample = read_sample(folder.samples(part), trial)
    identity: dict[str, Any] = {
        "configuration": sample["configuration"],
        "seed": sample["seed"],
        "budget": settings["budget"],
    }
    untrained: Any = {name: value for name, value in sample.items() if name in UNTRAINED}
    identity |= untrained
    source = sample["continues"] or _place(untrained.get("copied"))
    before = _continued(folder, source)
    key = training_key(identity, definition(objective), continued(before))
    work = WorkDirectory(folder.work(part, trial))
    with work.owned() as lock:
        if _is_done(record, key):
            work.mark_ended()  # it may have been killed between the record and this
            os.utime(record)  # Snakemake compares times: the record is as new as what it is made of
            return
        deaths = work.deaths(key)
        if deaths is None:
            if record.is_file() and record.stat().st_size:
                set_record_aside(folder, part, trial)
            inherit = folder.training(**source).checkpoint if source else None
            work.clear(inherit)
        started = time.time()
        if "imported" in sample:
            outcome = _of_imported(work, sample["imported"])
        elif "copied" in sample and before:
            outcome = _of_copied(work, sample["copied"], before)
        elif deaths is not None and deaths >= objective["deaths"]:
            cause = f"its job died {deaths} times"
            outcome = Outcome("killed", cause=cause, error=cause)
        else:
            work.mark_started(key, (deaths or 0) + 1)
            names = setting_names(plan["config"]["space"], (p["fidelity"] for p in plan["parts"]))
            around = Surroundings(folder.root, record, work.path)
            outcome = _run(objective, identity, names, work, lock, key, deaths or 0, forked, around)
            if outcome.status != "ok":
                # On a full disk any training fails, which says nothing about its configuration,
                # and leaves half a checkpoint.
                try:
                    work.check_room()
                except OSError:
                    work.mark_ended()
                    raise
        curve: Any = read_curve(work.curve_file, objective["metric"])
        if untrained and before:
            curve = before.get("curve")
        seconds = time.time() - started
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = 0.0 if untrained else usage.ru_utime + usage.ru_stime
        if not record.is_file():
            remove(record)  # whatever a training has put there
        write_json(
            record,
            {
                "part": part,
                "trial": trial,
                "key": key,
                **identity,
                "status": outcome.status,
                "value": outcome.value,
                "metrics": outcome.metrics or {},
                **({"curve": curve} if curve else {}),
                "cause": outcome.cause,
                "error": outcome.error,
                "log": str(work.log),
                "run": {
                    "seconds": round(seconds, 3),
                    "cpu_seconds": round(spent, 3),
                    "memory_mb": 0.0 if untrained else round(usage.ru_maxrss / KIB_PER_MB, 1),
                    "host": os.uname().nodename,
                    "job": os.environ.get("SLURM_JOB_ID"),
                    "deaths": deaths or 0,
                    "started": round(started, 3),
                },
            },
        )
        work.mark_ended()


def _run(
    objective: dict[str, Any],
    identity: dict[str, Any],
    names: list[str],
    work: WorkDirectory,
    lock: Any,
    key: str,
    deaths: int,
    forked: bool,
    surroundings: Surroundings,
) -> Outcome:
    work.write_config(identity["configuration"])
    argv, about = invocation(objective, identity, names, work)
    # The environment that runs Harmonica also runs `python` in a command, activated or not.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    about["PATH"] = path
    start: Start = partial(spawn, argv, about)
    if forked:
        start = partial(Fork, loaded_program(objective, argv), about)
    metric, timeout = objective["metric"], objective["timeout"]
    signal.signal(signal.SIGTERM, _interrupt)
    with work.open_log() as log:
        read = metric_source(objective, work)
        try:
            returncode = supervise(start, log, lock, timeout)
        except (KeyboardInterrupt, HarmonicaError):
            # An end from outside, or no start at all, is not the training's doing: no death.
            surroundings.restore()
            work.mark_started(key, deaths)
            raise
        damage = surroundings.restore()
        work.keep_log(log)
    accept = objective.get("accept_result", False)
    outcome = judge(returncode, read, metric, work.log, timeout=timeout, accept_result=accept)
    if damage is None:
        return outcome
    warn(f"harmonica: training {work.path.name}: {damage} by its program; put back.")
    return outcome if outcome.status == "ok" else outcome.after(damage)


def invocation(
    objective: dict[str, Any], identity: dict[str, Any], names: list[str], work: WorkDirectory
) -> tuple[list[str], dict[str, str]]:
    """The command of a training, and the environment variables that go with it.

    Parameters
    ----------
    objective
        The ``objective`` section of the configuration.
    identity
        With the ``configuration``, the ``seed`` and the ``budget`` of the training.
    names
        Of all settings that some training may have, see `setting_names`.
    work
        Its directory.
    """
    values = training_values(identity, WorkDirectory(work.path.absolute()))
    variables = {**environment(objective, values), "PYTHONHASHSEED": "0"}
    return command_line(objective, values, identity["configuration"], names), variables


def _place(copied: Copied | None) -> Place | None:
    """Part and trial of the training that a sample is a copy of."""
    return {"part": copied["part"], "trial": copied["trial"]} if copied else None


def _of_copied(work: WorkDirectory, copied: Copied, before: Record) -> Outcome:
    """The outcome of a sample that another part has trained, which costs nothing."""
    same = f"the same as {copied['part']}, trial {copied['trial']}"
    work.log.write_text(f"Not trained again: {same}.\n", encoding="utf-8")
    return Outcome(before["status"], before["value"], before["metrics"])


def _of_imported(work: WorkDirectory, imported: ImportedTrial) -> Outcome:
    """The outcome of a sample that a study has trained."""
    origin = f"trial {imported['trial']} of the study {imported['study']!r}"
    work.log.write_text(f"Not trained here: {origin}.\n", encoding="utf-8")
    cause = imported["cause"]
    error = f"{cause} ({origin})" if cause else None
    return Outcome(imported["status"], imported["value"], cause=cause, error=error)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _continued(folder: SearchFolder, continues: Place | None) -> Record | None:
    return read_record(folder.record(**continues)) if continues else None


def _is_done(record: Path, key: str) -> bool:
    try:
        return record.is_file() and read_record(record)["key"] == key
    except HarmonicaError:
        return False  # damaged or of another version: train again
