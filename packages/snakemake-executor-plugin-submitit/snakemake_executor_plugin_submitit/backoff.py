"""When to try again what failed, less and less often."""

import time
from collections import defaultdict
from collections.abc import Hashable

from snakemake_executor_plugin_submitit.batch import Batch
from snakemake_executor_plugin_submitit.verdicts import UNKNOWN, Row, Verdict

BACKOFF = (5.0, 120.0)
"""Seconds until the next try: at first, and at most."""

ALONE = 3
"""How often a full queue is believed in while no job of the user is in it."""

TRIES = 4
"""How often jobs are submitted that are refused for a reason unknown here."""

QUEUE = {"account", "clusters", "partition", "qos", "reservation"}
"""Options of sbatch that decide which limits on the queue apply."""


class Backoff:
    """One thing that is tried again and again."""

    def __init__(self) -> None:
        self.tries = 0
        """Failed tries in a row."""
        self.alone = 0
        """How many of the last tries failed although no job of the user was in the queue."""
        self._seconds = BACKOFF[0]
        self._next = 0.0
        self._reason = ""

    @property
    def is_due(self) -> bool:
        """Whether to try now."""
        return time.time() >= self._next

    def wait(self, reason: str) -> bool:
        """Try later. True if the reason is new and should be reported."""
        self.tries += 1
        self._next = time.time() + self._seconds
        self._seconds = min(2 * self._seconds, BACKOFF[1])
        new, self._reason = reason != self._reason, reason
        return new

    def hurry(self) -> None:
        """Try now."""
        self._next = 0.0


class Lanes:
    """Batches wait in lanes: a queue that is full for some is not full for the others."""

    def __init__(self) -> None:
        self._lanes: defaultdict[Hashable, Backoff] = defaultdict(Backoff)
        self._said: set[tuple[Hashable, str]] = set()

    def is_due(self, batch: Batch) -> bool:
        """Whether to submit a batch now."""
        return all(self._lanes[key].is_due for key in _keys(batch) if key in self._lanes)

    def is_given_up(self, batch: Batch, row: Row) -> bool:
        """Whether it has turned out that its queue never has room."""
        return self._lane(batch, row).alone >= ALONE

    def is_hopeless(self, batch: Batch, row: Row, *, alone: bool) -> bool:
        """Whether no waiting helps a batch that SLURM has not taken.

        Parameters
        ----------
        batch
            A single task.
        row
            What SLURM says, judged.
        alone
            Whether only the user's own jobs can fill the queue, and there are none.
        """
        lane = self._lane(batch, row)
        if row.verdict is Verdict.WAIT:
            lane.alone = lane.alone + 1 if alone else 0
            return lane.alone >= ALONE
        return row is not UNKNOWN or lane.tries >= TRIES - 1

    def wait(self, batch: Batch, row: Row, message: str) -> bool:
        """Try later. True if this was never reported, even if there was room in between."""
        self._lane(batch, row).wait(message)
        told = (_keys(batch)[0], message)
        new = told not in self._said
        self._said.add(told)
        return new

    def _lane(self, batch: Batch, row: Row) -> Backoff:
        queue, alike = _keys(batch)
        return self._lanes[queue if row.verdict is Verdict.WAIT else alike]

    def succeeded(self, batch: Batch) -> None:
        """Begin again: there was room."""
        for key in _keys(batch):
            self._lanes.pop(key, None)


def _keys(batch: Batch) -> tuple[Hashable, Hashable]:
    """The jobs of the same partition, account and QOS; those of a rule that ask for the same."""
    options = batch.resources.options
    return tuple(o for o in options if o[0] in QUEUE), (batch.rule, batch.resources)
