"""What keeps jobs from starting and passes, or is left to the user, on a real SLURM."""

import time
from pathlib import Path

from on_slurm import queued_jobs, with_programs
from side_by_side import side_by_side
from small_workflow import SmallWorkflow

from tests.slurm.cluster import Cluster
from tests.slurm.waiting import wait_until

SAYS_ONCE = """
# A slurmctld that answers nonsense once cannot be had from a real one.
if mkdir {folder}/said 2> /dev/null; then
    echo 'sbatch: error: Batch job submission failed: {message}' >&2
    exit 1
fi
exec {sbatch} "$@"
"""


@side_by_side
def test_what_passes_is_tried_again(cluster: Cluster, folder: Path) -> None:
    messages = {"known": "Unexpected message received", "unknown": "The moon is full"}
    runs = {}
    sbatch = cluster.call("which", "sbatch")
    for name, message in messages.items():
        workflow = SmallWorkflow(folder / name, "true", jobs=2)
        script = SAYS_ONCE.format(folder=workflow.folder, message=message, sbatch=sbatch)
        once = with_programs(cluster.environment(), workflow.folder, {"sbatch": script})
        runs[message] = workflow, workflow.start(environment=once)
    drained = SmallWorkflow(
        folder / "drained", "true", jobs=2, more="resources: slurm_partition='high'"
    )
    cluster.call("scontrol", "update", "PartitionName=high", "State=DRAIN")
    running = drained.start(environment=cluster.environment())
    runs["Required partition not available"] = drained, running
    wait_until(lambda: "Required partition not available" in running.said())
    cluster.call("scontrol", "update", "PartitionName=high", "State=UP")
    for message, (workflow, running) in runs.items():
        assert running.ends().count(message) == 1
        assert workflow.ran() == [0, 1]


@side_by_side
def test_jobs_that_are_held_or_put_back_and_held_are_told_once(
    cluster: Cluster, folder: Path
) -> None:
    hold = "resources: slurm_extra='--hold'"
    held = SmallWorkflow(folder / "held", "true", jobs=4, more=hold)
    back = SmallWorkflow(folder / "back", "test -e again || {{ touch again; sleep 300; }}", jobs=1)
    first, second = (w.start(environment=cluster.environment()) for w in (held, back))
    wait_until(lambda: back.ran() == [0])
    [put_back] = queued_jobs(cluster, back.folder)
    cluster.call("scontrol", "requeuehold", put_back)
    wait_until(lambda: "JobHeldUser" in first.said())
    wait_until(lambda: "requeued in held state" in second.said())
    [array] = set(queued_jobs(cluster, held.folder, "%F"))
    time.sleep(4)  # two more queries
    cluster.call("scontrol", "release", array, put_back)
    said = first.ends()
    assert f"4 jobs wait in the queue ({array}): JobHeldUser" in said
    assert f"scontrol release {array}" in said
    assert said.count("JobHeldUser") == 1
    assert f"scontrol release {put_back}" in second.ends()
