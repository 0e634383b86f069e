"""Watches trainings as they end, and stops Snakemake when the first ones of a part fail alike.

A failed training is a record, not a failed job, so Snakemake itself would run a whole stage of a
program that cannot work.
"""

import logging
import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from harmonica_steps.objective.alike import Failed, FirstTrainings
from harmonica_steps.objective.sharing import noted
from harmonica_steps.records.part_name import PART_NAME
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.terminal import visible

WAITING = 0.05
"""Seconds between two checks whether Snakemake has started to schedule."""

LISTING = 5.0
"""Seconds within which an executor lists its jobs again after it has asked for their status."""


def stop_early(
    snakemake: Any, folder: SearchFolder, limits: Mapping[str, int], configuration: str
) -> None:
    """Have Snakemake end, with a message, when a part's first trainings have all failed alike.

    Also tell the user, once, when trainings do not share what they import.

    What has ended is kept. On this machine, trainings that run are finished; those that were
    submitted to a cluster are cancelled, as by Ctrl-C.

    Parameters
    ----------
    snakemake
        Its workflow.
    folder
        The search's folder.
    limits
        Of each part, how many failures are enough; 0 for never.
    configuration
        What ``harmonica try`` is given to read it.
    """
    first = {part: FirstTrainings(folder, part, limit) for part, limit in limits.items()}
    record = re.compile(rf"{re.escape(str(folder.root))}/({PART_NAME})/trials/(\d+)\.json")

    began, noticed = time.time(), False

    def ended(job: Any) -> None:
        nonlocal noticed
        if not noticed and (why := noted(folder, began)):
            noticed = True
            logging.getLogger("snakemake.logging").warning(why)
        for path in map(record.fullmatch, map(str, job.output)):
            if path and path[1] in first and (failed := first[path[1]].ended(int(path[2]))):
                message = about(failed, folder, limits[failed.part], configuration)
                _end(snakemake, message)

    _when_scheduling(snakemake, lambda: _call_at_each_end(snakemake.scheduler, ended))


def about(failed: Failed, folder: SearchFolder, limit: int, configuration: str) -> str:
    """What to tell the user, in lines."""
    key = failed.part.replace("stage-", "stages.") if "stage-" in failed.part else "final"
    message = "\n".join(
        [
            f"{failed.part}: the first {failed.failures} trainings have all failed in the same "
            "way. No more are started.",
            f"  {failed.status}: {failed.error}",
            f"  Log: {failed.log}",
            f"  Reproduce it: harmonica try {configuration} --trial {failed.part}/{failed.trial}",
            "  No results were lost. Fix the program and rerun the same command: trainings that "
            "read a changed\n  program file run again. After another kind of fix (a package, "
            "memory) also run:\n  "
            f"harmonica retry {folder.root} {failed.part} --failed",
            "  If objective.command or objective.metric is wrong, correct it and move "
            f"{folder.root} away.",
            f"  If you expect that many failures: {key}.failures.stop_after is {limit}; a "
            "larger number stops\n  later, 0 never.",
        ]
    )
    return visible(message, lines=True)


def _when_scheduling(snakemake: Any, act: Callable[[], None]) -> None:
    """Act as soon as Snakemake has a scheduler: not yet while it reads the Snakefile."""
    if snakemake.scheduler is not None:
        act()
        return

    def wait() -> None:
        while snakemake.scheduler is None:
            time.sleep(WAITING)
        act()

    threading.Thread(target=wait, daemon=True).start()


def _call_at_each_end(scheduler: Any, ended: Callable[[Any], None]) -> None:
    proceed = scheduler.finish_callback

    def finished(job: Any) -> None:
        for part in job.jobs if job.is_group() else [job]:
            ended(part)
        proceed(job)

    scheduler.finish_callback = finished


def _end(snakemake: Any, message: str) -> None:
    if snakemake.local_exec:
        logging.getLogger("snakemake.logging").error(message)
        snakemake.scheduler.exit_gracefully()
    else:  # not in this thread, which is the executor's own
        arguments = (snakemake.scheduler, message)
        threading.Thread(target=_cancel, args=arguments, daemon=True).start()


def _cancel(scheduler: Any, message: str) -> None:
    from snakemake_interface_common.exceptions import WorkflowError

    executor = scheduler._executor
    active: list[Any] = []
    end = time.monotonic() + LISTING
    while not active and time.monotonic() < end:
        time.sleep(WAITING)
        with executor.lock:
            active = list(executor.active_jobs)
    executor.cancel_jobs(active)
    scheduler.executor_error_callback(WorkflowError(message))
