"""Keeps track of pieces from the moment they are ready to their end. Knows nothing of Snakemake."""

import contextlib
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from snakemake_executor_plugin_submitit import failures
from snakemake_executor_plugin_submitit.batch import Batch, Packing, Piece
from snakemake_executor_plugin_submitit.failures import Outcome
from snakemake_executor_plugin_submitit.ledger import Ledger, OpenBatch
from snakemake_executor_plugin_submitit.status import LocalQueue, Queue, SlurmQueue, Watch, compact
from snakemake_executor_plugin_submitit.submission import (
    QueueFullError,
    RefusedError,
    SchedulerDownError,
    complete,
    submit,
)
from snakemake_executor_plugin_submitit.worker import remove

BACKOFF = (5.0, 120.0)
"""Seconds until SLURM is tried again: at first, and at most."""


@dataclass(frozen=True)
class Plan:
    """How a controller goes about its work."""

    cluster: str
    packing: Packing
    common: Mapping[str, Any]
    """What every worker has to know."""
    parallelism: int | None
    poll: tuple[float, float]
    """Seconds between two queries: at first, and at most."""
    grace: float
    """Seconds that a file may be late."""


@dataclass(eq=False)
class Work:
    """One piece on its way."""

    piece: Piece
    batch: OpenBatch | None = None
    number: int = 0
    outcome: Outcome | None = None
    adopted: bool = False
    """Whether an earlier controller has submitted it."""

    @property
    def job_id(self) -> str | None:
        """Its task in the scheduler's words, once known."""
        if self.batch is None or not self.batch.job_ids:
            return None
        return self.batch.job_ids[self.batch.owners[self.number][0]]


class Controller:
    """Submits, watches, adopts and cancels.

    `adopt`, `submit`, `close` and `cancel` are called by Snakemake's scheduler, `tick` again and
    again by another thread.
    """

    def __init__(
        self,
        plan: Plan,
        ledger: Ledger,
        say: Callable[[str], None],
        tell: Callable[[Batch, OpenBatch], None] | None = None,
    ) -> None:
        self.plan = plan
        self.say = say
        self.tell = tell
        self.ledger = ledger
        self.queue: Queue = SlurmQueue() if plan.cluster == "slurm" else LocalQueue()
        self._left = ledger.left()
        self._incoming: deque[Work] = deque()
        self._drafts: deque[Batch] = deque()
        self._works: dict[Piece, Work] = {}
        self._active: dict[OpenBatch, dict[int, Work]] = {}
        self._watch = Watch(plan.poll, plan.grace)
        self._lock = threading.RLock()
        self.cancelled = False
        self._backoff = BACKOFF[0]
        self._next_try = 0.0

    def adopt(self, piece: Piece, is_still_good: Callable[[], bool]) -> Work | None:
        """Go on with what an earlier controller has left of this very piece, if anything.

        What has failed before this controller started is not: the user may have fixed the cause.

        Parameters
        ----------
        piece
            What is to be done.
        is_still_good
            Asked about a piece that has ended well meanwhile.
        """
        left = self._left.get(piece.key)
        if left is None or left.digest != piece.digest or left.ended is False:
            return None
        if left.ended and not is_still_good():
            return None
        del self._left[piece.key]
        work = Work(piece, left.batch, left.number, adopted=True)
        with self._lock:
            self._active.setdefault(left.batch, {})[left.number] = work
            self._watch.look_within(0.0)
        return work

    def submit(self, pieces: Iterable[Piece]) -> list[Work]:
        """Submit pieces with the next tick."""
        wanted = list(pieces)
        works = [Work(piece) for piece in wanted]
        self._supersede(piece.key for piece in wanted)
        self._incoming.extend(works)
        return works

    def close(self, work: Work, *, well: bool = True) -> None:
        """Forget a piece whose end, good or not, Snakemake has on record."""
        if work.batch is not None and work.outcome is not None:
            # A piece that could not be closed is read again by the next controller, no more.
            with contextlib.suppress(OSError):
                self.ledger.close(work.batch, work.number, well=well and work.outcome.ok)

    def tick(self) -> bool:
        """Do what is to be done now; whether anything has changed."""
        with self._lock:
            if self.cancelled:
                return False
            self._find_lost()
            submitted = self._submit_waiting()
            ended = self._read_statuses()
            self._ask()
            return submitted or ended

    def cancel(self) -> None:
        """End all tasks of this controller, and no other."""
        with self._lock:
            self.cancelled = True
            self._next_try = 0.0
            # Whatever is wrong with files, the tasks have to be ended.
            with contextlib.suppress(OSError, ValueError):
                self._find_lost()
                self._read_statuses()
            tasks = {w.job_id for works in self._active.values() for w in works.values()}
            running = sorted(filter(None, tasks))
            if running and not self.queue.cancel(running):
                self.say(
                    "The scheduler could not be told to end the jobs. They are still in the queue; "
                    f"the same snakemake command takes them over. To end them: "
                    f"scancel {' '.join(compact(running))}"
                )
                return
            for works in list(self._active.values()):
                for work in works.values():
                    work.outcome = Outcome(False)
                    self.close(work)
            self._active.clear()

    def _supersede(self, keys: Iterable[str]) -> None:
        """Stop what an earlier controller has left of jobs that are now to be done differently."""
        batches: dict[OpenBatch, set[int]] = defaultdict(set)
        for key in keys:
            if old := self._left.pop(key, None):
                old.batch.stop(old.number)
                batches[old.batch].add(old.batch.owners[old.number][0])
                self.ledger.close(old.batch, old.number, well=False)
        useless = []
        for batch, tasks in batches.items():
            wanted = batch.tasks_under_way() if batch.folder.exists() else set()
            useless += [batch.job_ids[task] for task in tasks - wanted if batch.job_ids]
        if useless:
            self.queue.cancel(useless)

    def _find_lost(self) -> None:
        """Learn the job ids of batches whose submission was cut off."""
        lost = {batch.uid: batch for batch in self._active if not batch.job_ids}
        if not lost or time.time() < self._next_try:
            return
        try:
            found = self.queue.find(lost)
        except OSError as error:
            self._wait_longer(str(error))
            return
        for uid, batch in lost.items():
            if uid in found:
                batch.submitted(complete(batch, found[uid]))
                continue
            self._read_statuses()
            for work in self._active.pop(batch, {}).values():
                self._submit_again(work)

    def _submit_again(self, work: Work) -> None:
        """Submit what an earlier controller's task has not brought to an end."""
        if work.batch is not None:
            self.ledger.close(work.batch, work.number, well=False)
        for path in work.piece.spec.get("outputs", ()):
            remove(Path(path))
        work.batch, work.adopted = None, False
        self._incoming.append(work)

    def _submit_waiting(self) -> bool:
        arrived = [self._incoming.popleft() for _ in range(len(self._incoming))]
        works = {work.piece: work for work in arrived}
        self._works |= works
        self._drafts.extend(self.plan.packing.batches(list(works)))
        submitted = False
        while self._drafts and time.time() >= self._next_try and self._has_room(self._drafts[0]):
            self._submit(self._drafts.popleft())
            submitted = True
        return submitted

    def _has_room(self, batch: Batch) -> bool:
        """Whether this machine has processors for a task; SLURM has a queue."""
        if self.plan.packing.processors is None or not self._active:
            return True
        busy = sum(b.about["cpus"] for b, works in self._active.items() if works)
        return bool(busy + batch.resources.cpus <= self.plan.packing.processors)

    def _submit(self, batch: Batch) -> None:
        try:
            opened = self.ledger.open(batch, dict(self.plan.common))
        except OSError as error:
            self._drafts.appendleft(batch)
            self._wait_longer(f"{self.ledger.folder}: {error.strerror}")
            return
        pieces = [piece for task in batch.tasks for piece in task]
        works = {number: self._works[piece] for number, piece in enumerate(pieces)}
        for number, work in works.items():
            work.batch, work.number = opened, number
        try:
            opened.submitted(submit(batch, opened, self.plan.cluster, self.plan.parallelism))
        except QueueFullError as error:
            self.ledger.drop(opened)
            if len(batch.tasks) > 1:
                self._drafts.extendleft(reversed(batch.halves()))
            else:
                self._drafts.appendleft(batch)
                self._wait_longer(f"the queue is full ({error})")
            return
        except (SchedulerDownError, OSError) as error:
            # It may have been taken all the same: see _find_lost.
            self._wait_longer(f"the scheduler does not answer ({error})")
        except RefusedError as error:
            self.ledger.drop(opened)
            for work in works.values():
                work.batch, work.outcome = None, failures.refused(str(error))
            return
        else:
            self._backoff = BACKOFF[0]
            if self.tell is not None:
                self.tell(batch, opened)
        self._active[opened] = works
        self._watch.look_within(self.plan.poll[0])
        for piece in pieces:
            del self._works[piece]

    def _wait_longer(self, reason: str) -> None:
        if self._backoff == BACKOFF[0]:
            self.say(f"Waiting to submit jobs, trying again by and by: {reason}")
        self._next_try = time.time() + self._backoff
        self._backoff = min(2 * self._backoff, BACKOFF[1])

    def _read_statuses(self) -> bool:
        """Results come first, whatever the scheduler says."""
        changed = False
        for batch, works in list(self._active.items()):
            if batch.job_ids or batch.ended():
                for number, ok in batch.ended().items():
                    if work := works.pop(number, None):
                        changed = True
                        work.outcome = Outcome(True) if ok else failures.from_status(batch, number)
            if not works:
                del self._active[batch]
        return changed

    def _ask(self) -> None:
        """Ask the scheduler about tasks without results, and give up those that are over."""
        ids = (w.job_id for works in self._active.values() for w in works.values())
        since = min((batch.about["time"] for batch in self._active), default=0.0)
        over = self._watch.over(self.queue, {job_id for job_id in ids if job_id}, since)
        if over:
            self._read_statuses()
            for batch, works in self._active.items():
                for number, work in list(works.items()):
                    if work.job_id in over:
                        del works[number]
                        if work.adopted and not self._watch.was_alive(work.job_id):
                            self._submit_again(work)
                        else:
                            state = over[work.job_id]
                            work.outcome = failures.from_state(batch, number, state)
