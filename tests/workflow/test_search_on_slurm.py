"""A whole search on SLURM gives what it gives on this machine, whatever happens on the way."""

from contextlib import nullcontext
from pathlib import Path

import pytest
from conftest import TinySearch, kill

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
