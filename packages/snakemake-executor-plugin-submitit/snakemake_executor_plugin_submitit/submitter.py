"""Submits pieces: in batches, as soon as SLURM takes them, or lets them fail if it never will."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace

from snakemake_executor_plugin_submitit import failures
from snakemake_executor_plugin_submitit.backoff import Backoff, Lanes
from snakemake_executor_plugin_submitit.batch import Batch, Piece
from snakemake_executor_plugin_submitit.ledger import Ledger, OpenBatch
from snakemake_executor_plugin_submitit.polling import Queue
from snakemake_executor_plugin_submitit.submission import (
    QueueFullError,
    RefusedError,
    SchedulerDownError,
    submit,
)
from snakemake_executor_plugin_submitit.verdicts import judge
from snakemake_executor_plugin_submitit.work import Active, Plan, Work

UNAVAILABLE = "Requested node configuration is not available"
"""What sbatch says when no node is left, among others."""


class Submitter:
    """What waits to be submitted.

    Parameters
    ----------
    plan, ledger, queue
        Those of the controller.
    active
        Where to enter what has been submitted.
    say
        Tells the user of trouble.
    tell
        Tells the user what has been submitted; None for no message.
    on_submission
        Called after each.
    """

    def __init__(
        self,
        plan: Plan,
        ledger: Ledger,
        queue: Queue,
        active: Active,
        say: Callable[[str], None],
        tell: Callable[[Batch, OpenBatch], None] | None,
        on_submission: Callable[[], None],
    ) -> None:
        self.plan = plan
        self.ledger = ledger
        self.queue = queue
        self.say = say
        self.tell = tell
        self.backoff = Backoff()
        """When to try again, for all calls of SLURM."""
        self._on_submission = on_submission
        self._active = active
        self._incoming: deque[Work] = deque()
        self._drafts: deque[Batch] = deque()
        self._works: dict[Piece, Work] = {}
        self._lanes = Lanes()

    def add(self, works: Iterable[Work]) -> None:
        """Take pieces, from any thread."""
        self._incoming.extend(works)

    def submit_waiting(self) -> bool:
        """Submit what is due and has room; whether there was anything."""
        arrived = [self._incoming.popleft() for _ in range(len(self._incoming))]
        works = {work.piece: work for work in arrived}
        self._works |= works
        self._drafts.extend(self.plan.packing.batches(list(works)))
        submitted, later = False, []
        while self._drafts and self.backoff.is_due and self._has_room(self._drafts[0]):
            batch = self._drafts.popleft()
            if self._lanes.is_due(batch):
                self._submit(batch)
                submitted = True
            else:
                later.append(batch)
        self._drafts.extendleft(reversed(later))
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
            self.pause(f"{self.ledger.folder} cannot be written", error)
            return
        pieces = [piece for task in batch.tasks for piece in task]
        works = {number: self._works[piece] for number, piece in enumerate(pieces)}
        for number, work in works.items():
            work.batch, work.number = opened, number
        sent = self._away_from_failed_nodes(batch)
        try:
            opened.submitted(submit(sent, opened, self.plan.cluster, self.plan.parallelism))
        except (QueueFullError, RefusedError) as error:
            self.ledger.drop(opened)
            for work in works.values():
                work.batch = None
            self._not_taken(batch, error, opened.about["clusters"])
            return
        except (SchedulerDownError, OSError) as error:
            # It may have been taken all the same: see _find_lost.
            self.pause(judge(str(error)).why, error)
        else:
            self.backoff = Backoff()
            self._lanes.succeeded(batch)
            if self.plan.nodes:
                self.plan.nodes.watch(opened.job_ids)
            if self.tell is not None:
                self.tell(batch, opened)
        self._active[opened] = works
        self._on_submission()
        for piece in pieces:
            del self._works[piece]

    def _away_from_failed_nodes(self, batch: Batch) -> Batch:
        if self.plan.nodes is None:
            return batch
        for earlier in self._active:  # adopted ones too
            self.plan.nodes.watch(earlier.job_ids)
        self.plan.nodes.look()
        return replace(batch, resources=self.plan.nodes.avoid(batch.resources))

    def _not_taken(self, batch: Batch, error: QueueFullError | RefusedError, clusters: str) -> None:
        """Try smaller arrays, wait for room, or let the jobs fail."""
        if UNAVAILABLE in str(error) and self.plan.nodes and self.plan.nodes.forgive():
            self._drafts.appendleft(batch)
            return
        row = judge(str(error))
        smaller = row.smaller or isinstance(error, QueueFullError)
        if smaller and len(batch.tasks) > 1 and not self._lanes.is_given_up(batch, row):
            self._drafts.extendleft(reversed(batch.halves()))
            return
        alone = row.own and not self._has_tasks() and self.queue.is_empty(clusters)
        if self._lanes.is_hopeless(batch, row, alone=alone):
            outcome = failures.refused(str(error), row)
            for piece in (piece for task in batch.tasks for piece in task):
                self._works.pop(piece).outcome = outcome
            return
        self._drafts.appendleft(batch)
        if self._lanes.wait(batch, row, str(error)):
            self._say_delayed(row.why, error)

    def _has_tasks(self) -> bool:
        return any(work.job_id for works in self._active.values() for work in works.values())

    def pause(self, why: str, error: Exception) -> None:
        """Leave SLURM alone for a while."""
        if self.backoff.wait(str(error)):
            self._say_delayed(why, error)

    def _say_delayed(self, why: str, error: Exception) -> None:
        said = failures.one_line(str(error))
        self.say(f"Submission delayed, will retry: {why} ({said or 'no message'})")
