"""Tests that mostly wait for SLURM: those of a module run at once, and pass or fail one by one."""

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from tests.slurm.cluster import Cluster

Scenario = Callable[[Cluster, Path], None]
Ended = dict[Scenario, "Future[None]"]


def side_by_side(scenario: Scenario) -> Callable[[Ended], None]:
    """Make a test of a function of a cluster and a folder.

    The function shares the cluster: it may look at, and do harm to, jobs from its folder only.
    """

    def test(ended: Ended) -> None:
        ended[scenario].result()

    test.__name__, test.__doc__ = scenario.__name__, scenario.__doc__
    vars(test)["scenario"] = scenario
    return test
