"""What SLURM refuses, on a real one."""

from pathlib import Path

from on_slurm import qos
from side_by_side import side_by_side
from small_workflow import SmallWorkflow

from tests.slurm.cluster import Cluster

BIG = "resources: mem_mb=lambda wildcards: 900_000 if wildcards.i == '2' else 50"


@side_by_side
def test_each_refused_job_fails_alone_with_its_reason(cluster: Cluster, folder: Path) -> None:
    rules = {
        "fine": "",
        "big": "resources: mem_mb=900_000",
        "odd": "resources: cpus_per_task='many'",
        "lost": "resources: slurm_partition='nowhere'",
        "both": "resources: mem_mb=60, mem_mb_per_cpu=60",
        "gpus": "resources: gres='gpu:1', gpu=1",
        "extra": "resources: slurm_extra='--out x'",
        "requeue": "resources: slurm_requeue=1",
    }
    with qos(cluster, folder, "MinTRESPerJob=cpu=2", "Flags=DenyOnLimit") as name:
        rules["poor"] = f"resources: qos={name!r}"
        workflow = SmallWorkflow(folder, "true", rules=rules)
        said = workflow.start(environment=cluster.environment()).ends(well=False)
    assert workflow.ran() == workflow.made() == [0]
    for message in (
        "Memory specification can not be satisfied",
        "Ask for less: mem_mb",
        "cpus_per_task='many'",
        "QOSMinCpuNotSatisfied",
        "Ask for more",
        "invalid partition specified: nowhere",
        "mem_mb_per_cpu=60 and mem_mb=60 exclude each other",
        "Use either gres (gres='gpu:MODEL:COUNT') or gpu",
        "it means --output",
        "--submitit-no-requeue",
    ):
        assert said.count(message) == 1, message
    for rule in list(rules)[1:]:
        assert said.count(f"Error in rule {rule}:") == 1


@side_by_side
def test_without_keep_going_a_refused_job_lets_the_running_ones_end(
    cluster: Cluster, folder: Path
) -> None:
    workflow = SmallWorkflow(folder, "sleep 3", more=BIG)
    running = workflow.start(environment=cluster.environment(), keep_going=False)
    assert "Memory specification can not be satisfied" in running.ends(well=False)
    assert workflow.made() == [0, 1, 3]


@side_by_side
def test_many_refused_jobs_are_told_once_and_with_the_choice(
    cluster: Cluster, folder: Path
) -> None:
    more = "resources: slurm_account='nobody'"
    workflow = SmallWorkflow(folder, "true", jobs=50, retries=1, more=more)
    said = workflow.start(environment=cluster.environment()).ends(well=False)
    assert said.count("Invalid account") == 1
    assert said.count("Error in rule") == 1
    assert said.count("Trying to restart") == 1
    assert "Accounts of root: root, test." in said
    assert "cannot be submitted, for the reason above" in said
