"""Situations that searches get into: each ends with the results of an undisturbed search."""

import contextlib
import os
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from small_disk import mounted, remount
from tiny_search import TinySearch, kill

YEAR = 365 * 86400
NOTHING = "Nothing to be done"
AWKWARD = """it's a "long" path, müßig; 研究 $HOME & {co}"""


class Scene(NamedTuple):
    """Where a situation is tried."""

    undisturbed: TinySearch
    folder: Path

    def finished(self, name: str = "finished") -> TinySearch:
        """A copy of the finished search."""
        shutil.copytree(self.undisturbed.folder, self.folder / name, symlinks=True)
        return TinySearch(self.folder / name)

    def new(self, name: str = "new") -> TinySearch:
        """The same search, not started yet."""
        (self.folder / name).mkdir(parents=True)
        return TinySearch(self.folder / name)

    def interrupted(self, after: int = 10) -> TinySearch:
        """The same search, killed with all its processes after so many trainings."""
        search = self.new()
        process = search.start(slow=0.1)
        search.wait_for("stage-1/trials/*.json", after)
        kill(process, group=True)
        time.sleep(0.5)
        return search

    def check(
        self,
        search: TinySearch,
        *,
        times: int = 1,
        killed: bool = False,
        again: frozenset[str] = frozenset(),
    ) -> None:
        """The results are the same bytes, and every training ran as often as it should."""
        assert search.results() == self.undisturbed.results()
        counts = Counter(search.trained()) - Counter(again)
        assert counts.keys() == set(self.undisturbed.trained())
        if not killed:
            assert set(counts.values()) == {times}


def read_only_and_finished(scene: Scene) -> None:
    """A finished search in a read-only folder: there is nothing to do."""
    search = scene.finished()
    with read_only(search):
        assert NOTHING in search.run("all")
        scene.check(search)


def read_only_and_unfinished(scene: Scene) -> None:
    """A read-only folder in which something is missing: refused before a job starts."""
    search = scene.finished()
    (search.root / "best.json").unlink()
    with read_only(search):
        assert "is read-only; nothing can be computed" in said(search.run("all", succeeds=False))
    search.run("all")
    scene.check(search)


def two_controllers(scene: Scene) -> None:
    """Two controllers that start at the same moment: one runs, the other is refused."""
    search = scene.new()
    processes = [search.start(slow=0.1) for _ in range(2)]
    outputs = [process.communicate(timeout=300)[0] for process in processes]
    assert sorted(process.returncode for process in processes) == [0, 1]
    refused = said(next(o for o, p in zip(outputs, processes, strict=True) if p.returncode))
    assert "another snakemake is running" in refused or "cannot be locked" in refused
    assert "Traceback" not in refused
    scene.check(search)


def forced(scene: Scene) -> None:
    """``--forceall``: every step runs again, no training does."""
    search = scene.finished()
    search.run("--forceall")
    scene.check(search)


def unlocked(scene: Scene) -> None:
    """``--unlock`` after a kill, then the same command."""
    search = scene.interrupted()
    search.run("--unlock")
    search.run()
    scene.check(search, killed=True)


def incomplete(scene: Scene) -> None:
    """``--rerun-incomplete`` after a kill."""
    search = scene.interrupted()
    search.run("--rerun-incomplete")
    scene.check(search, killed=True)


def deleted(scene: Scene) -> None:
    """``--delete-all-output``, then a search from the start."""
    search = scene.finished()
    search.run("--delete-all-output", "all")
    assert not search.results()
    search.run("all")
    scene.check(search, times=2)


def touched(scene: Scene) -> None:
    """``--touch``, then the same command."""
    search = scene.finished()
    search.run("--touch", "all")
    assert NOTHING in search.run("all")
    scene.check(search)


def until(scene: Scene) -> None:
    """``--until`` a rule, then ``--omit-from`` another, then the rest."""
    search = scene.new()
    search.run("--until", "collect_records", "--", "search")
    search.run("--omit-from", "choose_best", "--", "search")
    assert not (search.root / "best.json").exists()
    search.run()
    scene.check(search)


def umask(scene: Scene) -> None:
    """Umask 077: nobody else can read the results, and they are the same."""
    before = os.umask(0o077)
    try:
        search = scene.new()
        search.run()
    finally:
        os.umask(before)
    scene.check(search)
    assert not any(path.stat().st_mode & 0o077 for path in search.root.rglob("*"))


def awkward_folder(scene: Scene) -> None:
    """A folder with spaces, quotes, signs of the shell and letters that are not ASCII."""
    search = scene.new(AWKWARD)
    search.run()
    scene.check(search)


def on_a_link(scene: Scene) -> None:
    """The folder of results is a link to another disk."""
    search = scene.new()
    (scene.folder / "elsewhere").mkdir()
    (search.folder / "results").symlink_to(scene.folder / "elsewhere")
    search.run()
    scene.check(search)
    assert (search.folder / "results").is_symlink()


def moved_onto_a_link(scene: Scene) -> None:
    """A finished search whose results have moved, with a link in their place."""
    search = scene.finished()
    (search.folder / "results").rename(scene.folder / "elsewhere")
    (search.folder / "results").symlink_to(scene.folder / "elsewhere")
    assert NOTHING in search.run("all")
    scene.check(search)


def moved(scene: Scene) -> None:
    """The whole folder has moved, as to another machine."""
    here = scene.finished()
    elsewhere = scene.folder / "another machine"
    here.folder.rename(elsewhere)
    search = TinySearch(elsewhere)
    assert NOTHING in search.run("all")
    scene.check(search)


def copied(scene: Scene) -> None:
    """Results and program alone, without what Snakemake knows about them."""
    search = scene.finished()
    shutil.rmtree(search.folder / ".snakemake")
    search.run("all")
    scene.check(search)


def from_the_future(scene: Scene) -> None:
    """The clock was set back by a year, so that all files are from the future."""
    search = scene.finished()
    for path in (search.root.parent, *search.root.parent.rglob("*")):
        changed = path.stat().st_mtime + YEAR
        os.utime(path, (changed, changed))
    (search.root / "best.json").unlink()
    (search.root / "stage-1/trials/0005.json").unlink()
    search.run()
    scene.check(search, again=frozenset({"stage-1/0005"}))


def program_from_the_future(scene: Scene) -> None:
    """The program's file is from the future: refused before a training starts."""
    search = scene.new()
    program = search.folder / "train.py"
    changed = time.time() + YEAR
    os.utime(program, (changed, changed))
    assert "train.py: was changed" in said(search.run(succeeds=False))
    assert not (search.folder / "ran.txt").exists()
    program.touch()


def clock_set_back(scene: Scene) -> None:
    """The clock is set back by a day while the search is interrupted."""
    search = scene.interrupted()
    os.utime(search.folder / "train.py", (0, 0))  # nobody has changed it today
    done = subprocess.run(
        ["faketime", "-f", "-1d", *search.command()], cwd=search.folder, capture_output=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    search.run()
    scene.check(search, killed=True)


SITUATIONS: dict[str, Callable[[Scene], None]] = {
    name: thing
    for name, thing in list(globals().items())
    if callable(thing) and getattr(thing, "__annotations__", {}) == {"scene": Scene, "return": None}
}


@contextlib.contextmanager
def read_only(search: TinySearch) -> Iterator[None]:
    """Put the results on a file system of their own, which cannot be written; root's."""
    kept = search.folder / "kept"
    search.root.rename(kept)
    with mounted(search.root, "size=64m"):
        shutil.copytree(kept, search.root, dirs_exist_ok=True)
        remount(search.root, "ro")
        yield
    search.root.rmdir()
    kept.rename(search.root)


def said(output: str) -> str:
    """In one line."""
    return " ".join(output.split())
