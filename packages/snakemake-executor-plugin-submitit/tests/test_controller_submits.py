"""What becomes of batches that are not taken: a full queue, refusals, a full disk."""

from pathlib import Path

import pytest
from scheduler import Scheduler, control, pass_time, piece
from snakemake_executor_plugin_submitit import controller
from snakemake_executor_plugin_submitit.ledger import OpenBatch
from snakemake_executor_plugin_submitit.submission import (
    QueueFullError,
    RefusedError,
    SchedulerDownError,
)


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
