"""What becomes of tasks, asked of the scheduler: one query for all of them, whatever their number.

The scheduler's word comes second, after the pieces' own status files. It is asked in order to
notice tasks that have ended without them.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Protocol

import psutil
from submitit.slurm.slurm import SlurmInfoWatcher

from snakemake_executor_plugin_submitit.worker import GRACE

FINAL = {"BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "OUT_OF_MEMORY", "TIMEOUT"}
"""States that end a job."""

PASSING = {"NODE_FAIL", "PREEMPTED", "REQUEUED", "REVOKED"}
"""States in sacct that look like an end, but SLURM may queue the job again under the same id."""

GONE = "GONE"
"""The scheduler answers, and does not know the task (any more)."""

GROWTH = 1.5
"""How the time between two queries grows while nothing happens."""

SETTLE = 10.0
"""Seconds that an end has to last which SLURM may take back."""

TIMEOUT = 60.0
"""Seconds after which a query that hangs is given up."""


class Queue(Protocol):
    """A scheduler."""

    def states(self, job_ids: Collection[str], since: float) -> dict[str, str]:
        """The state of each task; those of which nothing can be learnt now are left out."""

    def find(self, uids: Collection[str]) -> dict[str, str]:
        """Job ids by the first word of the comment that they were submitted with."""

    def cancel(self, job_ids: Collection[str]) -> bool:
        """End tasks; whether that could be done."""


class SlurmQueue:
    """SLURM: sacct where there is accounting, squeue for what it does not tell."""

    def states(self, job_ids: Collection[str], since: float) -> dict[str, str]:
        """The state of each task; see `Queue`."""
        arrays = ",".join(sorted({job_id.partition("_")[0] for job_id in job_ids}))
        start = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(since - 3600))
        # By JobID (411_4): the raw id of an array's last task is that of the whole array.
        accounting = _ask("sacct", "-nXPS", start, "-o", "JobID,State", "-j", arrays)
        states = {job: s for job, s in (accounting or {}).items() if job in job_ids}
        unsure = [job_id for job_id in job_ids if states.get(job_id, GONE) in {GONE, *PASSING}]
        if unsure:
            queued = _ask("squeue", "-hr", "-o", "%i|%T", "-j", arrays)
            if queued is None:
                for job_id in unsure:
                    states.pop(job_id, None)
            else:
                states |= {j: queued.get(j) or states.get(j, GONE) for j in unsure}
        return states

    def find(self, uids: Collection[str]) -> dict[str, str]:
        """Job ids by comment; raises `OSError` when SLURM does not answer."""
        done = _run("squeue", "--me", "-h", "-t", "all", "-o", "%F|%k")
        if done is None or done.returncode:
            raise OSError("squeue does not answer")
        lines = (line.partition("|") for line in done.stdout.splitlines())
        known = ((comment.partition(" ")[0], job_id) for job_id, _, comment in lines)
        return {uid: job_id for uid, job_id in known if uid in uids}

    def cancel(self, job_ids: Collection[str]) -> bool:
        """End tasks in one call."""
        done = _run("scancel", *compact(job_ids))
        return done is not None and done.returncode == 0


class LocalQueue:
    """Processes on this machine: the job id is that of submitit's process for the task."""

    def states(self, job_ids: Collection[str], since: float) -> dict[str, str]:
        """The state of each task; see `Queue`."""
        return {job_id: "RUNNING" if _process(job_id) else "FAILED" for job_id in job_ids}

    def find(self, uids: Collection[str]) -> dict[str, str]:
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
    was_alive: bool = False

    def update(self, state: str, now: float) -> None:
        """Take note of the scheduler's word."""
        if state != self.state:
            self.state, self.since = state, now
        self.last = now
        self.was_alive |= not self.is_unsure and state not in FINAL

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

    def was_alive(self, job_id: str) -> bool:
        """Whether a task was seen waiting or running."""
        watched = self._watched.get(job_id)
        return watched is not None and watched.was_alive


_SUBMITIT = "submitit.local._local"


def _process(job_id: str) -> psutil.Process | None:
    try:
        process = psutil.Process(int(job_id))
        alive = process.status() != psutil.STATUS_ZOMBIE and _SUBMITIT in process.cmdline()
    except (ValueError, psutil.Error):
        return None
    return process if alive else None


def _ask(*command: str) -> dict[str, str] | None:
    """States by job id, ranges of pending tasks spelt out; None without an answer."""
    done = _run(*command)
    if done is None:
        return None
    if done.returncode and "Invalid job id" not in done.stderr:  # squeue: all of them have left
        return None
    table = SlurmInfoWatcher().read_info(f"JobID|State\n{done.stdout}")
    return {job_id: row["State"].split()[0].rstrip("+") for job_id, row in table.items()}


def _run(*command: str) -> "subprocess.CompletedProcess[str] | None":
    try:
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # the terminal's Ctrl-C is for the controller alone
        )
    except (OSError, subprocess.TimeoutExpired):
        return None


def compact(job_ids: Iterable[str]) -> list[str]:
    """The tasks of each array in one word, as scancel takes them: 411_[0,1,2]."""
    arrays: dict[str, list[str]] = {}
    for job_id in job_ids:
        array, _, task = job_id.partition("_")
        arrays.setdefault(array, []).extend([task] if task else [])
    return [f"{a}_[{','.join(tasks)}]" if tasks else a for a, tasks in arrays.items()]
