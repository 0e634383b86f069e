"""A folder with a finished search, in which one step is run, and disturbed, again and again.

A step runs in a fork of this process, which has loaded what the steps need: a disturbance takes a
fraction of a second, and hits the step itself, not the start of Python.
"""

import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from tiny_search import TinySearch

from benchmarks.crash.steps import ARCHIVED, ROOT, STEPS, Step
from harmonica_steps.archive import check, create, restore  # noqa: F401 (loaded once)
from harmonica_steps.cli import main
from harmonica_steps.export import space, study, table  # noqa: F401
from harmonica_steps.report import figures, page  # noqa: F401
from harmonica_steps.steps import collect, draw, finish, recover  # noqa: F401


class Ended(NamedTuple):
    """How a step ended."""

    status: int
    said: str


class Workshop:
    """A folder with a finished search, put back as it was before each disturbance.

    Parameters
    ----------
    finished
        The folder of the search.
    step
        What is run in it.
    place
        Where to work; made here if it is not there.
    """

    def __init__(self, finished: Path, step: Step, place: Path) -> None:
        self.finished = finished
        self.step = step
        self.place = place
        self.place.mkdir(exist_ok=True)
        self.renew()
        ended = self.run()
        assert ended.status == 0, ended.said
        self.wanted = contents(self.place)

    def renew(self) -> None:
        """Put everything back, but for what the step makes."""
        for path in self.place.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.copytree(self.finished, self.place, dirs_exist_ok=True)
        for name in self.step.makes:
            path = self.place / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

    def records(self) -> Counter[bytes]:
        """Every training's record, also those that were set aside."""
        folders = ("trials", "aside")
        found = (self.place / ROOT).rglob("*.json")
        return Counter(path.read_bytes() for path in found if path.parent.name in folders)

    def trained(self) -> int:
        """How many trainings really ran."""
        return len((self.place / "ran.txt").read_text().split())

    def run(self, between: Callable[[int], object] | None = None, user: int | None = None) -> Ended:
        """Run the step, see `run_step`."""
        return run_step(self.step, self.place, between, user)


def run_step(
    step: Step,
    place: Path,
    between: Callable[[int], object] | None = None,
    user: int | None = None,
) -> Ended:
    """Run a step in a child.

    Parameters
    ----------
    step
        What to run.
    place
        The folder that holds ``results/``.
    between
        Is given the child, which waits until it has returned.
    user
        Run it as this user.
    """
    with tempfile.TemporaryFile() as output:
        child = os.fork()
        if not child:
            _become(step, place, output.fileno(), holding=between is not None, user=user)
        if between is not None:
            os.waitpid(child, os.WUNTRACED)
            between(child)
            os.kill(child, signal.SIGCONT)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        output.seek(0)
        return Ended(status, output.read().decode(errors="replace"))


def _become(step: Step, place: Path, output: int, *, holding: bool, user: int | None) -> None:
    status = 99
    try:
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.chdir(place)
        if user is not None:
            os.setgroups([])
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)
        if holding:
            os.kill(os.getpid(), signal.SIGSTOP)
        status = main(step.command)
    except SystemExit as end:
        status = int(end.code or 0)
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def contents(folder: Path) -> dict[str, bytes]:
    """All files, without what differs between two runs of one training, and without notes."""
    return dict(_contents(folder))


def _contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        ours = name.startswith("results/") and path.name not in (".owner", ".lock")
        if not ours or not path.is_file():
            continue
        content = path.read_bytes()
        if path.parent.name == "trials" and not path.name.startswith("."):
            record = json.loads(content)
            content = json.dumps({**record, "run": None}).encode()
        yield name, content


def finished_search(folder: Path) -> Path:
    """Run the tests' search once, undisturbed."""
    folder.mkdir()
    TinySearch(folder).run("all")
    return folder


def with_archive(finished: Path, folder: Path) -> Path:
    """A copy of a finished search, with the archive that `restore` needs; no step needs more."""
    shutil.copytree(finished, folder, ignore=shutil.ignore_patterns(".snakemake"))
    ended = run_step(STEPS["archive"], folder)
    assert ended.status == 0, ended.said
    (folder / ROOT / "archive/search.tar.zst").rename(folder / ARCHIVED)
    return folder
