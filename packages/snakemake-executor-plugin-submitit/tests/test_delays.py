"""What keeps jobs from starting and passes, or is left to the user, on a real SLURM."""

import time
from pathlib import Path

from on_slurm import queued_jobs, with_programs
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


def test_what_passes_is_tried_again(breakable: Cluster, tmp_path: Path) -> None:
    messages = {"known": "Unexpected message received", "unknown": "The moon is full"}
    runs = {}
    sbatch = breakable.call("which", "sbatch")
    for name, message in messages.items():
        workflow = SmallWorkflow(tmp_path / name, "true", jobs=2)
        script = SAYS_ONCE.format(folder=workflow.folder, message=message, sbatch=sbatch)
        once = with_programs(breakable.environment(), workflow.folder, {"sbatch": script})
        runs[message] = workflow, workflow.start(environment=once)
    drained = SmallWorkflow(
        tmp_path / "drained", "true", jobs=2, more="resources: slurm_partition='high'"
    )
    breakable.call("scontrol", "update", "PartitionName=high", "State=DRAIN")
    running = drained.start(environment=breakable.environment())
    runs["Required partition not available"] = drained, running
    wait_until(lambda: "Required partition not available" in running.said())
    breakable.call("scontrol", "update", "PartitionName=high", "State=UP")
    for message, (workflow, running) in runs.items():
        assert running.ends().count(message) == 1
        assert workflow.ran() == [0, 1]


def test_jobs_that_are_held_or_put_back_and_held_are_told_once(
    breakable: Cluster, tmp_path: Path
) -> None:
    hold = "resources: slurm_extra='--hold'"
    held = SmallWorkflow(tmp_path / "held", "true", jobs=4, more=hold)
    back = SmallWorkflow(
        tmp_path / "back", "test -e again || {{ touch again; sleep 300; }}", jobs=1
    )
    first, second = (w.start(environment=breakable.environment()) for w in (held, back))
    wait_until(lambda: back.ran() == [0])
    [put_back] = queued_jobs(breakable, back.folder)
    breakable.call("scontrol", "requeuehold", put_back)
    wait_until(lambda: "JobHeldUser" in first.said())
    wait_until(lambda: "requeued in held state" in second.said())
    [array] = set(queued_jobs(breakable, held.folder, "%F"))
    time.sleep(4)  # two more queries
    breakable.call("scontrol", "release", array, put_back)
    said = first.ends()
    assert f"4 jobs wait in the queue ({array}): JobHeldUser" in said
    assert f"scontrol release {array}" in said
    assert said.count("JobHeldUser") == 1
    assert f"scontrol release {put_back}" in second.ends()
