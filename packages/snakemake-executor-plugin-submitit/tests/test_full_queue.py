"""Limits on the queue, of a real SLURM."""

from pathlib import Path

from qos import Qos
from small_workflow import UNTIL_GO, SmallWorkflow

from tests.slurm.cluster import Cluster
from tests.slurm.waiting import wait_until


def test_a_full_queue_is_waited_for_and_told_and_is_not_full_for_others(
    breakable: Cluster, qos: Qos, tmp_path: Path
) -> None:
    few, one, at_a_time = (
        qos("MaxSubmitJobsPerUser=2"),
        qos("MaxSubmitJobsPerUser=1"),
        qos("GrpJobs=1"),
    )
    filled = SmallWorkflow(tmp_path / "filled", "true", jobs=4, more=f"resources: qos={few!r}")
    others = SmallWorkflow(
        tmp_path / "others",
        f"test {{wildcards.i}} = 2 || {UNTIL_GO}",
        jobs=3,
        more=f"resources: qos=lambda wildcards: 'normal' if wildcards.i == '2' else {one!r}",
    )
    limited = SmallWorkflow(
        tmp_path / "limited", "sleep 5", jobs=2, more=f"resources: qos={at_a_time!r}"
    )
    first, second, third = (
        workflow.start(environment=breakable.environment())
        for workflow in (filled, others, limited)
    )
    wait_until(lambda: 2 in others.made())
    assert others.made() == [2]
    (others.folder / "go").touch()

    assert first.ends().count("QOSMaxSubmitJobPerUserLimit") == 1
    assert filled.ran() == [0, 1, 2, 3]

    second.ends()
    assert others.ran() == [0, 1, 2]

    said = third.ends()
    assert said.count("QOSGrpJobsLimit") == 1
    assert "a limit of the account is reached" in said


def test_a_queue_that_has_never_room_is_not_waited_for(
    breakable: Cluster, qos: Qos, tmp_path: Path
) -> None:
    name = qos("MaxSubmitJobsPerUser=0")
    workflow = SmallWorkflow(tmp_path, "true", jobs=2, more=f"resources: qos={name!r}")
    said = workflow.start(environment=breakable.environment()).ends(well=False)
    assert "no job of yours is in the queue" in said
    assert workflow.ran() == []
