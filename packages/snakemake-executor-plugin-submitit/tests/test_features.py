"""What users of the slurm plugin know, on a real SLURM: what reaches it, and what is reported."""

import csv
import os
import re
import time
from pathlib import Path

import pytest
from small_workflow import SmallWorkflow, wait_until

from tests.slurm.cluster import NODES, Cluster


def show(cluster: Cluster, folder: Path) -> dict[str, str]:
    """What the controller knows about the last job from a folder."""
    jobs = cluster.call("scontrol", "-o", "show", "job").splitlines()
    words = [line for line in jobs if f"WorkDir={folder}" in line][-1].split()
    return dict(word.split("=", 1) for word in words if "=" in word)


def run(cluster: Cluster, folder: Path, resources: str, *arguments: str) -> dict[str, str]:
    workflow = SmallWorkflow(folder, "true", jobs=1, more=f"resources: {resources}")
    workflow.start(*arguments, environment=cluster.environment()).ends()
    return show(cluster, folder)


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ("gpu_model='tesla'", {"TresPerJob": "gres:gpu:tesla:1"}),
        ("gpu=2, cpus_per_gpu=2", {"TresPerJob": "gres:gpu:2", "CpusPerTres": "gres:gpu:2"}),
        ("gres='gpu:tesla:2'", {"TresPerNode": "gres:gpu:tesla:2"}),
        ("tasks=12, mpi='srun'", {"NumTasks": "12", "NumNodes": "2"}),
        ("nodes=2, tasks_per_node=3", {"NumNodes": "2", "NtasksPerN:B:S:C": "3:0:*:*"}),
        ("mem_mb_per_cpu=60, cpus_per_task=2", {"MinMemoryCPU": "60M", "CPUs/Task": "2"}),
        ("constraint='fast', runtime='2h'", {"Features": "fast", "TimeLimit": "02:00:00"}),
        ("mem='100MB', slurm_partition='high'", {"MinMemoryNode": "100M", "Partition": "high"}),
        ("slurm_extra='-N 2 --nice 100'", {"NumNodes": "2", "Nice": "100"}),
        ('slurm_extra=\'-x "node[1-3]" --mail-user "it is"\'', {"ExcNodeList": "node[1-3]"}),
    ],
)
def test_resources_reach_slurm(
    cluster: Cluster, tmp_path: Path, resources: str, expected: dict[str, str]
) -> None:
    seen = run(cluster, tmp_path, resources)
    assert {name: seen.get(name) for name in expected} == expected


def test_defaults_give_way_to_the_rule(cluster: Cluster, tmp_path: Path) -> None:
    seen = run(cluster, tmp_path, "mem_mb_per_cpu=70")  # and mem_mb=50 is a default
    assert seen["MinMemoryCPU"] == "70M"


@pytest.mark.parametrize(
    ("resources", "message"),
    [
        ("mem_mb=60, mem_mb_per_cpu=60", "mem_mb_per_cpu=60 and mem_mb=60 exclude each other"),
        ("gres='gpu:1', gpu=1", "Say all in gres (gres='gpu:MODEL:COUNT'), or all in gpu"),
        ("slurm_extra='--out x'", "it means --output"),
        ("slurm_requeue=1", "--submitit-no-requeue"),
    ],
)
def test_contradictions_are_refused_by_name(
    cluster: Cluster, tmp_path: Path, resources: str, message: str
) -> None:
    workflow = SmallWorkflow(tmp_path, "true", jobs=1, more=f"resources: {resources}")
    said = workflow.start(environment=cluster.environment()).ends(well=False)
    assert message in said
    assert workflow.ran() == []


def test_names_of_jobs_begin_as_the_user_likes(cluster: Cluster, tmp_path: Path) -> None:
    seen = run(cluster, tmp_path, "mem_mb=50", "--submitit-jobname-prefix=thesis")
    assert seen["JobName"] == "thesis_job:out"
    assert seen["Requeue"] == "1"


def test_a_prefix_that_slurm_might_misread_is_refused(cluster: Cluster, tmp_path: Path) -> None:
    running = SmallWorkflow(tmp_path, "true").start(
        "--submitit-jobname-prefix=my thesis", environment=cluster.environment()
    )
    assert "submitit-jobname-prefix: 'my thesis' cannot be used" in running.ends(well=False)


PARTITIONS = """
partitions:
  main: {max_runtime: 30, max_mem_mb: 4000}
  high: {max_runtime: 2h, max_mem_mb: 8000}
"""


@pytest.mark.parametrize(
    ("runtime", "pack", "partition"), [(20, 1, "main"), (60, 1, "high"), (20, 4, "high")]
)
def test_the_partition_is_chosen_by_what_a_task_asks_for(
    cluster: Cluster, tmp_path: Path, runtime: int, pack: int, partition: str
) -> None:
    (tmp_path / "partitions.yaml").write_text(PARTITIONS)
    workflow = SmallWorkflow(tmp_path, "true", jobs=4)
    arguments = ("--submitit-partition-config=partitions.yaml", f"--submitit-pack={pack}")
    workflow.start(*arguments, environment=cluster.environment(), runtime=runtime).ends()
    assert show(cluster, tmp_path)["Partition"] == partition


def test_a_job_that_fits_into_no_partition_is_named_and_left_to_slurm(
    cluster: Cluster, tmp_path: Path
) -> None:
    (tmp_path / "partitions.yaml").write_text(PARTITIONS)
    environment = {
        **cluster.environment(),
        "SNAKEMAKE_SLURM_PARTITIONS": str(tmp_path / "partitions.yaml"),
    }
    workflow = SmallWorkflow(tmp_path, "true", jobs=2)
    said = workflow.start(environment=environment, runtime=600).ends()
    assert "Rule job fits into no partition of submitit-partition-config" in said
    assert said.count("max_runtime 30 < 600") == 1
    assert workflow.made() == [0, 1]


def test_a_table_with_a_fault_is_named_before_anything_is_submitted(
    cluster: Cluster, tmp_path: Path
) -> None:
    (tmp_path / "partitions.yaml").write_text("partitions: {main: {max_time: 3}}")
    running = SmallWorkflow(tmp_path, "true").start(
        "--submitit-partition-config=partitions.yaml", environment=cluster.environment()
    )
    said = running.ends(well=False)
    assert "partitions.yaml: partition 'main': max_time: is unknown" in said


@pytest.mark.parametrize("pack", [1, 2])
def test_the_efficiency_report_measures_each_job(
    cluster: Cluster, tmp_path: Path, pack: int
) -> None:
    busy = "python3 -c 'x = b\"x\" * 30_000_000; [n * n for n in range(20_000_000)]'"
    workflow = SmallWorkflow(tmp_path, busy, jobs=2, more="threads: 4")
    arguments = ("--submitit-efficiency-report", "--submitit-efficiency-report-path=used.csv")
    running = workflow.start(
        *arguments,
        f"--submitit-pack={pack}",
        environment=cluster.environment(),
        mem_mb=4000,
        runtime=30,
    )
    said = running.ends()
    with (tmp_path / "used.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 2
    assert all(float(row["cpu_time"]) > 0.2 for row in rows)
    assert all(40 < int(row["memory_used"]) < 2000 for row in rows)
    assert {row["memory_asked"] for row in rows} == {"4000"}
    [line] = re.findall(r"job +2 .*", said)
    assert "threads: 1" in line
    assert "mem_mb: " in line
    assert "runtime: 1" in line


def test_the_job_of_a_lost_node_fails_without_requeue(breakable: Cluster, tmp_path: Path) -> None:
    workflow = SmallWorkflow(tmp_path, "test {wildcards.i} = 1 || sleep 300", jobs=1)
    running = workflow.start("--submitit-no-requeue", environment=breakable.environment())
    wait_until(lambda: workflow.ran() == [0])
    assert show(breakable, tmp_path)["Requeue"] == "0"
    breakable.kill_node(breakable.call("squeue", "-h", "-tR", "-o%N"))
    assert "NODE_FAIL" in running.ends(well=False)
    assert workflow.ran() == [0]


AGAIN = "test -e again.{wildcards.i} || {{ touch again.{wildcards.i}; sleep 300; }}"


def test_a_failed_node_gets_no_more_jobs(breakable: Cluster, tmp_path: Path) -> None:
    workflow = SmallWorkflow(tmp_path, AGAIN, jobs=1, retries=1)
    running = workflow.start("--submitit-no-requeue", environment=breakable.environment())
    wait_until(lambda: workflow.ran() == [0])
    node = breakable.call("squeue", "-h", "-tR", "-o%N")
    breakable.kill_node(node)
    said = running.ends()
    assert said.count(f"No more jobs are submitted to {node}: job ") == 1
    assert workflow.ran() == [0, 0]
    assert show(breakable, tmp_path)["ExcNodeList"] == node


def test_named_nodes_are_left_out_until_none_is_left(cluster: Cluster, tmp_path: Path) -> None:
    workflow = SmallWorkflow(tmp_path, "true", jobs=1)
    nodes = f"--submitit-exclude-failed-nodes=node[1-{len(NODES) - 1}]"
    workflow.start(nodes, environment=cluster.environment()).ends()
    assert show(cluster, tmp_path)["NodeList"] == NODES[-1]
    (tmp_path / "out/0").unlink()
    said = workflow.start(
        f"--submitit-exclude-failed-nodes=node[1-{len(NODES)}]", environment=cluster.environment()
    ).ends()
    assert f"No node but node[1-{len(NODES)}] can run these jobs" in said


@pytest.mark.parametrize("command", ["sacct", "squeue"])
def test_either_status_command_notices_a_killed_job(
    breakable: Cluster, tmp_path: Path, command: str
) -> None:
    workflow = SmallWorkflow(tmp_path, "sleep 300", jobs=1)
    other = {"sacct": "squeue", "squeue": "sacct"}[command]
    broken = tmp_path / "bin" / other
    broken.parent.mkdir()
    broken.write_text(f"#!/bin/sh\necho {other} >> {tmp_path}/asked; exit 1\n")
    broken.chmod(0o755)
    environment = breakable.environment()
    environment["PATH"] = f"{broken.parent}:{environment['PATH']}"
    running = workflow.start(f"--submitit-status-command={command}", environment=environment)
    wait_until(lambda: workflow.ran() == [0])
    breakable.call("scancel", "-u", "root")
    running.ends(well=False)
    assert not (tmp_path / "asked").exists()


def test_files_alone_tell_of_good_ends(cluster: Cluster, tmp_path: Path) -> None:
    workflow = SmallWorkflow(tmp_path, "sleep 3", jobs=2)
    environment = cluster.environment()
    for name in ("sacct", "squeue"):
        broken = tmp_path / "bin" / name
        broken.parent.mkdir(exist_ok=True)
        broken.write_text(f"#!/bin/sh\necho {name} >> {tmp_path}/asked; exit 1\n")
        broken.chmod(0o755)
    environment["PATH"] = f"{tmp_path}/bin:{environment['PATH']}"
    workflow.start("--submitit-status-command=files", environment=environment).ends()
    assert workflow.made() == [0, 1]
    assert not (tmp_path / "asked").exists()


def test_sacct_without_accounting_is_refused(
    cluster_without_accounting: Cluster, tmp_path: Path
) -> None:
    workflow = SmallWorkflow(tmp_path, "true", jobs=1)
    environment = cluster_without_accounting.environment()
    running = workflow.start("--submitit-status-command=sacct", environment=environment)
    assert "this cluster keeps no accounts. Choose squeue" in running.ends(well=False)


def test_logs_of_failed_jobs_are_deleted_after_days(cluster: Cluster, tmp_path: Path) -> None:
    workflow = SmallWorkflow(tmp_path, "exit 3", jobs=1)
    workflow.start(environment=cluster.environment()).ends(well=False)
    [closed] = tmp_path.glob(".snakemake/submitit/*/closed")
    then = time.time() - 20 * 86_400
    os.utime(closed, (then, then))
    for days, left in (("30", 1), ("10", 0)):
        workflow = SmallWorkflow(tmp_path, "true", jobs=1)
        workflow.start(
            f"--submitit-delete-logfiles-older-than={days}",
            "--forceall",
            environment=cluster.environment(),
        ).ends()
        assert closed.exists() == bool(left)
