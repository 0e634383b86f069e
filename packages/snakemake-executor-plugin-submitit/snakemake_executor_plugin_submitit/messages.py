"""Messages to users about their jobs."""

import contextlib
import os.path
from typing import Any

from snakemake_executor_plugin_submitit.batch import Batch
from snakemake_executor_plugin_submitit.failures import Outcome, printable
from snakemake_executor_plugin_submitit.ledger import OpenBatch

SNAKEMAKES_OWN = "DefaultStreamHandler"
"""What prints to the terminal unless a logger plugin does."""


def submission(batch: Batch, opened: OpenBatch) -> str:
    """One line about all jobs of a submission."""
    jobs = sum(map(len, batch.tasks))
    count, tasks = (f"{jobs} jobs" if jobs > 1 else "1 job"), len(batch.tasks)
    array = f" (an array of {tasks} tasks)" if tasks > 1 else ""
    job_id = opened.job_ids[0].partition("_")[0]
    where = f"SLURM job {job_id}{array}; logs: {opened.folder / 'logs'}"
    return printable(f"Submitted {count} of {batch.label}: {where}")


def failure(logger: Any, job: Any, outcome: Outcome) -> None:
    """Say why a job failed, where Snakemake's own message about it does not.

    That about a group has no reason. Loggers that are plugins may show the job's logs and nothing
    else. Files of the user are not written to.
    """
    make_logs(job)
    if outcome.log is not None:
        with contextlib.suppress(OSError), outcome.log.open("a", encoding="utf-8") as log:
            log.write(f"{outcome.message.splitlines()[0]}\n")
    shown = SNAKEMAKES_OWN in {handler.get_name() for handler in logger.handlers}
    if job.is_group() or not shown:
        logger.error(printable(f"Error in {describe(job)}: {outcome.message}"))


def make_logs(job: Any) -> None:
    """Create missing logs of a failed job, as Snakemake does, before loggers that need them run."""
    for log in (log for part in parts(job) for log in part.log):
        if not os.path.lexists(log):
            with contextlib.suppress(OSError):
                log.touch_or_create()


def parts(job: Any) -> list[Any]:
    """The jobs of a group, or the job itself."""
    return list(job.jobs) if job.is_group() else [job]


def describe(job: Any) -> str:
    """A job in words, for messages."""
    if job.is_group():
        return f"group {job.groupid}"
    wildcards = ", ".join(f"{name}={value}" for name, value in job.wildcards_dict.items())
    return f"rule {job.rule.name}" + (f" ({wildcards})" if wildcards else "")
