"""The summary of a search in the terminal."""

import shutil
from pathlib import Path

import pytest

from harmonica_steps.cli import main
from harmonica_steps.config import parse
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.report.summary import show_searches
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.results.plan import write_plan

PROGRAM = """
def objective(configuration, seed):
    gain = 1 if configuration["gain"] else -1
    if seed % 8 == 0:
        raise RuntimeError("no")
    return {"val error": 2.0 * gain + 2.0 * (configuration["units[a]"] == "small") + 4, "loss": 1}
"""
CONFIG = {
    "search": "tiny",
    "objective": {"callable": "job:objective", "metric": "val error"},
    "space": {
        "gain": {"type": "bool"},
        "other": {"type": "bool"},
        "units[a]": {"type": "categorical", "values": ["small", "[/]"]},
    },
    "stages": [{"samples": 24, "sparsity": 2, "failures": {"counts_as": "drop"}}],
    "final": {"configurations": 2, "eta": 2, "max_budget": 2},
}
ROOT = Path("results/tiny")


def run(*arguments: str) -> None:
    assert main(arguments) == 0


def stage_1() -> None:
    """The first stage, by the commands that the workflow runs."""
    root = str(ROOT)
    Path("job.py").write_text(PROGRAM)
    write_plan(SearchFolder(ROOT), parse(CONFIG))
    run("draw", root, "stage-1")
    for trial in range(24):
        run("train", root, "stage-1", str(trial))
    run("collect", root, "stage-1")
    run("recover", root, "1")


def rungs() -> None:
    root = str(ROOT)
    for rung, count in (("final/rung-0", 2), ("final/rung-1", 1)):
        run("draw", root, rung)
        for trial in range(count):
            run("train", root, rung, str(trial))
        run("collect", root, rung)
    run("finish", root)


@pytest.fixture(scope="module")
def half(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A search whose first stage is done."""
    folder = tmp_path_factory.mktemp("half")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        stage_1()
    return folder / ROOT


@pytest.fixture(scope="module")
def whole(half: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same search, gone on with to its end."""
    folder = tmp_path_factory.mktemp("whole")
    shutil.copytree(half.parents[1], folder, dirs_exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        rungs()
    return folder / ROOT


def shown(capsys: pytest.CaptureFixture[str], *folders: Path) -> str:
    show_searches(folders)
    return capsys.readouterr().out


def test_the_summary_tells_what_was_frozen_and_the_best(
    whole: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = shown(capsys, whole)
    assert "\x1b" not in output
    assert "tiny: minimize val error" in output
    assert "Frozen after stage 1: 2 of 3 parameters" in output
    assert "gain=False" in output
    assert "Best val error: 2, loss 1" in output
    assert str(whole / "best.json") in output.replace("\n", "")
    assert "report:" not in output
    (whole / "report.html").touch()
    assert str(whole / "report.html") in shown(capsys, whole).replace("\n", "")
    (whole / "report.html").unlink()


def test_names_and_values_with_brackets_are_shown_as_they_are(
    whole: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Brackets are markup for rich, which swallows some and fails on others."""
    assert "units[a]=[/]" in shown(capsys, whole)


def test_the_summary_of_an_unfinished_search_says_what_is_not_done(
    half: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = {line.split()[1]: line for line in shown(capsys, half).splitlines() if "rung-" in line}
    assert rows.keys() == {"final/rung-0", "final/rung-1"}
    assert all("not done" in line for line in rows.values())


def test_several_searches_are_compared(
    half: Path, whole: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = shown(capsys, half, whole)
    assert "Compared" in output
    assert "best val error" in output


def test_a_folder_that_holds_no_search_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HarmonicaError, match="not a search folder"):
        show_searches([tmp_path])
