"""What goes wrong on a cluster, on a real one."""

from pathlib import Path

from on_slurm import accounted, queued_jobs, shown, with_programs
from side_by_side import side_by_side
from small_workflow import UNTIL_GO, SmallWorkflow

from tests.slurm.cluster import NODES, Cluster
from tests.slurm.waiting import wait_until

ONCE = "test -e again.{wildcards.i} || {{ touch again.{wildcards.i}; %s; }}"
"""Only the first start of a job does it."""

SPARE = "resources: constraint='spare'"
"""Some nodes are for one test alone."""

STEADY = "resources: constraint='steady'"


@side_by_side
def test_a_lost_node_costs_its_jobs_a_start_or_an_attempt(cluster: Cluster, folder: Path) -> None:
    """Without --submitit-no-requeue the former, and else the latter."""
    again, tried_again, failed = (
        SmallWorkflow(folder / name, ONCE % "sleep 300", jobs=1, retries=retries, more=SPARE)
        for name, retries in {"again": 0, "tried-again": 1, "failed": 0}.items()
    )
    all_ = (again, tried_again, failed)
    options = ((), ("--submitit-no-requeue",), ("--submitit-no-requeue",))
    first, second, third = (
        workflow.start(*given, environment=cluster.environment())
        for workflow, given in zip(all_, options, strict=True)
    )
    wait_until(lambda: all(workflow.ran() == [0] for workflow in all_))
    assert [shown(cluster, w.folder)[-1]["Requeue"] for w in all_] == ["1", "0", "0"]
    [node] = {shown(cluster, workflow.folder)[-1]["NodeList"] for workflow in all_}
    cluster.kill_node(node)
    cluster.declare_down(node)

    assert "NODE_FAIL" in third.ends(well=False)
    assert failed.ran() == [0]

    assert second.ends().count(f"No more jobs are submitted to {node}: job ") == 1
    assert tried_again.ran() == [0, 0]
    assert shown(cluster, tried_again.folder)[-1]["ExcNodeList"] == node

    first.ends()
    assert again.ran() == [0, 0]
    assert len(accounted(cluster, again.folder, "JobID")) == 2  # two rows of one job


@side_by_side
def test_jobs_on_a_drained_node_go_on(cluster: Cluster, folder: Path) -> None:
    workflow = SmallWorkflow(folder, UNTIL_GO, jobs=1, more=STEADY)
    running = workflow.start(environment=cluster.environment())
    wait_until(lambda: len(workflow.ran()) == 1)
    node = shown(cluster, folder)[-1]["NodeList"]
    cluster.drain(node)
    (folder / "go").touch()
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
    wait_until(lambda: "PREEMPTED" in accounted(breakable, tmp_path, "State"))


@side_by_side
def test_a_job_out_of_time_asks_for_more_or_goes_on_from_its_checkpoint(
    cluster: Cluster, folder: Path
) -> None:
    """The latter as trainings of Harmonica do. SLURM looks at limits twice a minute."""
    more = SmallWorkflow(folder / "more", ONCE % "sleep 300", jobs=1, retries=1, more=STEADY)
    on = SmallWorkflow(folder / "on", ONCE % "sleep 300", jobs=1, more=STEADY)
    first = more.start(environment=cluster.environment(), runtime=7)
    second = on.start("--submitit-resumable", environment=cluster.environment())
    wait_until(lambda: more.ran() == on.ran() == [0])
    [job], [resumable] = (queued_jobs(cluster, w.folder) for w in (more, on))
    cluster.call("scontrol", "update", f"job={job}", "EndTime=now")
    cluster.call("scontrol", "update", f"job={resumable}", "EndTime=now+60")

    said = first.ends(within=240)
    assert f"job {job} ended (TIMEOUT)" in said
    assert "DUE TO TIME LIMIT" in said
    wait_until(lambda: accounted(cluster, more.folder, "TimelimitRaw")[-1] == "14")
    assert accounted(cluster, more.folder, "ReqMem")[-1] == "50M"

    second.ends(within=240)
    assert on.ran() == [0, 0]
    assert len(set(accounted(cluster, on.folder, "JobID"))) == 1
    wait_until(lambda: accounted(cluster, on.folder, "State")[-1] == "COMPLETED")
    assert "TIMEOUT" not in accounted(cluster, on.folder, "State")


@side_by_side
def test_a_job_that_somebody_cancels_is_told_with_its_log_whatever_slurm_is_asked(
    cluster: Cluster, folder: Path
) -> None:
    runs = {}
    for command, unused in {"squeue": "sacct", "sacct": "squeue", "auto": ""}.items():
        workflow = SmallWorkflow(folder / command, "echo epoch 7; sleep 300", jobs=1, more=STEADY)
        broken = {unused: f"echo {unused} $* >> {folder}/asked; exit 1\n"} if unused else {}
        environment = with_programs(cluster.environment(), workflow.folder, broken)
        running = workflow.start(f"--submitit-status-command={command}", environment=environment)
        runs[command] = workflow, running
    wait_until(lambda: all(workflow.ran() for workflow, _ in runs.values()))
    jobs = {c: queued_jobs(cluster, workflow.folder)[0] for c, (workflow, _) in runs.items()}
    cluster.call("scancel", *jobs.values())
    for command, (_, running) in runs.items():
        said = running.ends(well=False)
        assert f"job {jobs[command]} ended (CANCELLED)" in said
        assert "epoch 7" in said
    assert not (folder / "asked").exists()


@side_by_side
def test_files_alone_tell_of_good_ends(cluster: Cluster, folder: Path) -> None:
    broken = dict.fromkeys(("sacct", "squeue"), f"echo $0 >> {folder}/asked; exit 1\n")
    environment = with_programs(cluster.environment(), folder, broken)
    workflow = SmallWorkflow(folder, "sleep 2", jobs=2, more=STEADY)
    workflow.start("--submitit-status-command=files", environment=environment).ends()
    assert workflow.made() == [0, 1]
    assert not (folder / "asked").exists()


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


def test_sacct_without_accounting_is_refused(
    cluster_without_accounting: Cluster, tmp_path: Path
) -> None:
    workflow = SmallWorkflow(tmp_path, "true", jobs=1)
    environment = cluster_without_accounting.environment()
    running = workflow.start("--submitit-status-command=sacct", environment=environment)
    assert "this cluster has no accounting. Choose squeue" in running.ends(well=False)
