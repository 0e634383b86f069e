"""A SLURM that hangs and a disk that is full: jobs wait, and run once."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_workflow import SmallWorkflow

from tests.slurm.cluster import Cluster
from tests.slurm.waiting import wait_until


def test_a_hung_controller_is_waited_for(breakable: Cluster, tmp_path: Path) -> None:
    slurmctld = breakable.daemons["slurmctld"].pid
    early, late = tmp_path / "early", tmp_path / "late"
    for folder in (early, late):
        folder.mkdir()
    before = SmallWorkflow(early, "sleep 8", jobs=2)
    submitted = before.start(environment=breakable.environment())
    wait_until(lambda: len(before.ran()) == 2)
    os.kill(slurmctld, signal.SIGSTOP)
    try:
        meanwhile = SmallWorkflow(late, "true", jobs=2)
        waiting = meanwhile.start(environment=breakable.environment())
        wait_until(lambda: "Submission delayed, will retry" in waiting.said())
        wait_until(lambda: before.made() == [0, 1])
    finally:
        os.kill(slurmctld, signal.SIGCONT)
    submitted.ends()
    waiting.ends()
    assert before.ran() == [0, 1]
    assert meanwhile.ran() == [0, 1]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder with a file system of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody mount a file system here")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder: Path) -> Path:
    """Leave no room; the file that takes it."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return filler


def test_a_full_disk_delays_submission(cluster: Cluster, small_disk: Path, tmp_path: Path) -> None:
    filler = fill(small_disk)
    workflow = SmallWorkflow(tmp_path, "true", jobs=2)
    running = workflow.start(f"--submitit-folder={small_disk}", environment=cluster.environment())
    wait_until(lambda: "cannot be written" in running.said() or "No space" in running.said())
    filler.unlink()
    running.ends()
    assert workflow.ran() == [0, 1]


def test_a_disk_that_fills_up_while_jobs_run_loses_none(
    cluster: Cluster, small_disk: Path, tmp_path: Path
) -> None:
    workflow = SmallWorkflow(tmp_path, "sleep 2", jobs=3)
    running = workflow.start(
        f"--submitit-folder={small_disk}",
        "--submitit-pack=3",
        environment=cluster.environment(),
    )
    wait_until(lambda: len(workflow.ran()) == 1)
    filler = fill(small_disk)
    wait_until(lambda: len(workflow.made()) == 1)
    time.sleep(3)  # the next would start now, if the status of the first had been written
    assert len(workflow.ran()) == 1
    filler.unlink()
    running.ends()
    assert workflow.ran() == [0, 1, 2]
