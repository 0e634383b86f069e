"""Jobs on another cluster than the one that SLURM is set up for, both of them real."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_workflow import SmallWorkflow

from tests.slurm.cluster import Cluster
from tests.slurm.second import SecondCluster
from tests.slurm.waiting import wait_until

FAR = "resources: clusters='far'"


@pytest.fixture(scope="module")
def far(cluster: Cluster) -> Iterator[Cluster]:
    with SecondCluster(cluster, "far") as second:
        yield second


def test_jobs_run_on_the_cluster_that_they_name(
    breakable: Cluster, far: Cluster, tmp_path: Path
) -> None:
    workflow = SmallWorkflow(tmp_path, "echo $SLURM_CLUSTER_NAME >> where", jobs=3, more=FAR)
    workflow.start(environment=breakable.environment()).ends()
    assert (tmp_path / "where").read_text().split() == ["far"] * 3
    assert tmp_path.name not in breakable.call("sacct", "-XnPo", "WorkDir")


def test_a_job_that_died_there_is_noticed_and_named(
    breakable: Cluster, far: Cluster, tmp_path: Path
) -> None:
    workflow = SmallWorkflow(tmp_path, "sleep 300", jobs=1, more=FAR)
    running = workflow.start(environment=breakable.environment())
    wait_until(lambda: len(workflow.ran()) == 1)
    job = far.call("squeue", "-h", "-o%A")
    far.call("scancel", job)
    assert f"job {job} of cluster far ended (CANCELLED)" in running.ends(well=False)


def test_what_runs_there_is_adopted_and_cancelled(
    breakable: Cluster, far: Cluster, tmp_path: Path
) -> None:
    environment = {**breakable.environment(), "SLURM_CLUSTERS": "far"}
    command = "test {wildcards.i} = 0 || sleep 300"
    noted, lost = (SmallWorkflow(tmp_path / name, command, jobs=2) for name in ("noted", "lost"))
    both = (noted, lost)
    killed = [workflow.start(environment=environment) for workflow in both]
    wait_until(lambda: all(len(workflow.ran()) == 2 for workflow in both))
    for running in killed:
        running.dies()
    next(lost.folder.rglob("jobs.json")).unlink()
    later = [workflow.start(environment=environment) for workflow in both]
    wait_until(lambda: list(lost.folder.rglob("jobs.json")))
    for workflow, running in zip(both, later, strict=True):
        wait_until(lambda workflow=workflow: workflow.made() == [0])
        wait_until(lambda running=running: "wildcards: i=1" in running.said())
        os.kill(running.process.pid, signal.SIGINT)
        running.ends(well=False)
    wait_until(lambda: not far.call("squeue", "-h"))
    assert noted.ran() == lost.ran() == [0, 1]


def test_a_task_there_queues_itself_again(breakable: Cluster, far: Cluster, tmp_path: Path) -> None:
    workflow = SmallWorkflow(
        tmp_path, "test -e again || {{ touch again; sleep 300; }}", jobs=1, more=FAR
    )
    environment = {**breakable.environment(), "SLURM_CLUSTERS": "test,far"}
    running = workflow.start("--submitit-resumable", environment=environment)
    wait_until(lambda: len(workflow.ran()) == 1)
    far.call("scancel", "--batch", "--signal=USR2", "--user=root")
    running.ends()
    assert workflow.ran() == [0, 0]
