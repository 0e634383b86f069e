"""What killed writers have left is removed by the next writer, what living ones write is not."""

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harmonica_steps.files import replacing, write_text
from harmonica_steps.leftovers import temporary
from harmonica_steps.results.search_run import SearchRun

sys.path.append(str(Path(__file__).parent / "export"))
from export_support import finished

KILLED_AT_FSYNC = (
    "import os, sys; from harmonica_steps.cli import main; "
    "os.fsync = lambda _: os.kill(os.getpid(), 9); main(sys.argv[1:])"
)


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> SearchRun:
    return finished(tmp_path_factory.mktemp("search") / "results/mixed")


def temporaries(root: Path) -> list[str]:
    return [path.name for path in root.rglob(".*.*") if path.name[1].isdigit()]


def test_what_a_killed_command_leaves_is_removed_by_its_next_run(search: SearchRun) -> None:
    """Commands of the workflow are killed in workflow/test_write_points.py."""
    root, command = search.folder.root, ["export", str(search.folder.root)]
    killed = subprocess.run([sys.executable, "-c", KILLED_AT_FSYNC, *command], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert len(temporaries(root)) == 1
    subprocess.run([sys.executable, "-m", "harmonica_steps", *command], check=True)
    assert temporaries(root) == []


def test_the_file_of_a_living_writer_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "metrics.parquet"
    program = (
        "import sys; from pathlib import Path; from harmonica_steps.files import replacing\n"
        f"with replacing(Path({str(path)!r})) as beside:\n"
        "    beside.write_text('slow'); print(beside, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as slow:
        assert slow.stdout
        beside = Path(slow.stdout.readline().strip())
        write_text(path, "quick")
        assert beside.read_text() == "slow"
        assert path.read_text() == "quick"
        slow.communicate("")
    assert slow.returncode == 0
    assert path.read_text() == "slow"
    assert temporaries(tmp_path) == []


def test_a_lock_decides_not_the_process_id(tmp_path: Path) -> None:
    """Of a process on another machine, whose id is that of a living one here, or of none."""
    path = tmp_path / "best.json"
    alive, dead = (tmp_path / f".{n}.best.json" for n in (os.getpid(), os.getppid()))
    alive.write_text("elsewhere")
    dead.write_text("half a file")
    with alive.open("r+") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        write_text(path, "here")
        assert alive.read_text() == "elsewhere"
        assert not dead.exists()
    write_text(path, "again")
    assert [entry.name for entry in tmp_path.iterdir()] == ["best.json"]


def test_files_of_others_with_such_names_are_left_alone(tmp_path: Path) -> None:
    kept = [".a.best.json", ".7best.json", ".7.best.json.bak", ".7.other.json", "7.best.json"]
    for name in kept:
        (tmp_path / name).write_text(name)
    link = tmp_path / ".8.best.json"
    link.symlink_to(tmp_path / kept[0])
    write_text(tmp_path / "best.json", "")
    assert {path.name for path in tmp_path.iterdir()} == {*kept, link.name, "best.json"}


def test_two_writers_in_one_process_have_files_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    with replacing(path) as one, replacing(path) as two:
        one.write_text("one")
        two.write_text("two")
        assert one != two
    assert path.read_text() == "one"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("umask", [0o077, 0o022, 0o002])
def test_the_mode_is_that_of_any_new_file(umask: int, tmp_path: Path) -> None:
    before = os.umask(umask)
    try:
        write_text(tmp_path / "x.txt", "")
    finally:
        os.umask(before)
    assert (tmp_path / "x.txt").stat().st_mode & 0o777 == 0o666 & ~umask


def test_without_locks_nothing_is_removed_and_all_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a file system that does not support them."""
    left_over = tmp_path / ".1.x.txt"
    left_over.write_text("")

    def unsupported(*_: object) -> None:
        raise OSError("Function not implemented")

    monkeypatch.setattr("fcntl.flock", unsupported)
    with temporary(tmp_path / "x.txt") as beside:
        assert beside.exists()
    write_text(tmp_path / "x.txt", "all")
    assert left_over.exists()
    assert (tmp_path / "x.txt").read_text() == "all"
