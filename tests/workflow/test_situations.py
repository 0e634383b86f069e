"""What people and machines do to a finished search; ``benchmarks/crash`` tries more than this."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from smallest import smallest, snakemake
from tiny_search import REPOSITORY, TinySearch

from benchmarks.crash import situations
from benchmarks.crash.situations import Scene


@pytest.mark.parametrize(
    "situation",
    [
        situations.touched,
        situations.moved,
        situations.moved_onto_a_link,
        situations.from_the_future,
        situations.program_from_the_future,
    ],
)
def test_the_results_are_those_of_an_undisturbed_search(
    situation: Callable[[Scene], None], undisturbed: TinySearch, tmp_path: Path
) -> None:
    situation(Scene(undisturbed, tmp_path))


@pytest.mark.usefixtures("can_mount")
@pytest.mark.parametrize(
    "situation", [situations.read_only_and_finished, situations.read_only_and_unfinished]
)
def test_only_what_has_to_write_is_refused_in_a_read_only_folder(
    situation: Callable[[Scene], None], undisturbed: TinySearch, tmp_path: Path
) -> None:
    situation(Scene(undisturbed, tmp_path))


def test_a_search_runs_again_in_an_awkward_folder_after_its_output_was_deleted(
    tmp_path: Path,
) -> None:
    folder = tmp_path / situations.AWKWARD
    folder.mkdir()
    command = ["--configfile", smallest(folder), "-s", REPOSITORY / "Snakefile"]
    best = folder / "results/smallest/best.json"
    snakemake(folder, *command, "search")
    before = best.read_bytes()
    snakemake(folder, *command, "--delete-all-output", "search")
    assert not best.exists()
    snakemake(folder, *command, "search")
    assert best.read_bytes() == before
    assert len((folder / "ran.txt").read_text().split()) == 4


KILLS_TEE = """
import contextlib, os, pathlib, signal, time

while not list(pathlib.Path("results").rglob("logs/0000.log")):
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
    options = ["--cores=1", "--configfile", config, "-s", REPOSITORY / "Snakefile", "search"]
    # Not by the helper of the other tests: the logger plugin may want to show a log that is gone.
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", *options],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "Trying to restart job" in done.stderr
    assert len((tmp_path / "ran.txt").read_text().split()) == 2
