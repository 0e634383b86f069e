"""How far running trainings are, by their learning curves."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from report_support import CONFIG, plan

from harmonica_steps.report.status import Reader
from harmonica_steps.report.status_view import show_status
from harmonica_steps.report.under_way import MOST_FILES
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.steps.draw import draw_part

OBJECTIVE: dict[str, Any] = {"metric": "accuracy", "direction": "maximize", "timeout": 60}

PROGRAM = """
echo '{"step": 10, "accuracy": 0.25}' >> "$1"
echo '{"step": 20, "accuracy": 0.5}' >> "$1"
printf '{"step": 30, "accu' >> "$1"
while [ ! -e go ]; do sleep 0.05; done
echo '{"accuracy": 0.75}' > "$2"
"""


@pytest.fixture
def search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SearchRun:
    monkeypatch.chdir(tmp_path)
    Path("job.sh").write_text(PROGRAM)
    objective = {**OBJECTIVE, "command": "sh job.sh {curve_file} {result}"}
    found = plan(Path("results/made-up"), {**CONFIG, "objective": objective})
    draw_part(found, "stage-1")
    return found


@pytest.fixture
def training(search: SearchRun) -> Iterator["subprocess.Popen[bytes]"]:
    """Trial 7, which waits for the file ``go``."""
    words = [sys.executable, "-m", "harmonica_steps", "train", search.folder.root, "stage-1", "7"]
    process = subprocess.Popen(words)
    yield process
    Path("go").touch()
    process.wait(20)


def write_curve(search: SearchRun, trial: int, *points: tuple[int, float]) -> None:
    """Have a training run that has reported some points."""
    work = search.folder.work("stage-1", trial)
    work.mkdir(parents=True)
    (work / ".started").write_text("{}")
    lines = (json.dumps({"step": step, "metric": value}) for step, value in points)
    (work / "curve.jsonl").write_text("".join(f"{line}\n" for line in lines))


def shown(search: SearchRun, capsys: pytest.CaptureFixture[str]) -> list[str]:
    show_status([search.folder.root])
    return [line.rstrip() for line in capsys.readouterr().out.splitlines()]


def test_a_training_that_runs_tells_how_far_it_is(
    search: SearchRun, training: "subprocess.Popen[bytes]", capsys: pytest.CaptureFixture[str]
) -> None:
    end = time.monotonic() + 20
    while (found := Reader().read(search.folder.root).under_way) is None or found.found[0][1] < 20:
        assert time.monotonic() < end
        time.sleep(0.02)
    lines = shown(search, capsys)
    at = lines.index("1 of 1 running trainings of stage-1 report a curve. Best now:")
    assert lines[at + 1] == "  trial 7: step 20, accuracy 0.5"
    Path("go").touch()
    assert training.wait(20) == 0
    assert Reader().read(search.folder.root).under_way is None
    assert search.record("stage-1", 7)["curve"] == [[10, 0.25], [20, 0.5]]
    assert not [line for line in shown(search, capsys) if "how far" in line]


def test_the_three_best_of_many_are_shown(
    search: SearchRun, capsys: pytest.CaptureFixture[str]
) -> None:
    for trial, value in enumerate([0.1, 0.4, 0.3, 0.2, 0.4]):
        write_curve(search, trial, (1, 0.9), (trial + 2, value))
    write_curve(search, 5)  # nothing yet
    lines = shown(search, capsys)
    at = lines.index("5 of 6 running trainings of stage-1 report a curve. Best now:")
    assert lines[at + 1 : at + 4] == [
        "  trial 1: step 3, accuracy 0.4",
        "  trial 4: step 6, accuracy 0.4",
        "  trial 2: step 4, accuracy 0.3",
    ]
    assert "trial" not in lines[at + 4]


def test_of_very_many_only_some_files_are_read(
    search: SearchRun, capsys: pytest.CaptureFixture[str]
) -> None:
    for trial in range(MOST_FILES + 10):
        write_curve(search, trial, (1, float(trial)))
    assert (
        f"{MOST_FILES} of the first {MOST_FILES} of {MOST_FILES + 10} running trainings of stage-1 "
        "report a curve. Best now:" in shown(search, capsys)
    )


def test_a_log_is_not_told_of_every_step(
    search: SearchRun, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_curve(search, 0, (1, 0.5))
    looks = []

    def pass_time(seconds: float) -> None:
        looks.append(seconds)
        with (search.folder.work("stage-1", 0) / "curve.jsonl").open("a") as curve:
            curve.write(f'{{"step": {len(looks) + 1}, "metric": 0.5}}\n')
        if len(looks) == 3:
            search.folder.best.write_text("{}")

    monkeypatch.setattr("harmonica_steps.report.status_view.time.sleep", pass_time)
    show_status([search.folder.root], every=7)
    output = capsys.readouterr().out
    assert [line.strip() for line in output.splitlines() if "trial 0" in line] == [
        "trial 0: step 1, accuracy 0.5",
        "trial 0: step 4, accuracy 0.5",
    ]
