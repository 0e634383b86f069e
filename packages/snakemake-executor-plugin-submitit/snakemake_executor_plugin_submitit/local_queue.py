"""Processes on this machine in place of a scheduler."""

import contextlib
import os
import signal
import time
from collections.abc import Collection, Mapping

import psutil

from snakemake_executor_plugin_submitit.worker import GRACE

_SUBMITIT = "submitit.local._local"


class LocalQueue:
    """Processes on this machine: the job id is that of submitit's process for the task."""

    def __init__(self) -> None:
        self.reasons: dict[str, str] = {}

    def states(self, job_ids: Collection[str], since: float) -> dict[str, str]:
        """The state of each task; see `Queue`."""
        return {job_id: "RUNNING" if _process(job_id) else "FAILED" for job_id in job_ids}

    def find(self, uids: Mapping[str, str]) -> dict[str, str]:
        """Job ids by batch: submitit's process is given the batch's folder."""
        found = {}
        for process in psutil.process_iter(["pid", "cmdline"]):
            for word in process.info["cmdline"] or ():
                uid = os.path.basename(word)  # noqa: PTH119
                if uid in uids and _SUBMITIT in process.info["cmdline"]:
                    found[uid] = str(process.info["pid"])
        return found

    def is_empty(self, clusters: str) -> bool:
        """See `Queue`; nothing is refused here."""
        return False

    def cancel(self, job_ids: Collection[str]) -> bool:
        """End tasks, their workers and the commands of these, which have sessions of their own."""
        end = time.monotonic() + GRACE + 5
        while time.monotonic() < end:
            processes = [process for job_id in job_ids if (process := _process(job_id))]
            if not processes:
                return True
            for process in processes:
                # submitit hands it to the worker. One that is just starting may miss it.
                with contextlib.suppress(psutil.Error):
                    process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
        return False


def _process(job_id: str) -> psutil.Process | None:
    try:
        process = psutil.Process(int(job_id))
        alive = process.status() != psutil.STATUS_ZOMBIE and _SUBMITIT in process.cmdline()
    except (ValueError, psutil.Error):
        return None
    return process if alive else None
