"""Limits on the queue, of a real SLURM."""

from pathlib import Path

from on_slurm import qos
from side_by_side import side_by_side
from small_workflow import UNTIL_GO, SmallWorkflow

from tests.slurm.cluster import Cluster
from tests.slurm.waiting import wait_until


@side_by_side
def test_a_full_queue_is_waited_for(cluster: Cluster, folder: Path) -> None:
    with qos(cluster, folder, "MaxSubmitJobsPerUser=2") as name:
        workflow = SmallWorkflow(folder, "true", jobs=4, more=f"resources: qos={name!r}")
        said = workflow.start(environment=cluster.environment()).ends()
    assert workflow.ran() == [0, 1, 2, 3]
    assert said.count("QOSMaxSubmitJobPerUserLimit") == 1


@side_by_side
def test_a_full_queue_is_not_full_for_others(cluster: Cluster, folder: Path) -> None:
    with qos(cluster, folder, "MaxSubmitJobsPerUser=1") as name:
        more = f"resources: qos=lambda wildcards: 'normal' if wildcards.i == '2' else {name!r}"
        command = f"test {{wildcards.i}} = 2 || {UNTIL_GO}"
        workflow = SmallWorkflow(folder, command, jobs=3, more=more)
        running = workflow.start(environment=cluster.environment())
        wait_until(lambda: 2 in workflow.made())
        assert workflow.made() == [2]
        (folder / "go").touch()
        running.ends()
    assert workflow.ran() == [0, 1, 2]


@side_by_side
def test_a_limit_that_passes_is_told(cluster: Cluster, folder: Path) -> None:
    with qos(cluster, folder, "GrpJobs=1") as name:
        workflow = SmallWorkflow(folder, UNTIL_GO, jobs=2, more=f"resources: qos={name!r}")
        running = workflow.start(environment=cluster.environment())
        wait_until(lambda: "QOSGrpJobsLimit" in running.said())
        (folder / "go").touch()
        said = running.ends()
    assert said.count("QOSGrpJobsLimit") == 1
    assert "a limit of the account is reached" in said


def test_a_queue_that_has_never_room_is_not_waited_for(breakable: Cluster, tmp_path: Path) -> None:
    """As soon as no other job of the user is in it."""
    with qos(breakable, tmp_path, "MaxSubmitJobsPerUser=0") as name:
        workflow = SmallWorkflow(tmp_path, "true", jobs=2, more=f"resources: qos={name!r}")
        said = workflow.start(environment=breakable.environment()).ends(well=False)
    assert "you have no jobs in the queue" in said
    assert workflow.ran() == []
