"""What becomes of tasks, asked of the scheduler: one query for all of them, whatever their number.

The scheduler's word comes second, after the pieces' own status files. It is asked in order to
notice tasks that have ended without them.
"""

import contextlib
import os
import re
import signal
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

import psutil

from snakemake_executor_plugin_submitit import slurm
from snakemake_executor_plugin_submitit.jobids import by_cluster, job_id_on
from snakemake_executor_plugin_submitit.states import FINAL, PASSING, read_states
from snakemake_executor_plugin_submitit.worker import GRACE

GONE = "GONE"
"""The scheduler answers, and does not know the task (any more)."""

GROWTH = 1.5
"""How the time between two queries grows while nothing happens."""

SETTLE = 10.0
"""Seconds that an end has to last which SLURM may take back."""


class Queue(Protocol):
    """A scheduler."""

    def states(self, job_ids: Collection[str], since: float) -> dict[str, str]:
        """The state of each task; those of which nothing can be learnt now are left out."""

    def find(self, uids: Mapping[str, str]) -> dict[str, str]:
        """Job ids of batches, of which the names and the clusters that may have them are given."""

    def cancel(self, job_ids: Collection[str]) -> bool:
        """End tasks; whether that could be done."""


class SlurmQueue:
    """SLURM: sacct where there is accounting, squeue for what it does not tell."""

    def states(self, job_ids: Collection[str], since: float) -> dict[str, str]:
        """The state of each task; see `Queue`."""
        return {
            job_id_on(job_id, cluster): state
            for cluster, here in by_cluster(job_ids).items()
            for job_id, state in _states_on(cluster, here, since).items()
        }

    def find(self, uids: Mapping[str, str]) -> dict[str, str]:
        """Job ids of batches; raises `OSError` when SLURM does not answer."""
        found: dict[str, str] = {}
        own = f"--user={os.getuid()}"
        for clusters in set(uids.values()):
            # The script's path too: some sites write comments of their own.
            done = slurm.call("squeue", own, "-tall", "-o%F|%o|%k", *slurm.on(clusters))
            if done is None or done.returncode:
                raise OSError("squeue does not answer")
            cluster = ""
            for line in done.stdout.splitlines():
                cluster = line.partition("CLUSTER: ")[2].strip() or cluster
                job_id = line.partition("|")[0].strip()
                if job_id.isdecimal():
                    words = set(re.split(r"[|/\s]+", line))
                    found |= dict.fromkeys(uids.keys() & words, job_id_on(job_id, cluster))
        return found

    def cancel(self, job_ids: Collection[str]) -> bool:
        """End tasks in one call a cluster."""
        done = [slurm.call(*command) for command in slurm.cancellations(job_ids)]
        return all(one is not None and one.returncode == 0 for one in done)


def _states_on(cluster: str, job_ids: Collection[str], since: float) -> dict[str, str]:
    arrays = ",".join(sorted({job_id.partition("_")[0] for job_id in job_ids}))
    where = [*slurm.on(cluster), "-j", arrays]
    start = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(since - 3600))
    # By JobID (411_4): the raw id of an array's last task is that of the whole array.
    accounting = _ask("sacct", "-nXPS", start, "-o", "JobID,State", *where)
    states = {job: s for job, s in (accounting or {}).items() if job in job_ids}
    unsure = [job_id for job_id in job_ids if states.get(job_id, GONE) in {GONE, *PASSING}]
    if unsure:
        queued = _ask("squeue", "-hr", "-tall", "-o", "%i|%T", *where)
        if queued is None:
            for job_id in unsure:
                states.pop(job_id, None)
        else:
            states |= {j: queued.get(j) or states.get(j, GONE) for j in unsure}
    return states


class LocalQueue:
    """Processes on this machine: the job id is that of submitit's process for the task."""

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


@dataclass
class Watched:
    """What the scheduler has said about a task: since when, and when last."""

    state: str = "UNKNOWN"
    since: float = 0.0
    last: float = 0.0

    def update(self, state: str, now: float) -> None:
        """Take note of the scheduler's word."""
        if state != self.state:
            self.state, self.since = state, now
        self.last = now

    @property
    def is_unsure(self) -> bool:
        """Whether it looks like an end, and asking again makes it one."""
        return self.state in {GONE, *PASSING}

    def is_over(self, now: float, grace: float) -> bool:
        """Whether nothing more is to be expected, `grace` seconds of late files included."""
        if self.state in FINAL:
            return now - self.since >= grace
        return self.is_unsure and self.last - self.since >= max(grace, SETTLE)


class Watch:
    """All tasks without a result: asks about them at once, and less often while nothing happens.

    Parameters
    ----------
    poll
        Seconds between two queries: at first, and at most.
    grace
        Seconds that a file may be late.
    """

    def __init__(self, poll: tuple[float, float], grace: float) -> None:
        self.poll = poll
        self.grace = grace
        self._interval = poll[0]
        self._next = 0.0
        self._watched: dict[str, Watched] = {}

    def look_within(self, seconds: float) -> None:
        """Ask soon again: there are new tasks."""
        self._interval = self.poll[0]
        self._next = time.time() + seconds

    def over(self, queue: Queue, job_ids: set[str], since: float) -> dict[str, str]:
        """The tasks from which nothing more is to be expected, and their states."""
        now = time.time()
        if job_ids and now >= self._next:
            for job_id, state in queue.states(job_ids, since).items():
                self._watched.setdefault(job_id, Watched()).update(state, now)
            unsure = any(w.is_unsure for t, w in self._watched.items() if t in job_ids)
            longer = min(self._interval * GROWTH, self.poll[1])
            self._interval = self.poll[0] if unsure else longer
            self._next = time.time() + self._interval
        watched = {t: self._watched[t] for t in job_ids & self._watched.keys()}
        return {t: w.state for t, w in watched.items() if w.is_over(now, self.grace)}


_SUBMITIT = "submitit.local._local"


def _process(job_id: str) -> psutil.Process | None:
    try:
        process = psutil.Process(int(job_id))
        alive = process.status() != psutil.STATUS_ZOMBIE and _SUBMITIT in process.cmdline()
    except (ValueError, psutil.Error):
        return None
    return process if alive else None


def _ask(*command: str) -> dict[str, str] | None:
    """States by job id; None without an answer."""
    done = slurm.call(*command)
    if done is None:
        return None
    if done.returncode and "Invalid job id" not in done.stderr:  # squeue: all of them have left
        return None
    return read_states(done.stdout)
