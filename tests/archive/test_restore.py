"""A search is put back as a whole, or not at all."""

import fcntl
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from archive_support import items, make_search, members, packed, tar

from harmonica_steps.archive.create import archive
from harmonica_steps.archive.members import PROVENANCE
from harmonica_steps.archive.restore import restore
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.results.search_run import SearchRun

ROOT = Path("results/tiny")
FILE = Path("stage-1.tar.zst")


@pytest.fixture(autouse=True)
def _archived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder with the program and an archive, and without results."""
    monkeypatch.chdir(tmp_path)
    make_search(tmp_path)
    archive(SearchRun.at(ROOT), "stage-1")
    (ROOT / "archive/stage-1.tar.zst").rename(FILE)
    Path("results").rename("before")


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_every_file_is_as_it_was() -> None:
    message = restore(FILE)
    assert "WARNING" not in message
    assert f"harmonica run {ROOT}/config.json" in message
    restored, before = contents(ROOT), contents(Path("before/tiny"))
    assert json.loads(restored.pop("config.json")) == json.loads(before["plan.json"])["config"]
    log = "stage-1/work/0003/log.txt"
    assert before.pop(log).endswith(restored.pop(log))
    assert restored == {name: before[name] for name in restored}
    assert len(restored) == 1 + 12 + 7
    assert [path.name for path in Path("results").iterdir()] == ["tiny"]


def test_nothing_is_newer_than_what_is_made_of_it() -> None:
    restore(FILE)
    times = {path.stat().st_mtime_ns for path in ROOT.rglob("*.*") if path.name != "config.json"}
    assert len(times) == 1
    assert times.pop() >= Path("job.py").stat().st_mtime_ns


def test_another_name_renames_the_search() -> None:
    restore(FILE, Path("results/again"))
    plan = json.loads(Path("results/again/plan.json").read_text())
    assert plan["search"] == plan["config"]["search"] == "again"
    assert plan["config"]["results"] == "results"
    assert "already holds" in restore(FILE, Path("results/again"))


def test_another_folder_is_the_place_of_the_results() -> None:
    restore(FILE, Path("out/there/tiny"))
    config = json.loads(Path("out/there/tiny/config.json").read_text())
    assert config["results"] == "out/there"


@pytest.mark.parametrize("name", ["..", "results/.hidden", "results/with space"])
def test_an_impossible_name_is_refused(name: str) -> None:
    with pytest.raises(HarmonicaError, match="not a valid search name"):
        restore(FILE, Path(name))
    assert not Path("results").exists()


def test_the_same_results_are_left_alone() -> None:
    restore(FILE)
    (ROOT / "stage-2").mkdir()
    (ROOT / "stage-2/more.json").write_text("of a later stage")
    before = {path: path.stat().st_mtime_ns for path in ROOT.rglob("*")}
    assert "already holds stage-1 of tiny" in restore(FILE)
    assert {path: path.stat().st_mtime_ns for path in ROOT.rglob("*")} == before


@pytest.mark.parametrize("change", ["missing", "shorter", "longer", "another"])
def test_other_results_are_not_overwritten(change: str) -> None:
    restore(FILE)
    path = ROOT / "stage-1/psr.json"
    if change == "missing":
        path.unlink()
    else:
        text = path.read_text()
        another = text.replace("1", "2", 1)
        path.write_text({"shorter": text[:-1], "longer": f"{text} ", "another": another}[change])
    before = contents(ROOT)
    with pytest.raises(HarmonicaError, match=r"1 of its files .*psr.json.*--into results/NAME"):
        restore(FILE)
    assert contents(ROOT) == before


def test_an_empty_folder_is_filled() -> None:
    ROOT.mkdir(parents=True)
    assert "restored" in restore(FILE)


@pytest.mark.parametrize("lost", [True, False])
def test_another_program_is_named(lost: bool) -> None:
    if lost:
        Path("job.py").unlink()
    else:
        Path("job.py").write_text("print()\n")
    message = restore(FILE)
    assert "WARNING" in message
    assert "'job.py'" in message
    assert "extra.csv" not in message


@pytest.mark.parametrize("name", ["x" * 5000, "nul\0", "\x1b[2J", "\ud800", "/dev/zero/x", "."])
def test_an_odd_name_of_a_program_file_is_shown_escaped(name: str) -> None:
    content = members()
    about = {"archive": "stage-1", "objective": {"files": {name: "0"}}}
    FILE.write_bytes(packed(tar(items({**content, PROVENANCE: json.dumps(about).encode()}))))
    message = restore(FILE)
    assert "WARNING" in message
    assert message.replace("\n", "").isprintable()


def test_an_interrupted_restore_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.utime", interrupt)
    with pytest.raises(KeyboardInterrupt):
        restore(FILE)
    assert list(Path("results").iterdir()) == []


def test_what_a_killed_restore_left_is_removed_by_the_next() -> None:
    program = (
        "import os; from harmonica_steps.cli import main; "
        "os.utime = lambda *_, **__: os.kill(os.getpid(), 9)"
    )
    run = subprocess.run(
        [sys.executable, "-c", f"{program}; main(['restore', '{FILE}'])"], check=False
    )
    assert run.returncode == -signal.SIGKILL
    assert [path.name for path in Path("results").iterdir()] == [".tiny.restoring"]
    restore(FILE)
    assert [path.name for path in Path("results").iterdir()] == ["tiny"]


def test_two_restores_at_a_time_are_refused() -> None:
    hidden = Path("results/.tiny.restoring")
    (hidden / "search").mkdir(parents=True)
    lock = os.open(hidden, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    with pytest.raises(HarmonicaError, match="another harmonica restore"):
        restore(FILE)
    assert (hidden / "search").exists()
    os.close(lock)


def test_too_little_room_is_said_before_anything_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    full = type("usage", (), {"free": 1000})
    monkeypatch.setattr("shutil.disk_usage", lambda _: full)
    with pytest.raises(HarmonicaError, match="has room for 1,000"):
        restore(FILE)
    assert not Path("results").exists()
