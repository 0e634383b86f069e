"""How far a search is, while it runs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from report_support import CONFIG, hostile_metric, plan, train_part

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import read_json, write_json
from harmonica_steps.report.status import Reader
from harmonica_steps.report.status_view import show_status
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.steps.collect import collect_part
from harmonica_steps.steps.draw import draw_part


@pytest.fixture
def running(tmp_path: Path) -> SearchRun:
    """Forty of stage 1's 150 trainings have ended, two are under way."""
    search = plan(tmp_path / "results/made-up", CONFIG)
    draw_part(search, "stage-1")
    train_part(search, "stage-1", hostile_metric, range(40))
    for trial in (40, 41):
        work = search.folder.work("stage-1", trial)
        work.mkdir(parents=True, exist_ok=True)
        (work / ".started").write_text("{}")
    return search


def shown(capsys: pytest.CaptureFixture[str], *folders: Path) -> str:
    show_status(folders)
    return capsys.readouterr().out


def test_every_training_is_counted_once(running: SearchRun) -> None:
    stage, *later = Reader().read(running.folder.root).parts
    failed = sum(
        read_json(running.folder.record("stage-1", trial))["status"] != "ok" for trial in range(40)
    )
    assert failed > 0
    assert (stage.counts["ok"], stage.failed) == (40 - failed, failed)
    assert (stage.running, stage.waiting) == (2, 108)
    assert not stage.ended
    assert [part.waiting for part in later] == [80, 9, 3, 1]


def test_failures_are_counted_by_cause(running: SearchRun) -> None:
    path = running.folder.record("stage-1", 0)
    write_json(path, {**read_json(path), "status": "timeout", "value": None, "cause": "slow"})
    causes = Reader().read(running.folder.root).parts[0].causes
    assert [(cause.status, cause.cause) for cause in causes] == [
        ("failed", "exit status 1"),
        ("timeout", "slow"),
    ]
    assert causes[1].trials == [0]


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"trial": 1}', "null", "\x00"])
def test_a_record_that_cannot_be_read_is_not_there(running: SearchRun, damage: str) -> None:
    running.folder.record("stage-1", 3).write_text(damage)
    assert Reader().read(running.folder.root).parts[0].done == 39


@pytest.mark.parametrize(
    "damage",
    [
        {"run": None},
        {"run": {}},
        {"trial": "x"},
        {"value": [1]},
        {"run": {"seconds": "x"}},
        {"configuration": None},
        {"configuration": "x"},
    ],
)
def test_a_record_with_something_else_in_it_is_not_there(
    running: SearchRun, damage: dict[str, object]
) -> None:
    path = running.folder.record("stage-1", 3)
    path.write_text(json.dumps({**read_json(path), **damage}))
    assert Reader().read(running.folder.root).parts[0].done == 39


def test_what_vanishes_and_what_is_half_written_is_left_out(running: SearchRun) -> None:
    trials = running.folder.record("stage-1", 0).parent
    (trials / ".77.0099.json").write_text("{")
    running.folder.record("stage-1", 5).unlink()
    (trials / "0006.json").unlink()
    (trials / "0006.json").symlink_to("gone")
    assert Reader().read(running.folder.root).parts[0].done == 38


def test_a_record_is_read_again_when_it_has_changed(running: SearchRun) -> None:
    reader = Reader(again=True)
    before = reader.read(running.folder.root).parts[0]
    path = running.folder.record("stage-1", 1)
    write_json(path, {**read_json(path), "value": -1e6, "status": "ok"})
    after = reader.read(running.folder.root).parts[0]
    assert before.best is not None
    assert before.best > 0
    assert after.best == -1e6


def test_the_time_left_follows_from_what_the_trainings_took(running: SearchRun) -> None:
    """2 s a training and unit of budget; a rung trains what its budget has more."""
    status = Reader().read(running.folder.root)
    trainings = (150 - 40) * 2 + 80 * 2 + 9 * 2 + 3 * (3 - 1) * 2 + 1 * (9 - 3) * 2
    assert status.seconds_left(1) == pytest.approx(trainings)
    # With a hundred at a time each part but the first still takes the time of one training.
    assert status.seconds_left(100) == pytest.approx(1.1 * 2 + 2 + 2 + 4 + 12)
    # Two run now.
    assert status.seconds_left() == pytest.approx(110 + 80 + 9 + 1.5 * 4 + 12)


def test_without_a_finished_training_nothing_is_estimated(tmp_path: Path) -> None:
    search = plan(tmp_path / "made-up", CONFIG)
    assert Reader().read(search.folder.root).seconds_left() is None


def test_the_best_is_that_of_the_largest_budget(running: SearchRun) -> None:
    for part, value in (("final/rung-0", 5.0), ("final/rung-1", 6.0)):
        record = read_json(running.folder.record("stage-1", 1))
        record |= {"part": part, "trial": 0, "value": value, "status": "ok"}
        write_json(running.folder.record(part, 0), record)
    best = Reader().read(running.folder.root).best
    assert best is not None
    assert (best.value, best.first.part) == (6.0, "final/rung-1")


def test_until_the_final_search_has_a_metric_the_stage_with_the_largest_budget_counts(
    running: SearchRun,
) -> None:
    values = [
        value
        for trial in range(40)
        if (value := read_json(running.folder.record("stage-1", trial))["value"]) is not None
    ]
    best = Reader().read(running.folder.root).best
    assert best is not None
    assert (best.value, best.first.part) == (min(values), "stage-1")


def test_the_terminal_shows_bars_failures_and_what_is_left(
    running: SearchRun, capsys: pytest.CaptureFixture[str]
) -> None:
    output = shown(capsys, running.folder.root)
    assert "\x1b" not in output
    assert "made-up: minimize val <b>error</b>" in output
    (row,) = [line for line in output.splitlines() if line.strip().startswith("stage-1")]
    records = [read_json(running.folder.record("stage-1", trial)) for trial in range(40)]
    best = min(record["value"] for record in records if record["status"] == "ok")
    assert row.split()[2:] == ["40/150", "38", "2", "2", "108", f"{best:.4g}", "2.0", "s"]
    assert "exit status 1: <script>alert('log')</script>" in output
    assert "Time left: about 3.6 min" in output
    assert (
        "No snakemake process is running this search here: 2 trainings were interrupted" in output
    )
    assert not [path for path in running.folder.root.rglob("*") if "report" in path.name]


def test_who_runs_it_is_told_from_the_lock(
    running: SearchRun, capsys: pytest.CaptureFixture[str]
) -> None:
    import os

    lock = running.folder.root / ".lock"
    lock.write_text(f"process {os.getpid()} on {os.uname().nodename}\n")
    assert f"Run by process {os.getpid()} on" in shown(capsys, running.folder.root)
    lock.write_text(f"process 999999999 on {os.uname().nodename}\n")
    assert "No snakemake process is running this search here" in shown(capsys, running.folder.root)


def test_all_searches_are_shown_without_a_folder(
    running: SearchRun, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(running.folder.root.parents[1])
    assert "made-up" in shown(capsys)


def test_without_any_search_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(HarmonicaError, match="holds no search yet; start one with harmonica run"):
        show_status([])
    with pytest.raises(HarmonicaError, match="nowhere: not a search folder"):
        show_status([Path("nowhere")])


def test_watching_a_log_prints_only_changes_and_ends_with_the_search(
    running: SearchRun, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = []

    def pass_time(seconds: float) -> None:
        rounds.append(seconds)
        if len(rounds) == 2:
            train_part(running, "stage-1", hostile_metric)
            collect_part(running, "stage-1")
        if len(rounds) == 3:
            running.folder.best.write_text("{}")

    monkeypatch.setattr("harmonica_steps.report.status_view.time.sleep", pass_time)
    show_status([running.folder.root], every=7)
    output = capsys.readouterr().out
    assert rounds == [7, 7, 7]
    assert output.count("made-up: minimize") == 3
    assert output.rstrip().endswith("Finished.")


def test_the_status_imports_nothing_heavy() -> None:
    program = (
        "import sys; import harmonica_steps.report.status_view;"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    heavy = {"numpy", "scipy", "pandas", "pydantic", "sklearn", "yaml", "altair", "jinja2"}
    assert not set(run.stdout.split()) & heavy


def test_an_older_plan_is_understood(running: SearchRun) -> None:
    """Before, parts did not say how much longer a rung trains."""
    content = json.loads(running.folder.plan.read_text())
    for part in content["parts"]:
        del part["added_budget"]
    running.folder.plan.write_text(json.dumps(content))
    assert Reader().read(running.folder.root).parts[-1].added_budget == 9
