"""Limits for single tests."""

import time
from collections.abc import Iterator

import pytest
from qos import Qos

from tests.slurm.cluster import Cluster
from tests.slurm.waiting import wait_until


@pytest.fixture
def qos(cluster: Cluster) -> Iterator[Qos]:
    """Makes a QOS that the user may use."""
    made: list[str] = []

    def make(*settings: str) -> str:
        name = f"qos{time.monotonic_ns()}"
        cluster.call("sacctmgr", "-i", "add", "qos", name, *settings)
        made.append(name)
        cluster.call("sacctmgr", "-i", "modify", "user", "root", "set", f"qos+={name}")
        return name

    yield make
    cluster.call("scancel", "--user=root")
    wait_until(lambda: not cluster.call("squeue", "-h"))
    for name in made:
        cluster.call("sacctmgr", "-i", "modify", "user", "root", "set", f"qos-={name}")
        cluster.call("sacctmgr", "-i", "delete", "qos", name)
