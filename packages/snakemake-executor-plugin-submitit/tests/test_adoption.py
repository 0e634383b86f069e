"""A controller dies, and another one goes on with what it has left in the queue."""

import os
import signal
from pathlib import Path

from on_slurm import accounted, queued_jobs
from side_by_side import side_by_side
from small_workflow import UNTIL_GO, SmallWorkflow

from tests.slurm.cluster import Cluster
from tests.slurm.waiting import wait_until


@side_by_side
def test_running_finished_and_waiting_jobs_are_adopted(cluster: Cluster, folder: Path) -> None:
    # In packs of two, in any order: at least two packs are over at once.
    workflow = SmallWorkflow(folder, f"test {{wildcards.i}} -lt 6 || {UNTIL_GO}", jobs=8)
    first = workflow.start("--submitit-pack=2", environment=cluster.environment())
    wait_until(lambda: len(workflow.ran()) >= 4)
    first.dies()
    wait_until(lambda: len(workflow.made()) >= 4)
    second = workflow.start("--submitit-pack=2", environment=cluster.environment())
    wait_until(lambda: "wildcards: i=7" in second.said())
    (folder / "go").touch()
    second.ends()
    assert workflow.ran() == list(range(8))
    wait_until(lambda: len(accounted(cluster, folder, "JobID")) == 4)
    assert not list((folder / ".snakemake/submitit").iterdir())


@side_by_side
def test_what_failed_meanwhile_is_tried_again(cluster: Cluster, folder: Path) -> None:
    """The user may have fixed the cause; what went well is not done again."""
    fails = f"{UNTIL_GO}; test {{wildcards.i}} != 1 -o -e fixed"
    workflow = SmallWorkflow(folder, fails, jobs=2)
    first = workflow.start("--submitit-pack=2", environment=cluster.environment())
    wait_until(lambda: workflow.ran())
    first.dies()
    (folder / "go").touch()
    wait_until(lambda: not queued_jobs(cluster, folder))
    said = workflow.start(environment=cluster.environment()).ends(well=False)
    assert said.count("Error in rule") == 1  # it has failed once more
    assert workflow.ran() == [0, 1, 1]
    (folder / "fixed").touch()
    workflow.start(environment=cluster.environment()).ends()
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


@side_by_side
def test_what_fails_after_the_next_controller_has_started_has_failed(
    cluster: Cluster, folder: Path
) -> None:
    workflow = SmallWorkflow(folder, f"{UNTIL_GO}; exit 3", jobs=1)
    first = workflow.start(environment=cluster.environment())
    wait_until(lambda: workflow.ran())
    first.dies()
    second = workflow.start(environment=cluster.environment())
    wait_until(lambda: "Execute 1 jobs" in second.said())
    (folder / "go").touch()
    assert "ended with exit status 3" in second.ends(well=False)
    assert workflow.ran() == [0]


@side_by_side
def test_jobs_that_are_to_be_done_differently_now_are_stopped(
    cluster: Cluster, folder: Path
) -> None:
    workflow = SmallWorkflow(folder, "sleep $(cat given.txt)", jobs=2)
    (folder / "given.txt").write_text("300")
    first = workflow.start(environment=cluster.environment())
    wait_until(lambda: len(workflow.ran()) == 2)
    first.dies()
    (folder / "given.txt").write_text("0")
    workflow.start(environment=cluster.environment()).ends()
    assert workflow.ran() == [0, 0, 1, 1]
    wait_until(lambda: not queued_jobs(cluster, folder))


@side_by_side
def test_a_deleted_result_is_made_again(cluster: Cluster, folder: Path) -> None:
    workflow = SmallWorkflow(folder, UNTIL_GO, jobs=2)
    first = workflow.start(environment=cluster.environment())
    wait_until(lambda: len(workflow.ran()) == 2)
    first.dies()
    (folder / "go").touch()
    wait_until(lambda: workflow.made() == [0, 1])
    (folder / "out/1").unlink()
    workflow.start(environment=cluster.environment()).ends()
    assert workflow.ran() == [0, 1, 1]


@side_by_side
def test_a_batch_whose_job_ids_were_never_noted_is_found(cluster: Cluster, folder: Path) -> None:
    """The controller died between sbatch and the files that the tasks wait for."""
    workflow = SmallWorkflow(folder, "true", jobs=2, more="resources: slurm_extra='--hold'")
    first = workflow.start(environment=cluster.environment())
    wait_until(lambda: list(folder.glob(".snakemake/submitit/*/jobs.json")))
    first.dies()
    for lost in [*folder.rglob("jobs.json"), *folder.rglob("*_submitted.pkl")]:
        lost.unlink()
    second = workflow.start(environment=cluster.environment())
    wait_until(lambda: list(folder.glob(".snakemake/submitit/*/jobs.json")))
    cluster.call("scontrol", "release", *queued_jobs(cluster, folder))
    second.ends()
    assert workflow.ran() == [0, 1]
    wait_until(lambda: len(accounted(cluster, folder, "JobID")) == 2)


@side_by_side
def test_ctrl_c_ends_exactly_its_own_jobs(cluster: Cluster, folder: Path) -> None:
    chdir = f"--chdir={folder}"
    other = cluster.call("sbatch", "--parsable", "-o/dev/null", chdir, "--wrap=sleep 300")
    workflow = SmallWorkflow(folder, "sleep 300", jobs=4)
    running = workflow.start(environment=cluster.environment())
    wait_until(lambda: len(workflow.ran()) == 4)
    os.kill(running.process.pid, signal.SIGINT)
    running.ends(well=False)
    wait_until(lambda: queued_jobs(cluster, folder) == [other])
    assert not list(folder.glob(".snakemake/submitit/*/batch.jsonl"))
