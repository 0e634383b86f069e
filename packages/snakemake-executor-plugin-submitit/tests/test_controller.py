"""What is believed about tasks, with a scheduler that says what the test wants."""

import time
from collections.abc import Collection
from pathlib import Path

import pytest
from snakemake_executor_plugin_submitit import controller, submitter
from snakemake_executor_plugin_submitit.batch import Batch, Packing, Piece
from snakemake_executor_plugin_submitit.controller import Controller
from snakemake_executor_plugin_submitit.ledger import Ledger, LedgerError, OpenBatch
from snakemake_executor_plugin_submitit.resources import Resources
from snakemake_executor_plugin_submitit.submission import (
    QueueFullError,
    RefusedError,
    SchedulerDownError,
)
from snakemake_executor_plugin_submitit.work import Plan, Work


class Scheduler:
    """Takes batches, answers with `state`, moves its own clock."""

    def __init__(self) -> None:
        self.state: str | None = "RUNNING"
        self.now = 1000.0
        self.trouble: list[Exception] = []
        self.taken: list[list[int]] = []
        self.known: dict[str, str] = {}
        self.cancelled: list[str] = []
        self.questions = 0
        self.deaf = False
        self.said: list[str] = []
        self.reasons: dict[str, str] = {}
        self.empty = False

    def is_empty(self, clusters: str) -> bool:
        return self.empty

    def time(self) -> float:
        return self.now

    def submit(self, batch: Batch, opened: OpenBatch, *_: object) -> list[str]:
        if self.trouble:
            raise self.trouble.pop(0)
        self.taken.append([len(task) for task in batch.tasks])
        return [f"{len(self.taken)}_{index}" for index in range(len(batch.tasks))]

    def states(self, job_ids: Collection[str], since: float) -> dict[str, str]:
        self.questions += 1
        return dict.fromkeys(job_ids, self.state) if self.state else {}

    def find(self, uids: Collection[str]) -> dict[str, str]:
        return {uid: job_id for uid, job_id in self.known.items() if uid in uids}

    def cancel(self, job_ids: Collection[str]) -> bool:
        self.cancelled += job_ids
        return not self.deaf


@pytest.fixture
def scheduler(monkeypatch: pytest.MonkeyPatch) -> Scheduler:
    scheduler = Scheduler()
    monkeypatch.setattr(submitter, "submit", scheduler.submit)
    monkeypatch.setattr(time, "time", scheduler.time)
    return scheduler


def control(folder: Path, scheduler: Scheduler, **packing: int) -> Controller:
    plan = Plan("slurm", Packing(**packing), {}, None, poll=(10, 180), grace=5)
    return Controller(plan, Ledger(folder), scheduler, scheduler.said.append)


def piece(key: str = "a", digest: str = "1") -> Piece:
    return Piece(key, digest, "train", Resources(), [], True, {})


def pass_time(control: Controller, scheduler: Scheduler, seconds: float) -> None:
    for _ in range(int(seconds)):
        scheduler.now += 1
        control.tick()


def end(work: Work, kind: str = "ok") -> None:
    assert work.batch is not None
    content = '{"exit": 1, "cause": "", "host": "node1"}'
    (work.batch.folder / f"status/{work.number}.{kind}").write_text(content)


def test_a_result_is_believed_whatever_the_scheduler_says(
    tmp_path: Path, scheduler: Scheduler
) -> None:
    scheduler.state = "NODE_FAIL"
    control_ = control(tmp_path, scheduler)
    [work] = control_.submit([piece()])
    control_.tick()
    end(work)
    control_.tick()
    assert work.outcome is not None
    assert work.outcome.ok


def test_a_status_may_be_late(tmp_path: Path, scheduler: Scheduler) -> None:
    control_ = control(tmp_path, scheduler)
    [work] = control_.submit([piece()])
    control_.tick()
    scheduler.state = "COMPLETED"
    pass_time(control_, scheduler, 14)  # noticed after 10 s, and 5 s are given
    assert work.outcome is None
    end(work)
    control_.tick()
    assert work.outcome is not None
    assert work.outcome.ok


def test_an_end_without_a_result_is_a_failure(tmp_path: Path, scheduler: Scheduler) -> None:
    control_ = control(tmp_path, scheduler)
    [work] = control_.submit([piece()])
    scheduler.state = "OUT_OF_MEMORY"
    pass_time(control_, scheduler, 20)
    assert work.outcome is not None
    assert (work.outcome.ok, work.outcome.cause) == (False, "memory")
    assert "job 1_0 ended (OUT_OF_MEMORY)" in work.outcome.message


def test_unknown_is_never_failed_and_is_asked_about_less_and_less(
    tmp_path: Path, scheduler: Scheduler
) -> None:
    control_ = control(tmp_path, scheduler)
    works = control_.submit([piece(str(n)) for n in range(300)])
    scheduler.state = None
    pass_time(control_, scheduler, 3600)
    assert not any(work.outcome for work in works)
    assert scheduler.questions < 30


@pytest.mark.parametrize("state", ["NODE_FAIL", "PREEMPTED", "REQUEUED", "GONE"])
def test_an_end_that_slurm_takes_back_is_none(
    tmp_path: Path, scheduler: Scheduler, state: str
) -> None:
    control_ = control(tmp_path, scheduler)
    [work] = control_.submit([piece()])
    scheduler.state = state
    pass_time(control_, scheduler, 15)
    scheduler.state = "PENDING"
    pass_time(control_, scheduler, 600)
    assert work.outcome is None


@pytest.mark.parametrize("state", ["PREEMPTED", "GONE"])
def test_an_end_that_lasts_is_one(tmp_path: Path, scheduler: Scheduler, state: str) -> None:
    """Preempted on a cluster that cancels rather than queues again, for one."""
    control_ = control(tmp_path, scheduler)
    [work] = control_.submit([piece()])
    scheduler.state = state
    pass_time(control_, scheduler, 40)
    assert work.outcome is not None
    assert not work.outcome.ok


def test_a_full_queue_gets_smaller_portions(tmp_path: Path, scheduler: Scheduler) -> None:
    control_ = control(tmp_path, scheduler, pack=2)
    scheduler.trouble = [QueueFullError(), QueueFullError()]
    control_.submit([piece(str(n)) for n in range(8)])
    pass_time(control_, scheduler, 200)
    assert scheduler.taken == [[2], [2], [2, 2]]


@pytest.mark.parametrize("taken", [True, False])
def test_a_batch_that_slurm_may_have_taken_is_looked_for(
    tmp_path: Path, scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch, taken: bool
) -> None:
    monkeypatch.setattr(controller, "complete", lambda batch, array: [array])
    control_ = control(tmp_path, scheduler)
    scheduler.trouble = [SchedulerDownError()]
    [work] = control_.submit([piece()])
    control_.tick()
    [folder] = tmp_path.iterdir()
    scheduler.known = {folder.name: "77"} if taken else {}
    pass_time(control_, scheduler, 10)
    assert work.job_id == ("77" if taken else "1_0")
    assert scheduler.taken == ([] if taken else [[1]])


def test_what_slurm_refuses_has_failed(tmp_path: Path, scheduler: Scheduler) -> None:
    control_ = control(tmp_path, scheduler)
    scheduler.trouble = [RefusedError("Invalid feature specification")]
    [work] = control_.submit([piece()])
    control_.tick()
    assert work.outcome is not None
    assert work.outcome.cause == "refused"
    assert "Invalid feature specification" in work.outcome.message
    control_.close(work)
    assert not list(control(tmp_path, scheduler).ledger.open_batches())


def test_cancelling_names_only_what_still_runs(tmp_path: Path, scheduler: Scheduler) -> None:
    control_ = control(tmp_path, scheduler)
    [done, running] = control_.submit([piece("a"), piece("b")])
    control_.tick()
    end(done)
    control_.tick()
    control_.cancel()
    assert scheduler.cancelled == [running.job_id]


FULL = "QOSMaxSubmitJobPerUserLimit"


@pytest.mark.parametrize("empty", [True, False])
def test_a_queue_that_stays_full_of_nothing_is_given_up(
    tmp_path: Path, scheduler: Scheduler, empty: bool
) -> None:
    control_ = control(tmp_path, scheduler)
    scheduler.trouble = [QueueFullError(FULL)] * 100
    scheduler.empty = empty
    works = control_.submit([piece(str(n)) for n in range(8)])
    pass_time(control_, scheduler, 600)
    assert all((work.outcome is not None) == empty for work in works)
    assert len(scheduler.trouble) > 100 - 20
    assert len(scheduler.said) == 1


def test_a_message_that_is_not_known_is_tried_some_times(
    tmp_path: Path, scheduler: Scheduler
) -> None:
    control_ = control(tmp_path, scheduler)
    scheduler.trouble = [RefusedError("You shall not pass")] * 100
    works = control_.submit([piece("1"), piece("2")])
    pass_time(control_, scheduler, 60)
    assert len(scheduler.trouble) == 96
    assert all(work.outcome and work.outcome.cause == "refused" for work in works)


def test_an_array_that_is_too_large_for_slurm_is_cut(tmp_path: Path, scheduler: Scheduler) -> None:
    control_ = control(tmp_path, scheduler)
    scheduler.trouble = [RefusedError("Invalid job array specification")]
    control_.submit([piece(str(n)) for n in range(4)])
    control_.tick()
    assert scheduler.taken == [[1, 1], [1, 1]]


def test_a_later_controller_adopts_what_is_the_same(tmp_path: Path, scheduler: Scheduler) -> None:
    first = control(tmp_path, scheduler)
    works = first.submit([piece("same"), piece("other"), piece("done"), piece("gone")])
    first.tick()
    end(works[2])
    end(works[3])

    second = control(tmp_path, scheduler)
    assert second.adopt(piece("other", "2"), lambda: True) is None
    assert second.adopt(piece("new"), lambda: True) is None
    assert second.adopt(piece("gone"), lambda: False) is None
    same = second.adopt(piece("same"), lambda: False)
    done = second.adopt(piece("done"), lambda: True)
    second.tick()
    assert same is not None
    assert done is not None
    assert same.job_id == "1_0"
    assert same.outcome is None
    assert done.outcome is not None
    assert len(scheduler.taken) == 1


def test_jobs_that_could_not_be_cancelled_are_told_and_can_be_taken_over(
    tmp_path: Path, scheduler: Scheduler
) -> None:
    first = control(tmp_path, scheduler)
    first.submit([piece()])
    first.tick()
    scheduler.deaf = True
    first.cancel()
    assert "scancel 1_[0]" in scheduler.said[-1]
    assert control(tmp_path, scheduler).adopt(piece(), lambda: True)


def test_nothing_to_cancel_calls_nothing(tmp_path: Path, scheduler: Scheduler) -> None:
    control(tmp_path, scheduler).cancel()
    assert scheduler.cancelled == []


def test_a_full_disk_is_waited_for(
    tmp_path: Path, scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test double, as a disk cannot be filled here."""
    control_ = control(tmp_path, scheduler)
    opened = control_.ledger.open

    def full(*_: object) -> OpenBatch:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(control_.ledger, "open", full)
    control_.submit([piece()])
    pass_time(control_, scheduler, 3)
    assert "No space left" in scheduler.said[0]
    monkeypatch.setattr(control_.ledger, "open", opened)
    pass_time(control_, scheduler, 10)
    assert scheduler.taken == [[1]]


@pytest.mark.parametrize("content", ["", "{half", '{"rule": "another version"}\n{}'])
def test_what_was_never_submitted_may_be_unreadable(
    tmp_path: Path, scheduler: Scheduler, content: str
) -> None:
    broken = tmp_path / "20261124-000000-00000000"
    broken.mkdir()
    (broken / "batch.jsonl").write_text(content)
    control_ = control(tmp_path, scheduler)
    control_.submit([piece()])
    control_.tick()
    assert scheduler.taken == [[1]]
    (broken / "jobs.json").write_text('["1"]')
    with pytest.raises(LedgerError, match="delete the folder"):
        control(tmp_path, scheduler)


def test_jobs_of_another_place_are_not_taken_for_dead(tmp_path: Path, scheduler: Scheduler) -> None:
    first = control(tmp_path, scheduler)
    [work] = first.submit([piece()])
    first.tick()
    with pytest.raises(LedgerError, match="submitted to slurm, while this run would use processes"):
        Ledger(tmp_path, "processes of here").left()
    end(work)
    assert Ledger(tmp_path, "processes of here").left() == {}


def test_the_logs_of_a_job_without_its_outputs_stay(tmp_path: Path, scheduler: Scheduler) -> None:
    control_ = control(tmp_path, scheduler)
    [work] = control_.submit([piece()])
    control_.tick()
    end(work)
    control_.tick()
    control_.close(work, well=False)
    assert work.batch is not None
    assert work.batch.folder.exists()
