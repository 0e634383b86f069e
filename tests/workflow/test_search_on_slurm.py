"""A whole search on SLURM gives what it gives on this machine, whatever happens on the way."""

import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tiny_search import PROGRAM, TinySearch, kill

from tests.slurm.cluster import Cluster
from tests.slurm.waiting import wait_until

PROFILES = Path(__file__).parents[2] / "profiles"
LOCAL = (f"--profile={PROFILES}/local", "--cores=2")
SLURM = (f"--profile={PROFILES}/slurm", "--cores=2", "--default-resources", "mem_mb=200")

STAGES = {"stages": [{"samples": 20, "degree": 2, "sparsity": 2}]}
"""One, and the rungs of the final optimisation, where trainings go on from checkpoints."""

TRAININGS = {"stages": [], "final": {"optimiser": "random", "configurations": 2}}
"""And next to nothing else."""


def searching(folder: Path, parts: dict[str, Any]) -> TinySearch:
    folder.mkdir(exist_ok=True)
    search = TinySearch(folder)
    search.config |= parts
    return search


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> TinySearch:
    """The search run without an executor, on one core."""
    search = searching(tmp_path_factory.mktemp("expected"), STAGES)
    search.run("--cores=1")
    return search


@pytest.fixture(scope="module")
def expected_trainings(tmp_path_factory: pytest.TempPathFactory) -> TinySearch:
    search = searching(tmp_path_factory.mktemp("expected"), TRAININGS)
    search.run("--cores=1")
    return search


@pytest.fixture(autouse=True)
def _on(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLURM_CONF", str(cluster.configuration))


def check(search: TinySearch, expected: TinySearch) -> None:
    assert search.results() == expected.results()
    assert sorted(search.trained()) == sorted(expected.trained())


def test_packs_of_processes_here_give_the_same_results(
    expected: TinySearch, tmp_path: Path
) -> None:
    search = searching(tmp_path, STAGES)
    search.run(*LOCAL)
    check(search, expected)


def test_the_controller_may_be_a_job_itself(expected_trainings: TinySearch, tmp_path: Path) -> None:
    search = searching(tmp_path, TRAININGS)
    log, ended = tmp_path / "controller.log", tmp_path / "ended"
    options = [f"--output={log}", "--mem=1000", "--time=10", "--cpus-per-task=2"]
    command = f"{shlex.join(search.command(*SLURM))}; echo $? > {ended}"
    subprocess.run(["sbatch", *options, "--wrap", command], cwd=tmp_path, check=True)
    wait_until(lambda: ended.exists() and ended.read_text(), within=120)
    assert ended.read_text() == "0\n", log.read_text()
    check(search, expected_trainings)


def test_what_is_refused_or_always_fails_is_said_once_and_can_be_fixed(
    expected: TinySearch, tmp_path: Path
) -> None:
    search = searching(tmp_path, STAGES)
    output = search.run(*SLURM, "slurm_partition=lost", succeeds=False)
    assert "Logging error" not in output
    assert output.count("invalid partition specified: lost") == 1
    assert "Partitions here: high, main." in output
    assert len(output.splitlines()) < 50

    program = tmp_path / "train.py"
    program.write_text("import time\n\ntime.sleep(1)\nimport no_such_module\n")
    options = (*SLURM, "--submitit-pack=1", "--submitit-array-parallelism=4")
    output = search.run(*options, succeeds=False)
    assert "trainings have all failed in the same way" in output
    assert len(output.splitlines()) < 50
    assert len(list(search.root.glob("stage-1/trials/*.json"))) < 20
    queue = subprocess.run(["squeue", "--noheader"], capture_output=True, text=True, check=True)
    assert all(" CG " in line for line in queue.stdout.splitlines())

    program.write_text(PROGRAM)
    search.run(*SLURM, "--submitit-pack=1")
    check(search, expected)


def test_a_search_goes_on_after_its_controller_was_killed(
    expected: TinySearch, tmp_path: Path
) -> None:
    search = searching(tmp_path, STAGES)
    first = search.start(*SLURM, slow=1)
    search.wait_for("stage-1/trials/*.json", 3)
    kill(first, group=False)
    search.wait_for("stage-1/trials/*.json", 8)
    search.run(*SLURM, slow=0.1)
    check(search, expected)


def test_snakemakes_own_executor_gives_the_same_results(
    cluster: Cluster, expected_trainings: TinySearch, tmp_path: Path
) -> None:
    search = searching(tmp_path, TRAININGS)
    native = (f"--profile={PROFILES}/slurm-native", "--slurm-init-seconds-before-status-checks=6")
    native += ("--default-resources", "mem_mb=500", "slurm_account=test", "slurm_partition=main")
    with cluster.as_default():
        search.run(*native, "--cores=2")
    check(search, expected_trainings)
    submitted = cluster.call("sacct", "-nXPD", "-o", "WorkDir").split()
    assert submitted.count(str(tmp_path)) == len(expected_trainings.trained())
