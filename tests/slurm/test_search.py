"""A whole search on SLURM gives what it gives on this machine, whatever happens on the way."""

from pathlib import Path

import pytest

from tests.slurm.cluster import Cluster
from tests.workflow.conftest import TinySearch, kill, undisturbed  # noqa: F401 (a fixture)

PROFILES = Path(__file__).parents[2] / "profiles"
SLURM = (f"--profile={PROFILES}/slurm", "--cores=2", "--default-resources", "mem_mb=100")


@pytest.fixture
def search(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TinySearch:
    monkeypatch.setenv("SLURM_CONF", str(cluster.configuration))
    return TinySearch(tmp_path)


@pytest.mark.parametrize("pack", ["1", "30"])
def test_results_do_not_depend_on_the_cluster_or_on_packs(
    search: TinySearch,
    undisturbed: TinySearch,
    pack: str,  # noqa: F811
) -> None:
    search.run(*SLURM, f"--submitit-pack={pack}")
    assert search.results() == undisturbed.results()
    assert len(search.trained()) == len(undisturbed.trained())


def test_a_search_goes_on_after_its_controller_was_killed(
    search: TinySearch,
    undisturbed: TinySearch,  # noqa: F811
) -> None:
    first = search.start(*SLURM, slow=1)
    search.wait_for("stage-1/trials/*.json", 3)
    kill(first, group=False)
    search.wait_for("stage-1/trials/*.json", 8)
    search.run(*SLURM, slow=0.1)
    assert search.results() == undisturbed.results()
    assert len(search.trained()) == len(set(search.trained()))
