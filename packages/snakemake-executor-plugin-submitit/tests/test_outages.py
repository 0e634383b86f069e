"""A SLURM that hangs and a disk that is full: jobs wait, and run once."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_workflow import UNTIL_GO, SmallWorkflow

from tests.slurm.cluster import Cluster
from tests.slurm.waiting import wait_until


def test_a_controller_that_is_away_or_hangs_is_waited_for(
    breakable: Cluster, cluster_without_accounting: Cluster, tmp_path: Path
) -> None:
    """And an accounting that is away is not."""
    away, hung = breakable, cluster_without_accounting
    slurmctld = hung.daemons["slurmctld"].pid
    places = {tmp_path / "away": away, tmp_path / "hung": hung}
    early, late = {}, {}
    away.stop_accounting()
    for folder, cluster in places.items():
        folder.mkdir()
        workflow = SmallWorkflow(folder / "early", UNTIL_GO, jobs=2)
        early[workflow] = workflow.start(environment=cluster.environment())
    wait_until(lambda: all(len(workflow.ran()) == 2 for workflow in early))
    away.stop_controller()
    os.kill(slurmctld, signal.SIGSTOP)
    try:
        for folder, cluster in places.items():
            workflow = SmallWorkflow(folder / "late", "true", jobs=2)
            late[workflow] = workflow.start(environment=cluster.environment())
            (folder / "early/go").touch()
        for running in late.values():
            wait_until(lambda run=running: "Submission delayed, will retry" in run.said())
        wait_until(lambda: all(workflow.made() == [0, 1] for workflow in early))
    finally:
        os.kill(slurmctld, signal.SIGCONT)
    away.start_controller()
    for workflow, running in {**early, **late}.items():
        running.ends()
        assert workflow.ran() == [0, 1]


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
