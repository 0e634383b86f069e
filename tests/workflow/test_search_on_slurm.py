"""A whole search on SLURM gives what it gives on this machine, whatever happens on the way."""

import shlex
import subprocess
from contextlib import nullcontext
from pathlib import Path

import pytest
from tiny_search import PROGRAM, TinySearch, kill

from tests.slurm.cluster import Cluster

PROFILES = Path(__file__).parents[2] / "profiles"
LOCAL = (f"--profile={PROFILES}/local", "--cores=2")
SLURM = (f"--profile={PROFILES}/slurm", "--cores=2", "--default-resources", "mem_mb=200")


@pytest.fixture
def search(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TinySearch:
    monkeypatch.setenv("SLURM_CONF", str(cluster.configuration))
    return TinySearch(tmp_path)


@pytest.mark.parametrize("pack", ["1", "30"])
def test_results_do_not_depend_on_the_cluster_or_on_packs(
    search: TinySearch,
    undisturbed: TinySearch,
    pack: str,
) -> None:
    search.run(*SLURM, f"--submitit-pack={pack}")
    assert search.results() == undisturbed.results()
    assert len(search.trained()) == len(undisturbed.trained())


def test_the_controller_may_be_a_job_itself(search: TinySearch, undisturbed: TinySearch) -> None:
    log = search.folder / "controller.log"
    options = ["--wait", f"--output={log}", "--mem=1000", "--time=10", "--cpus-per-task=2"]
    command = shlex.join(search.command(*SLURM))
    job = subprocess.run(["sbatch", *options, "--wrap", command], cwd=search.folder, check=False)
    assert job.returncode == 0, log.read_text()
    assert search.results() == undisturbed.results()
    assert len(search.trained()) == len(undisturbed.trained())


def test_what_slurm_refuses_is_said_once(search: TinySearch, undisturbed: TinySearch) -> None:
    output = search.run(*SLURM, "slurm_partition=lost", succeeds=False)
    assert "Logging error" not in output
    assert output.count("invalid partition specified: lost") == 1
    assert "Partitions here: high, main." in output
    assert len(output.splitlines()) < 50
    search.run(*SLURM)
    assert search.results() == undisturbed.results()


def test_trainings_that_all_fail_alike_are_cancelled(
    search: TinySearch, undisturbed: TinySearch
) -> None:
    program = search.folder / "train.py"
    program.write_text("import time\n\ntime.sleep(1)\nimport no_such_module\n")
    options = (*SLURM, "--submitit-pack=1", "--submitit-array-parallelism=4")
    output = search.run(*options, succeeds=False)
    assert "trainings have all failed in the same way" in output
    assert len(output.splitlines()) < 50
    assert len(list(search.root.glob("stage-1/trials/*.json"))) < 24
    queue = subprocess.run(["squeue", "--noheader"], capture_output=True, text=True, check=True)
    assert all(" CG " in line for line in queue.stdout.splitlines())
    program.write_text(PROGRAM)
    search.run(*SLURM)
    assert search.results() == undisturbed.results()
    assert len(search.trained()) == len(undisturbed.trained())


def test_local_packs_give_the_same_results(undisturbed: TinySearch, tiny: TinySearch) -> None:
    tiny.run(*LOCAL)
    assert tiny.results() == undisturbed.results()
    assert len(tiny.trained()) == len(undisturbed.trained())


def test_a_search_goes_on_after_its_controller_was_killed(
    search: TinySearch,
    undisturbed: TinySearch,
) -> None:
    first = search.start(*SLURM, slow=1)
    search.wait_for("stage-1/trials/*.json", 3)
    kill(first, group=False)
    search.wait_for("stage-1/trials/*.json", 8)
    search.run(*SLURM, slow=0.1)
    assert search.results() == undisturbed.results()
    assert len(search.trained()) == len(set(search.trained()))


def test_snakemakes_own_executor_gives_the_same_results(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = {
        "stages": [{"samples": 10, "sparsity": 1}],
        "final": {"optimiser": "random", "configurations": 2},
    }
    found = []
    for name, options in {
        "local": ["--cores=2"],
        "native": [
            f"--profile={PROFILES}/slurm-native",
            "--slurm-init-seconds-before-status-checks=5",
            "--cores=2",
            "--default-resources",
            "mem_mb=500",
            "slurm_account=test",
            "slurm_partition=main",
        ],
    }.items():
        (tmp_path / name).mkdir()
        search = TinySearch(tmp_path / name)
        search.config |= small
        monkeypatch.setenv("SLURM_CONF", str(cluster.configuration))
        with cluster.as_default() if name == "native" else nullcontext():
            search.run(*options)
        found.append(search.results())
    assert found[0] == found[1]
    submitted = cluster.call("sacct", "-nXPD", "-o", "WorkDir").split()
    assert submitted.count(str(tmp_path / "native")) == 12
