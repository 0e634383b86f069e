"""What SLURM refuses, delays or holds, on a real one."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from small_workflow import SmallWorkflow, wait_until

from tests.slurm.cluster import Cluster

BIG = "resources: mem_mb=lambda wildcards: 900_000 if wildcards.i == '2' else 50"


@pytest.fixture
def qos(cluster: Cluster) -> Iterator[Callable[..., str]]:
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


def test_one_refused_job_of_four_fails_alone(cluster: Cluster, tmp_path: Path) -> None:
    workflow = SmallWorkflow(tmp_path, "true", more=BIG)
    said = workflow.start(environment=cluster.environment()).ends(well=False)
    assert workflow.made() == [0, 1, 3]
    assert said.count("Memory specification can not be satisfied") == 1
    assert "Ask for less: mem_mb" in said
    assert "Error in rule job" in said


def test_without_keep_going_a_refused_job_lets_the_running_ones_end(
    cluster: Cluster, tmp_path: Path
) -> None:
    workflow = SmallWorkflow(tmp_path, "sleep 3", more=BIG)
    running = workflow.start(environment=cluster.environment(), keep_going=False)
    assert "Memory specification can not be satisfied" in running.ends(well=False)
    assert workflow.made() == [0, 1, 3]


def test_a_value_that_cannot_be_used_fails_its_job_alone(cluster: Cluster, tmp_path: Path) -> None:
    more = "resources: cpus_per_task=lambda wildcards: 'many' if wildcards.i == '2' else 1"
    workflow = SmallWorkflow(tmp_path, "true", more=more)
    said = workflow.start(environment=cluster.environment()).ends(well=False)
    assert workflow.made() == [0, 1, 3]
    assert said.count("cpus_per_task='many'") == 1


def test_many_refused_jobs_are_told_once_and_with_the_choice(
    cluster: Cluster, tmp_path: Path
) -> None:
    more = "resources: slurm_account='nobody'"
    workflow = SmallWorkflow(tmp_path, "true", jobs=50, retries=1, more=more)
    said = workflow.start(environment=cluster.environment()).ends(well=False)
    assert said.count("Invalid account") == 1
    assert said.count("Error in rule") == 1
    assert said.count("Trying to restart") == 1
    assert "Accounts of root: root, test." in said
    assert "cannot be submitted, for the reason above" in said


def test_less_than_the_least_of_a_qos_fails(
    cluster: Cluster, qos: Callable[..., str], tmp_path: Path
) -> None:
    name = qos("MinTRESPerJob=cpu=2", "Flags=DenyOnLimit")
    workflow = SmallWorkflow(tmp_path, "true", more=f"resources: qos={name!r}")
    said = workflow.start(environment=cluster.environment()).ends(well=False)
    assert said.count("QOSMinCpuNotSatisfied") == 1
    assert "Ask for more" in said
    assert workflow.ran() == []


def test_a_full_queue_is_waited_for(
    cluster: Cluster, qos: Callable[..., str], tmp_path: Path
) -> None:
    name = qos("MaxSubmitJobsPerUser=2")
    workflow = SmallWorkflow(tmp_path, "true", jobs=5, more=f"resources: qos={name!r}")
    said = workflow.start(environment=cluster.environment()).ends()
    assert workflow.ran() == list(range(5))
    assert said.count("QOSMaxSubmitJobPerUserLimit") == 1


def test_a_queue_that_has_never_room_is_not_waited_for(
    cluster: Cluster, qos: Callable[..., str], tmp_path: Path
) -> None:
    name = qos("MaxSubmitJobsPerUser=0")
    workflow = SmallWorkflow(tmp_path, "true", jobs=2, more=f"resources: qos={name!r}")
    said = workflow.start(environment=cluster.environment()).ends(well=False)
    assert "no job of yours is in the queue" in said
    assert workflow.ran() == []


def test_a_full_queue_is_not_full_for_others(
    cluster: Cluster, qos: Callable[..., str], tmp_path: Path
) -> None:
    name = qos("MaxSubmitJobsPerUser=1")
    more = f"resources: qos=lambda wildcards: 'normal' if wildcards.i == '2' else {name!r}"
    workflow = SmallWorkflow(tmp_path, "test {wildcards.i} = 2 || sleep 8", jobs=3, more=more)
    running = workflow.start(environment=cluster.environment())
    wait_until(lambda: 2 in workflow.made(), within=20)
    assert workflow.made() == [2]
    running.ends()
    assert workflow.ran() == [0, 1, 2]


SAYS_ONCE = """#!/bin/sh
# A slurmctld that answers nonsense once cannot be had from a real one.
if mkdir {folder}/said 2> /dev/null; then
    echo 'sbatch: error: Batch job submission failed: {message}' >&2
    exit 1
fi
exec {sbatch} "$@"
"""


@pytest.mark.parametrize("message", ["Unexpected message received", "The moon is full"])
def test_what_passes_is_tried_again(cluster: Cluster, tmp_path: Path, message: str) -> None:
    sbatch = tmp_path / "bin/sbatch"
    sbatch.parent.mkdir()
    real = cluster.call("which", "sbatch")
    sbatch.write_text(SAYS_ONCE.format(folder=tmp_path, message=message, sbatch=real))
    sbatch.chmod(0o755)
    environment = cluster.environment()
    environment["PATH"] = f"{sbatch.parent}:{environment['PATH']}"
    workflow = SmallWorkflow(tmp_path, "true")
    said = workflow.start(environment=environment).ends()
    assert workflow.ran() == [0, 1, 2, 3]
    assert said.count(message) == 1


def test_a_partition_that_is_drained_is_waited_for(breakable: Cluster, tmp_path: Path) -> None:
    breakable.call("scontrol", "update", "PartitionName=high", "State=DRAIN")
    workflow = SmallWorkflow(tmp_path, "true", more="resources: slurm_partition='high'")
    running = workflow.start(environment=breakable.environment())
    wait_until(lambda: "Required partition not available" in running.said())
    breakable.call("scontrol", "update", "PartitionName=high", "State=UP")
    running.ends()
    assert workflow.ran() == [0, 1, 2, 3]


def test_held_jobs_are_told_once(breakable: Cluster, tmp_path: Path) -> None:
    workflow = SmallWorkflow(tmp_path, "sleep 1", jobs=4, more="resources: slurm_extra='--hold'")
    running = workflow.start(environment=breakable.environment())
    wait_until(lambda: "JobHeldUser" in running.said())
    [job] = set(breakable.call("squeue", "-h", "-o%F").split())
    assert f"4 jobs wait in the queue ({job}): JobHeldUser" in running.said()
    assert f"scontrol release {job}" in running.said()
    time.sleep(5)
    breakable.call("scontrol", "release", job)
    assert running.ends().count("JobHeldUser") == 1


def test_a_job_that_was_put_back_and_held_is_told(breakable: Cluster, tmp_path: Path) -> None:
    workflow = SmallWorkflow(tmp_path, "sleep 2", jobs=1)
    running = workflow.start(environment=breakable.environment())
    wait_until(lambda: len(workflow.ran()) == 1)
    job = breakable.call("squeue", "-h", "-tR", "-o%A")
    breakable.call("scontrol", "requeuehold", job)
    wait_until(lambda: "requeued in held state" in running.said())
    assert f"scontrol release {job}" in running.said()
    breakable.call("scontrol", "release", job)
    running.ends()


def test_a_limit_that_passes_is_told(
    breakable: Cluster, qos: Callable[..., str], tmp_path: Path
) -> None:
    name = qos("GrpJobs=1")
    workflow = SmallWorkflow(tmp_path, "sleep 5", jobs=3, more=f"resources: qos={name!r}")
    said = workflow.start(environment=breakable.environment()).ends()
    assert said.count("QOSGrpJobsLimit") == 1
    assert "a limit of the account is reached" in said
