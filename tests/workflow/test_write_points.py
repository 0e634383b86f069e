"""Every step killed, or with a full disk, at every point where it writes; then run once more.

The faults come from an audit hook, which sees each file that is opened for writing, renamed or
removed: no real machine could be made to fail at a given one of them.
"""

import errno
import itertools
import os
import shutil
import signal
import sys
import traceback
from pathlib import Path

import pytest
from tiny_search import TinySearch

from harmonica_steps.archive import create  # noqa: F401 (loaded once, not in every child)
from harmonica_steps.cli import main
from harmonica_steps.steps import collect, draw, finish, recover  # noqa: F401

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT

STEPS = {
    "draw": (["draw", "stage-2"], ["stage-2/samples.parquet", "stage-2/samples.jsonl"]),
    "promote": (["draw", "final/rung-1"], ["final/rung-1/samples.parquet"]),
    "train": (["train", "stage-1", "5"], ["stage-1/trials/0005.json", "stage-1/work/0005"]),
    "continue": (
        ["train", "final/rung-1", "1"],
        ["final/rung-1/trials/0001.json", "final/rung-1/work/0001"],
    ),
    "collect": (
        ["collect", "stage-1"],
        [f"stage-1/{n}" for n in ("metrics.parquet", "metrics.tsv", "runtime.parquet")],
    ),
    "recover": (["recover", "2"], ["stage-2/psr.json", "stage-2/frozen.json"]),
    "finish": (["finish"], ["best.json", "best-configuration.json", "final/table.parquet"]),
    "archive": (["archive", "stage-1"], ["archive"]),
    "export": (["export", "--format", "csv"], ["trainings.csv"]),
    "report": (["report"], ["report.html"]),
    "retry": (["retry", "stage-1", "--trials", "3"], []),
}

ASKED_FOR = ["archive/stage-1.tar.zst", "trainings.csv", "report.html"]
"""What steps make beside the results of the search."""

SURVIVED = 77
"""Exit status of a step that did well in spite of the fault."""


def is_write(event: str, arguments: tuple[object, ...]) -> bool:
    path = arguments[0] if arguments else None
    if not isinstance(path, str | os.PathLike) or "results/tiny" not in os.fspath(path):
        return False
    if event == "open":
        return isinstance(arguments[2], int) and bool(arguments[2] & WRITING)
    return event in ("os.rename", "os.remove", "os.mkdir", "os.truncate")


def run(command: list[str], point: int | None = None, fault: str = "") -> int:
    """Run a step in a child, with a fault at its n-th write; the exit status."""
    name, *rest = command
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    writes, faults = itertools.count(), []

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if is_write(event, arguments) and next(writes) == point:
            faults.append(event)
            if fault == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            raise OSError(errno.ENOSPC, "No space left on device", str(arguments[0]))

    code = 99
    try:
        if point is not None:
            sys.addaudithook(hook)
        code = main([name, "results/tiny", *rest]) or (SURVIVED if faults else 0)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def made(search: TinySearch) -> dict[str, bytes]:
    files = [name for name in ASKED_FOR if (search.root / name).exists()]
    return search.results() | {name: (search.root / name).read_bytes() for name in files}


def remove(root: Path, outputs: list[str]) -> None:
    for output in outputs:
        path = root / output
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


@pytest.mark.parametrize("step", [name for name in STEPS if name != "retry"])
def test_a_step_that_was_cut_off_anywhere_is_done_by_a_later_run(
    step: str, finished: TinySearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is killed, then finds the disk full at the same point, then runs to its end."""
    monkeypatch.chdir(finished.folder)
    command, outputs = STEPS[step]
    assert run(command) == 0
    wanted = made(finished)
    for point in itertools.count():
        remove(finished.root, outputs)
        killed = run(command, point, "kill")
        if killed == 0:
            break
        assert killed == -signal.SIGKILL
        assert run(command, point, "full disk") in (0, 1, SURVIVED)
        assert run(command) == 0
        assert made(finished) == wanted
        assert not list(finished.root.rglob("work/*/.started"))
        assert not [path for path in finished.root.rglob(".*.*") if path.name[1].isdigit()]
    assert point > 1


@pytest.mark.parametrize("fault", ["kill", "full disk"])
def test_a_retry_that_was_cut_off_anywhere_loses_no_record(
    fault: str, finished: TinySearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(finished.folder)
    record = finished.root / "stage-1/trials/0003.json"
    content = record.read_bytes()
    for point in itertools.count():
        status = run(STEPS["retry"][0], point, fault)
        kept = [*finished.root.glob("stage-1/aside/0003.*.json"), record]
        assert content in [path.read_bytes() for path in kept if path.exists()]
        if status == 0:
            break
        record.write_bytes(content)
    assert point > 1
