"""Submits a batch as tasks, through submitit's executors."""

import functools
import math
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import submitit
from submitit.core.utils import DelayedSubmission, JobPaths

from snakemake_executor_plugin_submitit import slurm, worker
from snakemake_executor_plugin_submitit.batch import Batch
from snakemake_executor_plugin_submitit.jobids import split_id, task_id
from snakemake_executor_plugin_submitit.ledger import OpenBatch
from snakemake_executor_plugin_submitit.verdicts import Verdict, judge

ENV = "/usr/bin/env"

START_WORKER = Path(worker.__file__).absolute().with_name("start_worker.py")

WARNING = 60
"""Seconds before the time limit at which a task may be queued again; less for short ones."""


class QueueFullError(Exception):
    """There is no room for this batch now."""


class SchedulerDownError(Exception):
    """SLURM does not answer (properly); whether it has taken the batch is unknown."""


class RefusedError(Exception):
    """SLURM will not take this batch."""


ERRORS = {
    Verdict.WAIT: QueueFullError,
    Verdict.RETRY: SchedulerDownError,
    Verdict.FAIL: RefusedError,
}


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
        # must not reach local tasks. Inherited by what this thread starts.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    if cluster != "slurm":
        calls = [_call(opened, offset, cluster) for offset in opened.offsets]
        jobs = _executor(opened, cluster).submit_array(calls)
        if cluster == "debug":
            for job in jobs:
                job.wait()
        return [job.job_id for job in jobs]
    try:
        return complete(opened, slurm.sbatch(_script(batch, opened, parallelism)))
    except slurm.AnswerError as error:
        raise SchedulerDownError(str(error).strip()) from None
    except slurm.SbatchError as error:
        message = str(error).strip()
        if not message:  # ended before it could say what has become of the jobs
            raise SchedulerDownError("sbatch was interrupted") from None
        raise ERRORS[judge(message).verdict](message) from None


def complete(opened: OpenBatch, array: str) -> list[str]:
    """Job ids of a batch that SLURM has, and the files that its tasks wait for.

    Also where its controller died before it could write them.
    """
    count = len(opened.offsets)
    job_ids = [array] if count == 1 else [task_id(array, index) for index in range(count)]
    for job_id, offset in zip(job_ids, opened.offsets, strict=True):
        path = JobPaths(opened.folder, split_id(job_id)[0]).submitted_pickle
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
    command = [sys.executable, "-IS", str(START_WORKER), str(opened.file.absolute()), str(offset)]
    if cluster == "debug":
        return functools.partial(subprocess.call, command)
    if cluster == "local":
        # submitit takes the GPUs away from processes that have not asked it for some.
        visible = os.environ.get("CUDA_VISIBLE_DEVICES")
        unset = ["-u", "CUDA_VISIBLE_DEVICES"]
        gpus = unset if visible is None else [f"CUDA_VISIBLE_DEVICES={visible}"]
        return functools.partial(os.execv, ENV, [ENV, *gpus, *command])
    return functools.partial(os.execv, sys.executable, command)


def _executor(opened: OpenBatch, cluster: str) -> submitit.Executor:
    if cluster == "debug":
        return submitit.DebugExecutor(opened.folder)
    # Time limits are for sharing a cluster, but submitit has one.
    executor = submitit.LocalExecutor(opened.folder)
    executor.update_parameters(timeout_min=60 * 24 * 365)
    return executor


def _script(batch: Batch, opened: OpenBatch, parallelism: int | None) -> Path:
    """Write submitit's script for the tasks of a batch."""
    # exec: the signals that SLURM sends to the batch script are the worker's. Without srun the
    # rule's own command can use it, and an end for lack of memory is reported as such.
    # -P: no module of the folder that Snakemake runs in takes the place of Python's own.
    python = f"exec {shlex.quote(sys.executable)} -P"
    executor = submitit.SlurmExecutor(opened.folder, python=python)
    parameters = batch.resources.parameters()
    minutes = batch.resources.minutes
    warning = min(WARNING, math.ceil(minutes * 60 / 10)) if minutes else WARNING
    parameters["additional_parameters"] |= {
        "signal": f"B:USR2@{warning}",
        "comment": batch.comment(opened.uid),
    }
    if "no-requeue" not in parameters["additional_parameters"]:
        parameters["additional_parameters"]["requeue"] = True
    executor.update_parameters(
        job_name=batch.name,
        use_srun=False,
        wckey=None,
        array_parallelism=parallelism or len(batch.tasks),
        **parameters,
    )
    if len(batch.tasks) > 1:
        executor.parameters["map_count"] = len(batch.tasks)
    script = opened.folder / "submission.sh"
    script.write_text(executor._make_submission_file_text(executor._submitit_command_str, ""))
    return script
