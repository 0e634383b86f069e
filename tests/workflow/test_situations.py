"""What people and machines do to a finished search; ``benchmarks/crash`` tries more than this."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from smallest import smallest
from tiny_search import REPOSITORY, TinySearch

from benchmarks.crash import situations
from benchmarks.crash.situations import Scene


@pytest.mark.parametrize(
    "situation",
    [
        situations.touched,
        situations.moved,
        situations.moved_onto_a_link,
        situations.program_from_the_future,
    ],
)
def test_the_results_are_those_of_an_undisturbed_search(
    situation: Callable[[Scene], None], undisturbed: TinySearch, tmp_path: Path
) -> None:
    situation(Scene(undisturbed, tmp_path))


def test_results_from_the_future_get_the_time_of_now(
    finished: TinySearch, undisturbed: TinySearch
) -> None:
    """The clock was set back by a year."""
    for path in (finished.root.parent, *finished.root.parent.rglob("*")):
        changed = path.stat().st_mtime + situations.YEAR
        os.utime(path, (changed, changed))
    (finished.root / "final/rung-1/trials/0001.json").unlink()
    finished.run()
    assert finished.results() == undisturbed.results()
    assert finished.trained() == [*undisturbed.trained(), "rung-1/0001"]
    now = time.time()
    assert not [
        path
        for path in finished.root.rglob("*")
        if path.is_file() and "work" not in path.parts and path.stat().st_mtime > now
    ]


@pytest.mark.usefixtures("can_mount")
def test_a_finished_search_in_a_read_only_folder_has_nothing_to_do(
    undisturbed: TinySearch, tmp_path: Path
) -> None:
    situations.read_only_and_finished(Scene(undisturbed, tmp_path))


def test_a_search_runs_again_in_an_awkward_folder_after_its_output_was_deleted(
    undisturbed: TinySearch, tmp_path: Path
) -> None:
    shutil.copytree(undisturbed.folder, tmp_path / situations.AWKWARD)
    search = TinySearch(tmp_path / situations.AWKWARD)
    wanted = search.results()
    search.run("--delete-all-output")
    assert not search.results()
    search.run(search.target("stage-1/metrics.parquet"))
    assert len(search.trained()) == 42 + 24
    assert len(search.results()) == 4
    assert all(data == wanted[name] for name, data in search.results().items())


KILLS_TEE = """
import contextlib, os, pathlib, signal, time

while not list(pathlib.Path("results").rglob("logs/000*.log")):
    time.sleep(0.01)
for name in pathlib.Path("/proc").glob("[0-9]*/comm"):
    with contextlib.suppress(OSError):
        here = name.with_name("cwd").readlink() == pathlib.Path.cwd()
        if here and name.read_text() == "tee\\n" and not pathlib.Path("ran.txt").exists():
            os.kill(int(name.parent.name), signal.SIGKILL)
"""


def test_a_training_that_has_ended_is_kept_if_the_rest_of_its_job_is_killed(
    tmp_path: Path,
) -> None:
    """Here ``tee`` is killed, which writes the job's log."""
    config = smallest(tmp_path)
    program = tmp_path / "train.py"
    program.write_text(KILLS_TEE + program.read_text())
    options = ["--cores=1", "--configfile", config, "-s", REPOSITORY / "Snakefile", "--no-hooks"]
    # Not by the helper of the other tests: the logger plugin may want to show a log that is gone.
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", *options, "results/smallest/final/round-0/metrics.tsv"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "Trying to restart job" in done.stderr
    assert len((tmp_path / "ran.txt").read_text().split()) == 2
