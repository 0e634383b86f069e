"""When the first trainings of a part count as all failed alike."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from harmonica_steps.files import write_json
from harmonica_steps.objective.alike import Failed, FirstTrainings
from harmonica_steps.objective.workdir import WorkDirectory
from harmonica_steps.results.paths import SearchFolder

PART = "stage-1"

TRIED = {"study": "old", "trial": 7, "status": "ok", "value": 1.0, "cause": None}


class Part:
    """A part whose trainings end one by one."""

    def __init__(self, root: Path, stop_after: int = 3) -> None:
        self.folder = SearchFolder(root)
        self.folder.work(PART, 0).mkdir(parents=True)
        self.first = FirstTrainings(self.folder, PART, stop_after)

    def record(self, trial: int, **changes: Any) -> None:
        ok = changes.get("status") == "ok"
        content = {
            "part": PART,
            "trial": trial,
            "key": "key",
            "configuration": {},
            "seed": 1,
            "budget": 1,
            "status": "failed",
            "value": 1.0 if ok else None,
            "metrics": {},
            "cause": "exit status 1",
            "error": "exit status 1: oh",
            "log": "log.txt",
            "run": {"started": time.time(), "seconds": 1.0, "cpu_seconds": 1.0},
        }
        write_json(self.folder.record(PART, trial), {**content, **changes})

    def end(self, trial: int, **changes: Any) -> Failed | None:
        self.record(trial, **changes)
        return self.first.ended(trial)

    @contextmanager
    def running(self, trial: int, seconds: float) -> Iterator[None]:
        """Another training that has run for some time."""
        work = WorkDirectory(self.folder.work(PART, trial))
        work.path.mkdir(parents=True, exist_ok=True)
        work.mark_started("key", 1)
        started = time.time() - seconds
        os.utime(work.path / ".started", (started, started))
        hold = "import fcntl, sys; f = open(sys.argv[1], 'a'); fcntl.flock(f, fcntl.LOCK_EX)"
        command = [
            sys.executable,
            "-c",
            f"{hold}; print(flush=True); input()",
            work.path / ".owner",
        ]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdout
            process.stdout.readline()
            yield
            process.communicate(b"\n")
        work.mark_ended()


@pytest.fixture
def part(tmp_path: Path) -> Part:
    return Part(tmp_path)


def test_equal_failures_are_told_once(part: Part) -> None:
    assert [part.end(trial) for trial in (5, 2)] == [None, None]
    assert part.end(7) == Failed(PART, 3, 2, "failed", "exit status 1: oh", "log.txt")
    assert part.end(8) is None


def test_one_success_settles_it(part: Part) -> None:
    part.end(0, status="ok", cause=None)
    assert not any(part.end(trial) for trial in range(1, 20))


def test_a_success_of_an_earlier_run_settles_it(part: Part) -> None:
    part.record(40, status="ok", cause=None)
    assert not any(part.end(trial) for trial in range(20))


def test_an_imported_success_says_nothing_about_the_program(part: Part) -> None:
    part.end(0, status="ok", cause=None, imported=TRIED)
    assert any(part.end(trial) for trial in range(1, 4))


@pytest.mark.parametrize("other", [{"cause": "exit status 2"}, {"status": "timeout"}])
def test_failures_of_two_kinds_are_not_alike(part: Part, other: dict[str, str]) -> None:
    part.end(0, **other)
    assert not any(part.end(trial) for trial in range(1, 20))


def test_failures_of_an_earlier_run_do_not_count(part: Part) -> None:
    for trial in range(9):
        assert not part.end(
            trial, run={"started": time.time() - 60, "seconds": 1.0, "cpu_seconds": 1.0}
        )
    assert any(part.end(trial) for trial in range(9, 12))


def test_zero_is_never(tmp_path: Path) -> None:
    part = Part(tmp_path, stop_after=0)
    assert not any(part.end(trial) for trial in range(20))


def test_a_training_that_outlasts_the_failures_may_succeed(part: Part) -> None:
    with part.running(30, seconds=5):
        assert not any(part.end(trial) for trial in range(6))
    assert part.end(6)


def test_a_training_that_has_just_started_is_not_waited_for(part: Part) -> None:
    with part.running(30, seconds=0.1):
        assert any(part.end(trial) for trial in range(3))


def test_a_training_that_was_killed_is_not_waited_for(part: Part) -> None:
    with part.running(30, seconds=5):
        pass
    WorkDirectory(part.folder.work(PART, 30)).mark_started("key", 1)
    os.utime(part.folder.work(PART, 30) / ".started", (0, 0))
    assert any(part.end(trial) for trial in range(3))


def test_a_damaged_record_is_passed_over(part: Part) -> None:
    path = part.folder.record(PART, 0)
    path.parent.mkdir()
    path.write_text("{")
    assert part.first.ended(0) is None
    assert any(part.end(trial) for trial in range(1, 4))
