"""Fixtures of the tests of trainings."""

import subprocess
from collections.abc import Iterator

import pytest
from forkserver_support import servers
from objective_support import wait_until


@pytest.fixture
def owner() -> Iterator[subprocess.Popen[bytes]]:
    """A process that owns a fork server."""
    with subprocess.Popen(["sleep", "600"]) as process:
        yield process
        process.kill()
        process.wait()
        wait_until(lambda: not servers())
