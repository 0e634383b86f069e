"""What becomes of tasks, asked of the scheduler: one query for all of them, whatever their number.

The scheduler's word comes second, after the pieces' own status files. It is asked in order to
notice tasks that have ended without them.
"""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from snakemake_executor_plugin_submitit.states import FINAL, GONE, PASSING

GROWTH = 1.5
"""How the time between two queries grows while nothing happens."""

SETTLE = 10.0
"""Seconds that an end has to last which SLURM may take back."""

SURE = 60.0
"""Seconds until what looks like an end is asked about again, at most."""


class Queue(Protocol):
    """A scheduler."""

    reasons: dict[str, str]
    """Why tasks wait, by the last query; a new dictionary each time."""

    def states(self, job_ids: Collection[str], since: float) -> dict[str, str]:
        """The state of each task; those of which nothing can be learnt now are left out."""

    def find(self, uids: Mapping[str, str]) -> dict[str, str]:
        """Job ids of batches, of which the names and the clusters that may have them are given."""

    def is_empty(self, clusters: str) -> bool:
        """Whether the user has no job in it, this executor's or others."""

    def cancel(self, job_ids: Collection[str]) -> bool:
        """End tasks; whether that could be done."""


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
        now = time.time()
        soon = now + seconds
        self._next = min(self._next, soon) if self._next > now else soon

    def over(self, queue: Queue, job_ids: set[str], since: float) -> dict[str, str]:
        """The tasks from which nothing more is to be expected, and their states."""
        now = time.time()
        if job_ids and now >= self._next:
            for job_id, state in queue.states(job_ids, since).items():
                self._watched.setdefault(job_id, Watched()).update(state, now)
            unsure = any(w.is_unsure for t, w in self._watched.items() if t in job_ids)
            longer = min(self._interval * GROWTH, self.poll[1])
            self._interval = min(self.poll[0], SURE) if unsure else longer
            self._next = time.time() + self._interval
        watched = {t: self._watched[t] for t in job_ids & self._watched.keys()}
        return {t: w.state for t, w in watched.items() if w.is_over(now, self.grace)}

    def was_alive(self, job_id: str) -> bool:
        """Whether a task was seen waiting or running."""
        watched = self._watched.get(job_id)
        return watched is not None and watched.was_alive
