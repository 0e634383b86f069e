"""A controller dies, and another one goes on with what it has left in the queue."""

import os
import signal
from pathlib import Path

from on_slurm import accounted
from small_workflow import UNTIL_GO, SmallWorkflow

from tests.slurm.cluster import NODES, Cluster
from tests.slurm.waiting import wait_until


def test_running_finished_and_waiting_jobs_are_adopted(breakable: Cluster, tmp_path: Path) -> None:
    # In packs of two, in any order: at least two packs are over at once.
    workflow = SmallWorkflow(tmp_path, f"test {{wildcards.i}} -lt 6 || {UNTIL_GO}", jobs=8)
    first = workflow.start("--submitit-pack=2", environment=breakable.environment())
    wait_until(lambda: len(workflow.ran()) >= 4)
    first.dies()
    wait_until(lambda: len(workflow.made()) >= 4)
    second = workflow.start("--submitit-pack=2", environment=breakable.environment())
    wait_until(lambda: "wildcards: i=7" in second.said())
    (tmp_path / "go").touch()
    second.ends()
    assert workflow.ran() == list(range(8))
    wait_until(lambda: len(accounted(breakable, tmp_path, "JobID")) == 4)
    assert not list((tmp_path / ".snakemake/submitit").iterdir())


def test_what_failed_meanwhile_is_tried_again(breakable: Cluster, tmp_path: Path) -> None:
    """The user may have fixed the cause; what went well is not done again."""
    fails = f"{UNTIL_GO}; test {{wildcards.i}} != 1 -o -e fixed"
    workflow = SmallWorkflow(tmp_path, fails, jobs=2)
    first = workflow.start("--submitit-pack=2", environment=breakable.environment())
    wait_until(lambda: workflow.ran())
    first.dies()
    (tmp_path / "go").touch()
    wait_until(lambda: not breakable.call("squeue", "-h"))
    said = workflow.start(environment=breakable.environment()).ends(well=False)
    assert said.count("Error in rule") == 1  # it has failed once more
    assert workflow.ran() == [0, 1, 1]
    (tmp_path / "fixed").touch()
    workflow.start(environment=breakable.environment()).ends()
    assert workflow.ran() == [0, 1, 1, 1]


def test_what_was_killed_meanwhile_is_tried_again(
    breakable: Cluster, cluster_without_accounting: Cluster, tmp_path: Path
) -> None:
    """SLURM ended the task, which left no status but half a result."""
    once = (
        "test -e again || {{ touch again; echo half > {output}; sleep 300; }}; test ! -e {output}"
    )
    clusters = (breakable, cluster_without_accounting)
    workflows = [SmallWorkflow(tmp_path / f"{n}", once, jobs=1) for n in range(len(clusters))]
    both = list(zip(workflows, clusters, strict=True))
    killed = [workflow.start(environment=cluster.environment()) for workflow, cluster in both]
    wait_until(lambda: all(workflow.made() == [0] for workflow in workflows))
    for running, cluster in zip(killed, clusters, strict=True):
        running.dies()
        cluster.call("scancel", "-u", "root")
    wait_until(lambda: not any(cluster.call("squeue", "-h") for cluster in clusters))
    later = [workflow.start(environment=cluster.environment()) for workflow, cluster in both]
    for workflow, running in zip(workflows, later, strict=True):
        running.ends()
        assert workflow.ran() == [0, 0]
        assert (workflow.folder / "out/0").read_text() == "0\n"


def test_what_fails_after_the_next_controller_has_started_has_failed(
    breakable: Cluster, tmp_path: Path
) -> None:
    workflow = SmallWorkflow(tmp_path, f"{UNTIL_GO}; exit 3", jobs=1)
    first = workflow.start(environment=breakable.environment())
    wait_until(lambda: workflow.ran())
    first.dies()
    second = workflow.start(environment=breakable.environment())
    wait_until(lambda: "Execute 1 jobs" in second.said())
    (tmp_path / "go").touch()
    assert "ended with exit status 3" in second.ends(well=False)
    assert workflow.ran() == [0]


def test_jobs_that_are_to_be_done_differently_now_are_stopped(
    breakable: Cluster, tmp_path: Path
) -> None:
    workflow = SmallWorkflow(tmp_path, "sleep $(cat given.txt)", jobs=2)
    (tmp_path / "given.txt").write_text("300")
    first = workflow.start(environment=breakable.environment())
    wait_until(lambda: len(workflow.ran()) == 2)
    first.dies()
    (tmp_path / "given.txt").write_text("0")
    workflow.start(environment=breakable.environment()).ends()
    assert workflow.ran() == [0, 0, 1, 1]
    wait_until(lambda: not breakable.call("squeue", "-h"))


def test_a_deleted_result_is_made_again(breakable: Cluster, tmp_path: Path) -> None:
    workflow = SmallWorkflow(tmp_path, UNTIL_GO, jobs=2)
    first = workflow.start(environment=breakable.environment())
    wait_until(lambda: len(workflow.ran()) == 2)
    first.dies()
    (tmp_path / "go").touch()
    wait_until(lambda: workflow.made() == [0, 1])
    (tmp_path / "out/1").unlink()
    workflow.start(environment=breakable.environment()).ends()
    assert workflow.ran() == [0, 1, 1]


def test_a_batch_whose_job_ids_were_never_noted_is_found(
    breakable: Cluster, tmp_path: Path
) -> None:
    """The controller died between sbatch and the files that the tasks wait for."""
    workflow = SmallWorkflow(tmp_path, "true", jobs=2)
    for node in NODES:
        breakable.drain(node)
    first = workflow.start(environment=breakable.environment())
    wait_until(lambda: list(tmp_path.glob(".snakemake/submitit/*/jobs.json")))
    first.dies()
    for lost in [*tmp_path.rglob("jobs.json"), *tmp_path.rglob("*_submitted.pkl")]:
        lost.unlink()
    second = workflow.start(environment=breakable.environment())
    wait_until(lambda: list(tmp_path.glob(".snakemake/submitit/*/jobs.json")))
    for node in NODES:
        breakable.resume(node)
    second.ends()
    assert workflow.ran() == [0, 1]
    wait_until(lambda: len(accounted(breakable, tmp_path, "JobID")) == 2)


def test_ctrl_c_ends_exactly_its_own_jobs(breakable: Cluster, tmp_path: Path) -> None:
    other = breakable.call("sbatch", "--parsable", "-o/dev/null", "--wrap=sleep 300")
    workflow = SmallWorkflow(tmp_path, "sleep 300", jobs=4)
    running = workflow.start(environment=breakable.environment())
    wait_until(lambda: len(workflow.ran()) == 4)
    os.kill(running.process.pid, signal.SIGINT)
    running.ends(well=False)
    wait_until(lambda: breakable.call("squeue", "-h", "-o%A") == other)
    assert not list(tmp_path.glob(".snakemake/submitit/*/batch.jsonl"))
