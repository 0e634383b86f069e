"""The test cluster behaves as the clusters that it stands for."""

import pytest

from tests.slurm.cluster import NODES, Cluster
from tests.slurm.waiting import wait_until


def submit(cluster: Cluster, command: str, *options: str) -> str:
    return cluster.call("sbatch", "--parsable", "-o/dev/null", *options, f"--wrap={command}")


def queued(cluster: Cluster, job: str) -> str:
    """State and node, as the controller has it."""
    return cluster.call("squeue", "-h", "-tall", f"-j{job}", "-o%T %N")


def history(cluster: Cluster, job: str) -> list[str]:
    """States of all its runs as the accounting has them, which is a little late."""
    return cluster.call("sacct", "-XnPD", f"-j{job}", "-oState").split()


def test_a_job_runs_and_is_accounted_for(breakable: Cluster) -> None:
    good, bad = submit(breakable, "true"), submit(breakable, "exit 3")
    wait_until(lambda: history(breakable, good) == ["COMPLETED"])
    wait_until(lambda: history(breakable, bad) == ["FAILED"])


def test_the_jobs_of_a_lost_node_start_again_on_another(breakable: Cluster) -> None:
    job = submit(breakable, "sleep 300")
    wait_until(lambda: queued(breakable, job) == "RUNNING node1")
    breakable.kill_node("node1")
    breakable.declare_down("node1")
    wait_until(lambda: queued(breakable, job) == "RUNNING node2")
    wait_until(lambda: history(breakable, job) == ["NODE_FAIL", "RUNNING"])


def test_a_preempted_job_waits_and_starts_again(breakable: Cluster) -> None:
    whole = f"--nodes={len(NODES)}", "--exclusive"
    job = submit(breakable, "sleep 300", *whole)
    wait_until(lambda: queued(breakable, job).startswith("RUNNING"))
    urgent = submit(breakable, "sleep 1", *whole, "--partition=high")
    wait_until(lambda: history(breakable, urgent) == ["COMPLETED"])
    wait_until(lambda: queued(breakable, job).startswith("RUNNING"))
    wait_until(lambda: history(breakable, job) == ["PREEMPTED", "RUNNING"])


def test_a_drained_node_gets_no_jobs(breakable: Cluster) -> None:
    for name in NODES[:3]:
        breakable.drain(name)
    job = submit(breakable, "sleep 300")
    wait_until(lambda: queued(breakable, job) == "RUNNING node4")


def test_jobs_outlive_the_controller_and_the_accounting(breakable: Cluster) -> None:
    job = submit(breakable, "sleep 300")
    wait_until(lambda: queued(breakable, job).startswith("RUNNING"))
    breakable.stop_accounting()
    breakable.stop_controller()
    with pytest.raises(RuntimeError, match="Unable to contact slurm controller"):
        queued(breakable, job)
    with pytest.raises(RuntimeError, match="sacct"):
        history(breakable, job)
    breakable.start_accounting()
    breakable.start_controller()
    wait_until(lambda: queued(breakable, job).startswith("RUNNING"))
    wait_until(lambda: history(breakable, job) == ["RUNNING"])


def test_without_accounting_only_the_controller_knows(cluster_without_accounting: Cluster) -> None:
    job = submit(cluster_without_accounting, "true")
    wait_until(lambda: queued(cluster_without_accounting, job).startswith("COMPLETED"))
    assert "ExitCode=0:0" in cluster_without_accounting.call("scontrol", "show", "job", job)
    with pytest.raises(RuntimeError, match="accounting storage is disabled"):
        history(cluster_without_accounting, job)
