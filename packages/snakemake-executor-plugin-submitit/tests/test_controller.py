"""What is believed about tasks, with a scheduler that says what the test wants."""

from pathlib import Path

import pytest
from scheduler import Scheduler, control, end, pass_time, piece
from snakemake_executor_plugin_submitit.ledger import Ledger, LedgerError


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


def test_cancelling_names_only_what_still_runs(tmp_path: Path, scheduler: Scheduler) -> None:
    control_ = control(tmp_path, scheduler)
    [done, running] = control_.submit([piece("a"), piece("b")])
    control_.tick()
    end(done)
    control_.tick()
    control_.cancel()
    assert scheduler.cancelled == [running.job_id]


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
    with pytest.raises(LedgerError, match="submitted to slurm, but this run would use processes"):
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
