"""A whole search on SLURM gives what it gives on this machine, whatever happens on the way."""

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
