"""What tests share: a scheduler that says what they want, or the ends of those on a real one."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from scheduler import Scheduler
from side_by_side import Ended
from snakemake_executor_plugin_submitit import submitter

from tests.slurm.cluster import Cluster


@pytest.fixture(scope="module")
def ended(
    request: pytest.FixtureRequest, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Ended:
    """The ends of all tests of a module that are to run side by side."""
    tests = [item.function for item in request.session.items if item.module is request.module]
    scenarios = [vars(test)["scenario"] for test in tests if "scenario" in vars(test)]
    with ThreadPoolExecutor(len(scenarios)) as pool:
        started = {
            scenario: pool.submit(scenario, cluster, tmp_path_factory.mktemp(scenario.__name__))
            for scenario in scenarios
        }
    cluster.repair()
    return started


@pytest.fixture
def scheduler(monkeypatch: pytest.MonkeyPatch) -> Scheduler:
    scheduler = Scheduler()
    monkeypatch.setattr(submitter, "submit", scheduler.submit)
    monkeypatch.setattr(time, "time", scheduler.time)
    return scheduler
