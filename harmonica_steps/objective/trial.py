"""One trial: from a drawn sample to its record."""

import os
import resource
import signal
import sys
import time
from functools import partial
from pathlib import Path
from typing import IO, Any

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import write_json, write_text
from harmonica_steps.objective.child import Fork, Start, spawn
from harmonica_steps.objective.command import command_line
from harmonica_steps.objective.outcome import Outcome, judge
from harmonica_steps.objective.placeholders import environment, training_values
from harmonica_steps.objective.preload import loaded_program
from harmonica_steps.objective.sources import metric_source
from harmonica_steps.objective.supervise import supervise
from harmonica_steps.objective.surroundings import Surroundings, remove
from harmonica_steps.objective.task import Task
from harmonica_steps.objective.workdir import WorkDirectory
from harmonica_steps.records.record import ImportedTrial, Record, read_record
from harmonica_steps.results.aside import set_record_aside
from harmonica_steps.results.curve import read_curve
from harmonica_steps.results.paths import SearchFolder
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
    task = Task.read(folder, part, trial)
    if task.why_skipped is not None:
        write_text(task.record, "")  # Snakemake expects a file of each training
        return
    key = task.key  # what is wrong with the sample is reported before it has a directory
    work = WorkDirectory(folder.work(part, trial))
    with work.owned() as lock:
        if _is_done(task.record, key):
            work.mark_ended()  # it may have been killed between the record and this
            os.utime(task.record)  # Snakemake compares times: it is as new as what it is made of
            return
        deaths = _prepare(task, work)
        started = time.time()
        outcome = _outcome(task, work, lock, deaths, forked)
        content = _record(task, work, outcome, started, deaths)
        if not task.record.is_file():
            remove(task.record)  # whatever a training has put there
        write_json(task.record, content)
        work.mark_ended()


def _is_done(record: Path, key: str) -> bool:
    try:
        return record.is_file() and read_record(record)["key"] == key
    except HarmonicaError:
        return False  # damaged or of another version: train again


def _prepare(task: Task, work: WorkDirectory) -> int:
    """Make the directory ready, unless the training is resumed; how often it was killed so far."""
    deaths = work.deaths(task.key)
    if deaths is not None:
        return deaths
    if task.record.is_file() and task.record.stat().st_size > 0:  # 0: of a stage that was skipped
        set_record_aside(task.folder, task.part, task.trial)
    work.clear(None if task.source is None else task.folder.training(**task.source).checkpoint)
    return 0


def _outcome(task: Task, work: WorkDirectory, lock: IO[str], deaths: int, forked: bool) -> Outcome:
    if task.imported is not None:
        return _of_imported(work, task.imported)
    if task.original is not None:
        return _of_copied(work, task.original)
    if deaths >= task.objective["deaths"]:
        cause = f"its job died {deaths} times"
        return Outcome("killed", cause=cause, error=cause)
    work.mark_started(task.key, deaths + 1)
    outcome = _run(task, work, lock, deaths, forked)
    if outcome.status != "ok":
        _refuse_a_full_disk(work)
    return outcome


def _refuse_a_full_disk(work: WorkDirectory) -> None:
    """Raise if the disk is full: any training would fail on it, and leave half a checkpoint."""
    try:
        work.check_room()
    except OSError:
        work.mark_ended()
        raise


def _of_copied(work: WorkDirectory, original: Record) -> Outcome:
    """The outcome of a sample that another part has trained, which costs nothing."""
    same = f"the same as {original['part']}, trial {original['trial']}"
    work.log.write_text(f"Not trained again: {same}.\n", encoding="utf-8")
    return Outcome(original["status"], original["value"], original["metrics"])


def _of_imported(work: WorkDirectory, imported: ImportedTrial) -> Outcome:
    """The outcome of a sample that a study has trained."""
    origin = f"trial {imported['trial']} of the study {imported['study']!r}"
    work.log.write_text(f"Not trained here: {origin}.\n", encoding="utf-8")
    cause = imported["cause"]
    error = f"{cause} ({origin})" if cause else None
    return Outcome(imported["status"], imported["value"], cause=cause, error=error)


def _record(
    task: Task, work: WorkDirectory, outcome: Outcome, started: float, deaths: int
) -> dict[str, Any]:
    curve: Any = (
        read_curve(work.curve_file, task.objective["metric"])
        if task.original is None
        else task.original.get("curve")
    )
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = task.is_trained_here
    return {
        "part": task.part,
        "trial": task.trial,
        "key": task.key,
        **task.identity,
        "status": outcome.status,
        "value": outcome.value,
        "metrics": outcome.metrics or {},
        **({"curve": curve} if curve else {}),
        "cause": outcome.cause,
        "error": outcome.error,
        "log": str(work.log),
        "run": {
            "seconds": round(time.time() - started, 3),
            "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 3) if used else 0.0,
            "memory_mb": round(usage.ru_maxrss / KIB_PER_MB, 1) if used else 0.0,
            "host": os.uname().nodename,
            "job": os.environ.get("SLURM_JOB_ID"),
            "deaths": deaths,
            "started": round(started, 3),
        },
    }


def _run(task: Task, work: WorkDirectory, lock: IO[str], deaths: int, forked: bool) -> Outcome:
    objective = task.objective
    surroundings = Surroundings(task.folder.root, task.record, work.path)
    work.write_config(task.identity["configuration"])
    argv, about = invocation(objective, task.identity, task.names, work)
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
            work.mark_started(task.key, deaths)
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


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
