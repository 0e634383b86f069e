"""A SLURM cluster for whichever tests ask for it; those get the marker ``slurm``."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.slurm.cluster import Cluster
from tests.slurm.packages import UnavailableError

# How long an example takes says nothing on a busy machine. CI has no deadline either.
settings.register_profile("patient", settings.default, deadline=None)
settings.load_profile("patient")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slurm: runs on a real SLURM, which needs root")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if {"workflow", "packages"} & set(item.path.relative_to(item.config.rootpath).parts):
            item.add_marker(pytest.mark.workflow)
        if {"cluster", "cluster_without_accounting"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slurm)


def running(*, accounting: bool) -> Iterator[Cluster]:
    try:
        cluster = Cluster(accounting=accounting)
    except UnavailableError as reason:
        pytest.skip(str(reason))
    with cluster:
        yield cluster


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """One for each worker of pytest-xdist: it takes seconds, and no worker disturbs another's."""
    yield from running(accounting=True)


@pytest.fixture(scope="session")
def cluster_without_accounting() -> Iterator[Cluster]:
    yield from running(accounting=False)


@pytest.fixture
def breakable(cluster: Cluster) -> Iterator[Cluster]:
    """The cluster for a test that does harm to it or leaves jobs; repaired afterwards."""
    yield cluster
    cluster.repair()
