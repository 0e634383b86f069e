"""Archives through the workflow: written by a target, restored, and gone on from."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_search import TinySearch

from tests.once import made_once


def harmonica(search: TinySearch, *arguments: str | Path, succeeds: bool = True) -> str:
    run = subprocess.run(
        [sys.executable, "-m", "harmonica_steps", *arguments],
        cwd=search.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode == 0) == succeeds, run.stderr
    assert "Traceback" not in run.stderr
    return " ".join((run.stdout + run.stderr).split())


@pytest.fixture(scope="session")
def archived(undisturbed: TinySearch, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The archives that `snakemake archive` makes, away from the search."""

    def archive(folder: Path) -> None:
        shutil.copytree(undisturbed.folder, folder, dirs_exist_ok=True)
        TinySearch(folder).run("archive")

    folder = made_once(tmp_path_factory, "archived", archive)
    found = sorted(folder.glob("results/tiny/archive/*.tar.zst"))
    return {path.name.partition(".")[0]: path for path in found}


def test_there_is_an_archive_of_each_stage_and_of_the_whole(archived: dict[str, Path]) -> None:
    assert list(archived) == ["search", "stage-1", "stage-2"]


def test_a_stage_is_archived_as_soon_as_it_has_frozen(begun: TinySearch) -> None:
    begun.run("results/tiny/archive/stage-1.tar.zst")
    assert (begun.root / "archive/stage-1.tar.zst").is_file()
    assert not (begun.root / "stage-2").exists()
    message = harmonica(begun, "archive", "results/tiny", "stage-2", succeeds=False)
    assert "cannot be archived" in message
    assert "snakemake stage_2" in message


def test_the_search_goes_on_from_a_stage_without_training_it_again(
    tiny: TinySearch, undisturbed: TinySearch, archived: dict[str, Path]
) -> None:
    assert "restored" in harmonica(tiny, "restore", archived["stage-1"])
    tiny.run(tiny.target("stage-2/metrics.parquet"))
    assert sorted(tiny.trained()) == [f"stage-2/{trial:04d}" for trial in range(12)]
    wanted = undisturbed.results()
    assert len(tiny.results()) > 8
    assert all(data == wanted[name] for name, data in tiny.results().items())


def test_of_a_restored_search_that_has_ended_only_pictures_are_drawn_again(
    tiny: TinySearch, archived: dict[str, Path], undisturbed: TinySearch
) -> None:
    harmonica(tiny, "restore", archived["search"])
    plan = tiny.run("--dry-run")
    steps = "train sample|collect records|draw samples|recover terms|choose best"
    assert not re.search(rf"({steps})\s+\d", plan)
    tiny.run()
    assert tiny.results() == undisturbed.results()
    assert "already holds" in harmonica(tiny, "restore", archived["search"])


def test_a_search_restored_under_another_name_goes_on_by_its_own_configuration(
    tiny: TinySearch, undisturbed: TinySearch, archived: dict[str, Path]
) -> None:
    harmonica(tiny, "restore", archived["stage-2"], "--into", "results/again")
    config = json.loads((tiny.folder / "results/again/config.json").read_text())
    assert config["search"] == "again"
    tiny.config = config
    tiny.run()
    assert len(tiny.trained()) == 6
    before, after = (
        json.loads((folder / "best.json").read_text())
        for folder in (undisturbed.root, tiny.folder / "results/again")
    )
    assert after["configuration"] == before["configuration"]
    assert after["value"] == before["value"]


def test_another_program_is_warned_about_before_it_trains_all_again(
    tiny: TinySearch, archived: dict[str, Path]
) -> None:
    program = tiny.folder / "train.py"
    program.write_text(program.read_text().replace("3 * a * b", "4 * a * b"))
    output = harmonica(tiny, "restore", archived["stage-1"])
    assert "WARNING" in output
    assert "train.py" in output
    message = harmonica(tiny, "archive", "results/tiny", "stage-1", succeeds=False)
    assert "0000.json: was produced by a different version of the training" in message


def test_results_that_differ_are_never_overwritten(
    finished: TinySearch, archived: dict[str, Path]
) -> None:
    frozen = finished.root / "stage-1/frozen.json"
    frozen.write_text(frozen.read_text() + " ")
    before = {path: path.stat().st_mtime_ns for path in finished.root.rglob("*")}
    message = harmonica(finished, "restore", archived["stage-1"], succeeds=False)
    assert "frozen.json" in message
    assert "--into results/NAME" in message
    assert {path: path.stat().st_mtime_ns for path in finished.root.rglob("*")} == before
