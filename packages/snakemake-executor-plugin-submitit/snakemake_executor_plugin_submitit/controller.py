"""Keeps track of pieces from the moment they are ready to their end. Knows nothing of Snakemake."""

import contextlib
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

from snakemake_executor_plugin_submitit import failures
from snakemake_executor_plugin_submitit.batch import Batch, Piece
from snakemake_executor_plugin_submitit.command import remove
from snakemake_executor_plugin_submitit.failures import Outcome
from snakemake_executor_plugin_submitit.ledger import Ledger, OpenBatch
from snakemake_executor_plugin_submitit.polling import Queue, Watch
from snakemake_executor_plugin_submitit.slurm import cancellations
from snakemake_executor_plugin_submitit.submission import complete
from snakemake_executor_plugin_submitit.submitter import Submitter
from snakemake_executor_plugin_submitit.waiting import Waiting
from snakemake_executor_plugin_submitit.work import Active, Plan, Work


class Controller:
    """Submits, watches, adopts and cancels.

    `adopt`, `submit`, `close` and `cancel` are called by Snakemake's scheduler, `tick` again and
    again by another thread.
    """

    def __init__(
        self,
        plan: Plan,
        ledger: Ledger,
        queue: Queue,
        say: Callable[[str], None],
        tell: Callable[[Batch, OpenBatch], None] | None = None,
    ) -> None:
        self.plan = plan
        self.say = say
        self.ledger = ledger
        self.queue = queue
        self._left = ledger.left()
        self._active: Active = {}
        self._watch = watch = Watch(plan.poll, plan.grace)
        self._submitter = Submitter(
            plan,
            ledger,
            queue,
            self._active,
            say,
            tell,
            lambda: watch.look_within(plan.poll[0]),
        )
        self._lock = threading.RLock()
        self.cancelled = False
        self._waiting = Waiting()
        self._reasons = self.queue.reasons

    def adopt(self, piece: Piece, is_still_good: Callable[[], bool]) -> Work | None:
        """Continue what an earlier controller has left of this piece, if anything.

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
        self._submitter.add(works)
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
            submitted = self._submitter.submit_waiting()
            ended = self._read_statuses()
            self._ask()
            return submitted or ended

    def cancel(self) -> None:
        """End all tasks of this controller, and no other."""
        with self._lock:
            self.cancelled = True
            self._submitter.backoff.hurry()
            # Whatever is wrong with files, the tasks have to be ended.
            with contextlib.suppress(OSError, ValueError):
                self._find_lost()
                self._read_statuses()
            tasks = {w.job_id for works in self._active.values() for w in works.values()}
            running = sorted(filter(None, tasks))
            if running and not self.queue.cancel(running):
                by_hand = "; ".join(map(" ".join, cancellations(running)))
                self.say(
                    "The jobs could not be cancelled, because the scheduler does not answer. They "
                    "are still in the queue; rerun the same snakemake command to adopt them. To "
                    f"cancel them: {by_hand}"
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
        if not lost or not self._submitter.backoff.is_due:
            return
        try:
            found = self.queue.find({uid: b.about.get("clusters", "") for uid, b in lost.items()})
        except OSError as error:
            self._submitter.pause("SLURM does not answer", error)
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
        self._submitter.add([work])

    def _read_statuses(self) -> bool:
        """Results come first, whatever the scheduler says."""
        changed = False
        for batch, works in list(self._active.items()):
            if batch.job_ids or batch.ended():
                for number, ok in batch.ended().items():
                    if work := works.pop(number, None):
                        changed = True
                        if self.plan.nodes:
                            self.plan.nodes.started_well()
                        work.outcome = Outcome(True) if ok else failures.from_status(batch, number)
            if not works:
                del self._active[batch]
        return changed

    def _ask(self) -> None:
        """Ask the scheduler about tasks without results, and give up those that are over."""
        ids = (w.job_id for works in self._active.values() for w in works.values())
        since = min((batch.about["time"] for batch in self._active), default=0.0)
        over = self._watch.over(self.queue, {job_id for job_id in ids if job_id}, since)
        if self.queue.reasons is not self._reasons:
            self._reasons = self.queue.reasons
            for news in self._waiting.news(self._reasons):
                self.say(news)
        if over:
            self._read_statuses()
            for batch, works in self._active.items():
                for number, work in list(works.items()):
                    if work.job_id in over:
                        del works[number]
                        if work.adopted and not self._watch.was_alive(work.job_id):
                            self._submit_again(work)
                        else:
                            if self.plan.nodes and not batch.has_begun(number):
                                self.plan.nodes.could_not_start(work.job_id)
                            state = over[work.job_id]
                            work.outcome = failures.from_state(batch, number, state)
