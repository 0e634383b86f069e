"""From a batch to running tasks, through submitit's executors."""

import functools
import math
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import submitit
from submitit.core.utils import DelayedSubmission, FailedJobError, FailedSubmissionError, JobPaths
from submitit.helpers import clean_env

from snakemake_executor_plugin_submitit import worker
from snakemake_executor_plugin_submitit.batch import Batch
from snakemake_executor_plugin_submitit.ledger import OpenBatch

ENV = "/usr/bin/env"

WARNING = 60
"""Seconds before the time limit at which a task may be queued again; less for short ones."""

FULL = re.compile(
    "MaxSubmitJob|MaxJobCount|submit job limit|job submit limit|Job violates accounting/QOS|"
    "temporarily unable to accept job",
    re.IGNORECASE,
)
"""What sbatch says when the queue has no room for so many jobs."""

NEVER = re.compile(r"Max\w*PerJob", re.IGNORECASE)
"""Limits that no waiting helps against."""

DOWN = re.compile(
    "Unable to contact slurm controller|Socket timed out|Connection (refused|reset|timed out)|"
    "Zero Bytes were transmitted|Resource temporarily unavailable|slurm_persist_conn|"
    "Communication connection failure|Protocol authentication error|Transport endpoint",
    re.IGNORECASE,
)
"""What sbatch says when SLURM does not answer (properly)."""


class QueueFullError(Exception):
    """There is no room for this batch now."""


class SchedulerDownError(Exception):
    """SLURM does not answer; whether it has taken the batch is unknown."""


class RefusedError(Exception):
    """SLURM will never take this batch."""


def submit(batch: Batch, opened: OpenBatch, cluster: str, parallelism: int | None) -> list[str]:
    """Submit a batch.

    Parameters
    ----------
    batch
        What to submit.
    opened
        Where it has been written down.
    cluster
        ``slurm``, ``local`` or ``debug``.
    parallelism
        How many of its tasks may run at a time.

    Returns
    -------
    list of str
        The job id of each task.
    """
    if cluster != "debug":
        # Ctrl-C in a terminal is for the controller, which then ends its jobs in good order; it
        # must not cut sbatch off, nor reach local tasks. Inherited by what this thread starts.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    calls = [_call(opened, offset, cluster) for offset in opened.offsets]
    executor = _executor(batch, opened, cluster, parallelism)
    try:
        with _as_outside_of_a_job():
            jobs = executor.submit_array(calls)
    except FailedSubmissionError as error:  # an answer that makes no sense
        raise SchedulerDownError(str(error).strip()) from None
    except FailedJobError as error:
        message = str(error).strip()
        if not message:  # killed before it could say what has become of the jobs
            raise SchedulerDownError("sbatch was interrupted") from None
        if FULL.search(message) and not NEVER.search(message):
            raise QueueFullError(message) from None
        raise (SchedulerDownError if DOWN.search(message) else RefusedError)(message) from None
    if cluster == "debug":
        for job in jobs:
            job.wait()
    return [job.job_id for job in jobs]


@contextmanager
def _as_outside_of_a_job() -> Iterator[None]:
    """Inside a job, sbatch would take that job's options for defaults."""
    if "SLURM_JOB_ID" not in os.environ:
        yield
        return
    configuration = os.environ.get("SLURM_CONF")
    with clean_env():
        if configuration:  # of the cluster, not of the job
            os.environ["SLURM_CONF"] = configuration
        yield


def complete(opened: OpenBatch, array: str) -> list[str]:
    """Job ids of a batch that SLURM has, but of which its controller could take no note.

    The controller died between sbatch and the files that the tasks wait for: they are written now.
    """
    count = len(opened.offsets)
    job_ids = [array] if count == 1 else [f"{array}_{index}" for index in range(count)]
    for job_id, offset in zip(job_ids, opened.offsets, strict=True):
        path = JobPaths(opened.folder, job_id).submitted_pickle
        if not path.exists():
            beside = path.with_suffix(".new")
            DelayedSubmission(_call(opened, offset, "slurm")).dump(beside)
            beside.rename(path)
    return job_ids


def _call(opened: OpenBatch, offset: int, cluster: str) -> Any:
    """What submitit calls on the node.

    The process that has loaded submitit becomes the worker: small, without its signal handlers, and
    without this package, which loads Snakemake.
    """
    file = Path(worker.__file__).absolute()
    command = [sys.executable, "-IS", str(file), str(opened.file.absolute()), str(offset)]
    if cluster == "debug":
        return functools.partial(subprocess.call, command)
    if cluster == "local":
        # submitit takes the GPUs away from processes that have not asked it for some.
        visible = os.environ.get("CUDA_VISIBLE_DEVICES")
        unset = ["-u", "CUDA_VISIBLE_DEVICES"]
        gpus = unset if visible is None else [f"CUDA_VISIBLE_DEVICES={visible}"]
        return functools.partial(os.execv, ENV, [ENV, *gpus, *command])
    return functools.partial(os.execv, sys.executable, command)


def _executor(
    batch: Batch, opened: OpenBatch, cluster: str, parallelism: int | None
) -> submitit.Executor:
    if cluster == "debug":
        return submitit.DebugExecutor(opened.folder)
    if cluster == "local":
        # Time limits are for sharing a cluster, but submitit has one.
        executor = submitit.LocalExecutor(opened.folder)
        executor.update_parameters(timeout_min=60 * 24 * 365)
        return executor
    # exec: the signals that SLURM sends to the batch script are the worker's. Without srun the
    # rule's own command can use it, and an end for lack of memory is told as such.
    # -P: no module of the folder that Snakemake runs in takes the place of Python's own.
    python = f"exec {shlex.quote(sys.executable)} -P"
    slurm = submitit.SlurmExecutor(opened.folder, python=python)
    parameters = batch.resources.parameters()
    minutes = batch.resources.minutes
    warning = min(WARNING, math.ceil(minutes * 60 / 10)) if minutes else WARNING
    parameters["additional_parameters"] |= {
        "signal": f"B:USR2@{warning}",
        "comment": batch.comment(opened.uid),
        "requeue": True,
    }
    slurm.update_parameters(
        job_name=batch.name,
        use_srun=False,
        wckey=None,
        array_parallelism=parallelism or len(batch.tasks),
        **parameters,
    )
    return slurm
