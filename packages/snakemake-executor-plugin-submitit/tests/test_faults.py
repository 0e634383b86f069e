"""What goes wrong on a cluster, on a real one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from small_workflow import SmallWorkflow, wait_until

from tests.slurm.cluster import NODES, Cluster

ONCE = "test -e again.{wildcards.i} || {{ touch again.{wildcards.i}; %s; }}"
"""Only the first start of a job does it."""


def on(cluster: Cluster) -> str:
    """The node of the only job."""
    return cluster.call("squeue", "-h", "-tR", "-o%N")


def asked_for(cluster: Cluster, folder: Path, what: str) -> list[str]:
    """What the jobs from a folder have asked for, in order."""
    rows = cluster.call("sacct", "-XnPD", "-o", f"{what},WorkDir").splitlines()
    return [row.partition("|")[0] for row in rows if row.endswith(f"|{folder}")]


def test_jobs_of_a_lost_node_run_again_elsewhere(breakable: Cluster, tmp_path: Path) -> None:
    workflow = SmallWorkflow(tmp_path, ONCE % "sleep 300", jobs=1)
    running = workflow.start(environment=breakable.environment())
    wait_until(lambda: len(workflow.ran()) == 1)
    breakable.kill_node(on(breakable))
    running.ends()
    assert workflow.ran() == [0, 0]
    assert len(asked_for(breakable, tmp_path, "JobID")) == 2  # two rows of one job


def test_jobs_on_a_drained_node_go_on(breakable: Cluster, tmp_path: Path) -> None:
    workflow = SmallWorkflow(tmp_path, "sleep 4", jobs=1)
    running = workflow.start(environment=breakable.environment())
    wait_until(lambda: len(workflow.ran()) == 1)
    breakable.drain(on(breakable))
    running.ends()
    assert workflow.ran() == [0]


def test_a_preempted_task_goes_on_with_the_rest_of_its_pack(
    breakable: Cluster, tmp_path: Path
) -> None:
    workflow = SmallWorkflow(tmp_path, "test {wildcards.i} != 1 || " + ONCE % "sleep 300", jobs=3)
    running = workflow.start("--submitit-pack=3", environment=breakable.environment())
    wait_until(lambda: (tmp_path / "again.1").exists())
    before = workflow.made()
    urgent = ("-p", "high", f"-N{len(NODES)}", "--exclusive", "-o/dev/null", "--wrap=sleep 1")
    breakable.call("sbatch", *urgent)
    running.ends()
    assert workflow.ran() == sorted([0, 1, 1, 2])
    assert workflow.made() == [0, 1, 2]
    assert 1 not in before
    wait_until(lambda: "PREEMPTED" in asked_for(breakable, tmp_path, "State"))


def test_a_retry_after_a_timeout_asks_for_more_time(breakable: Cluster, tmp_path: Path) -> None:
    workflow = SmallWorkflow(tmp_path, ONCE % "sleep 300", jobs=1, retries=1)
    running = workflow.start(environment=breakable.environment(), runtime=7)
    wait_until(lambda: len(workflow.ran()) == 1)
    job = breakable.call("squeue", "-h", "-o%A")
    breakable.call("scontrol", "update", f"job={job}", "TimeLimit=0:10")
    said = running.ends(within=240)  # SLURM looks at limits once a minute
    assert f"job {job} ended (TIMEOUT)" in said
    assert "DUE TO TIME LIMIT" in said
    wait_until(lambda: asked_for(breakable, tmp_path, "TimelimitRaw")[-1] == "14")
    assert asked_for(breakable, tmp_path, "ReqMem")[-1] == "50M"


def test_a_task_that_runs_out_of_time_goes_on_in_another_run(
    breakable: Cluster, tmp_path: Path
) -> None:
    """From its checkpoint, as trainings of Harmonica do; SLURM looks at limits once a minute."""
    workflow = SmallWorkflow(tmp_path, ONCE % "sleep 300", jobs=1)
    running = workflow.start("--submitit-resumable", environment=breakable.environment())
    wait_until(lambda: len(workflow.ran()) == 1)
    job = breakable.call("squeue", "-h", "-o%A")
    breakable.call("scontrol", "update", f"job={job}", "TimeLimit=0:50")
    running.ends(within=240)
    assert workflow.ran() == [0, 0]
    assert len(set(asked_for(breakable, tmp_path, "JobID"))) == 1
    wait_until(lambda: asked_for(breakable, tmp_path, "State")[-1] == "COMPLETED")
    assert "TIMEOUT" not in asked_for(breakable, tmp_path, "State")


def test_a_retry_after_a_lack_of_memory_asks_for_more(breakable: Cluster, tmp_path: Path) -> None:
    greedy = ONCE % "python3 -c 'import time; x = b\"x\" * 300_000_000; time.sleep(60)'"
    workflow = SmallWorkflow(tmp_path, greedy, jobs=1, retries=1)
    said = workflow.start(environment=breakable.environment(), runtime=7).ends()
    assert "memory limit" in said
    wait_until(lambda: len(asked_for(breakable, tmp_path, "ReqMem")) == 2)
    assert asked_for(breakable, tmp_path, "ReqMem") == ["50M", "100M"]
    assert asked_for(breakable, tmp_path, "TimelimitRaw") == ["7", "7"]


def test_a_retry_that_asks_for_too_much_fails_alone(breakable: Cluster, tmp_path: Path) -> None:
    greedy = "python3 -c 'import time; x = b\"x\" * 300_000_000; time.sleep(60)'"
    command = f"if [ {{wildcards.i}} = 0 ]; then {greedy}; else sleep 15; fi"
    workflow = SmallWorkflow(tmp_path, command, jobs=2, retries=1)
    factor = "--submitit-memory-factor=1000000"
    said = workflow.start(factor, environment=breakable.environment()).ends(well=False)
    assert "SLURM has refused the jobs" in said
    assert "Correct what the jobs ask for" not in said
    assert workflow.made() == [1]


def test_a_job_cancelled_by_somebody_else_is_told_with_its_log(
    breakable: Cluster, tmp_path: Path
) -> None:
    workflow = SmallWorkflow(tmp_path, "echo epoch 7; sleep 300", jobs=1)
    running = workflow.start(environment=breakable.environment())
    wait_until(lambda: len(workflow.ran()) == 1)
    job = breakable.call("squeue", "-h", "-o%A")
    breakable.call("scancel", job)
    said = running.ends(well=False)
    assert f"job {job} ended (CANCELLED)" in said
    assert "epoch 7" in said


def test_slurm_may_be_away_for_a_while(breakable: Cluster, tmp_path: Path) -> None:
    workflow = SmallWorkflow(tmp_path, "sleep 6", jobs=2)
    breakable.stop_accounting()
    running = workflow.start(environment=breakable.environment())
    wait_until(lambda: len(workflow.ran()) == 2)
    breakable.stop_controller()
    wait_until(lambda: workflow.made() == [0, 1])
    running.ends()
    late = workflow.folder / "late"
    late.mkdir()
    second = SmallWorkflow(late, "true", jobs=2)
    waiting = second.start(environment=breakable.environment())
    wait_until(lambda: list(late.glob(".snakemake/submitit/*/batch.jsonl")))
    breakable.start_controller()
    waiting.ends()
    assert second.ran() == [0, 1]
    breakable.start_accounting()


def test_without_accounting_a_killed_job_is_noticed(
    cluster_without_accounting: Cluster, tmp_path: Path
) -> None:
    cluster = cluster_without_accounting
    workflow = SmallWorkflow(tmp_path, "test {wildcards.i} = 0 || sleep 300", jobs=2)
    running = workflow.start(environment=cluster.environment())
    wait_until(lambda: workflow.made() == [0])
    wait_until(lambda: len(workflow.ran()) == 2)
    cluster.call("scancel", "-u", "root")
    said = running.ends(well=False)
    assert "ended (CANCELLED)" in said  # squeue knows for a while
    assert workflow.made() == [0]


REFUSING = """#!/bin/sh
# No room for arrays of more than two tasks, as with a limit on submitted jobs.
if echo "$*" | grep -Eq 'array=0-([2-9]|[0-9]{{2,}})%'; then
    echo 'sbatch: error: AssocMaxSubmitJobLimit' >&2
    echo 'sbatch: error: Batch job submission failed: Job violates accounting/QOS policy' >&2
    exit 1
fi
exec {sbatch} "$@"
"""


@pytest.fixture
def small_queue(cluster: Cluster, tmp_path: Path) -> Iterator[dict[str, str]]:
    sbatch = tmp_path / "bin/sbatch"
    sbatch.parent.mkdir()
    sbatch.write_text(REFUSING.format(sbatch=cluster.call("which", "sbatch")))
    sbatch.chmod(0o755)
    environment = cluster.environment()
    return {**environment, "PATH": f"{sbatch.parent}:{environment['PATH']}"}


def test_a_queue_without_room_is_filled_by_and_by(
    small_queue: dict[str, str], tmp_path: Path
) -> None:
    workflow = SmallWorkflow(tmp_path, "true", jobs=7)
    workflow.start(environment=small_queue).ends()
    assert workflow.ran() == list(range(7))


def test_what_slurm_will_never_take_fails_at_once(cluster: Cluster, tmp_path: Path) -> None:
    workflow = SmallWorkflow(tmp_path, "true", more="resources: slurm_partition='nowhere'")
    said = workflow.start(environment=cluster.environment()).ends(well=False)
    assert "invalid partition specified: nowhere" in said
    assert workflow.ran() == []
