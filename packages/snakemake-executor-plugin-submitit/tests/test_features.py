"""What users of the slurm plugin know, on a real SLURM: what reaches it, and what is reported."""

import csv
import os
import re
import time
from pathlib import Path

from on_slurm import shown
from side_by_side import side_by_side
from small_workflow import SmallWorkflow

from tests.slurm.cluster import NODES, Cluster

RESOURCES = {
    "gpu_model='tesla'": {"TresPerJob": "gres:gpu:tesla:1"},
    "gpu=2, cpus_per_gpu=2": {"TresPerJob": "gres:gpu:2", "CpusPerTres": "gres:gpu:2"},
    "gres='gpu:tesla:2'": {"TresPerNode": "gres:gpu:tesla:2"},
    "tasks=12, mpi='srun'": {"NumTasks": "12"},
    "nodes=2, tasks_per_node=3": {"NumNodes": "2", "NtasksPerN:B:S:C": "3:0:*:*"},
    "mem_mb_per_cpu=60, cpus_per_task=2": {"MinMemoryCPU": "60M", "CPUs/Task": "2"},
    "constraint='fast', runtime='2h'": {"Features": "fast", "TimeLimit": "02:00:00"},
    "mem='100MB', slurm_partition='high'": {"MinMemoryNode": "100M", "Partition": "high"},
    "slurm_extra='-N 2 --nice 100'": {"NumNodes": "2", "Nice": "100"},
    'slurm_extra=\'-x "node[1-3]" --mail-user "it is"\'': {"ExcNodeList": "node[1-3]"},
    "mem_mb_per_cpu=70": {"MinMemoryCPU": "70M"},  # and mem_mb=50 is a default
}


@side_by_side
def test_resources_reach_slurm(cluster: Cluster, folder: Path) -> None:
    rules = {f"rule{n}": f"resources: {given}" for n, given in enumerate(RESOURCES)}
    workflow = SmallWorkflow(folder, "true", rules=rules)
    prefix = "--submitit-jobname-prefix=thesis"
    workflow.start(prefix, environment=cluster.environment()).ends()
    seen = {job["JobName"]: job for job in shown(cluster, folder)}
    assert len(seen) == len(RESOURCES)
    for rule, expected in zip(rules, RESOURCES.values(), strict=True):
        job = seen[f"thesis_{rule}:out"]
        assert job["Requeue"] == "1"
        assert {name: job.get(name) for name in expected} == expected


@side_by_side
def test_a_prefix_that_slurm_might_misread_is_refused(cluster: Cluster, folder: Path) -> None:
    running = SmallWorkflow(folder, "true").start(
        "--submitit-jobname-prefix=my thesis", environment=cluster.environment()
    )
    assert "submitit-jobname-prefix: 'my thesis' is not a valid prefix" in running.ends(well=False)


PARTITIONS = """
partitions:
  main: {max_runtime: 30, max_mem_mb: 4000}
  high: {max_runtime: 2h, max_mem_mb: 8000}
"""


@side_by_side
def test_the_partition_is_chosen_by_what_a_task_asks_for(cluster: Cluster, folder: Path) -> None:
    (folder / "partitions.yaml").write_text(PARTITIONS)
    rules = {"short": "resources: runtime=20", "long": "resources: runtime=60"}
    single = SmallWorkflow(folder / "single", "true", rules=rules)
    packed = SmallWorkflow(folder / "packed", "true", more=rules["short"])
    table = f"--submitit-partition-config={folder}/partitions.yaml"
    runs = [
        workflow.start(table, *options, environment=cluster.environment())
        for workflow, *options in ((single,), (packed, "--submitit-pack=4"))
    ]
    for run in runs:
        run.ends()
    chosen = {job["JobName"]: job["Partition"] for job in shown(cluster, single.folder)}
    assert chosen == {"short:out": "main", "long:out": "high"}
    assert [job["Partition"] for job in shown(cluster, packed.folder)] == ["high"]


@side_by_side
def test_a_job_that_fits_into_no_partition_is_named_and_left_to_slurm(
    cluster: Cluster, folder: Path
) -> None:
    (folder / "partitions.yaml").write_text(PARTITIONS)
    environment = {
        **cluster.environment(),
        "SNAKEMAKE_SLURM_PARTITIONS": str(folder / "partitions.yaml"),
    }
    workflow = SmallWorkflow(folder, "true", jobs=2)
    said = workflow.start(environment=environment, runtime=600).ends()
    assert "Rule job does not fit any partition of submitit-partition-config" in said
    assert said.count("max_runtime 30 < 600") == 1
    assert workflow.made() == [0, 1]


@side_by_side
def test_a_table_with_a_fault_is_named_before_anything_is_submitted(
    cluster: Cluster, folder: Path
) -> None:
    (folder / "partitions.yaml").write_text("partitions: {main: {max_time: 3}}")
    running = SmallWorkflow(folder, "true").start(
        "--submitit-partition-config=partitions.yaml", environment=cluster.environment()
    )
    said = running.ends(well=False)
    assert "partitions.yaml: partition 'main': max_time: is unknown" in said


@side_by_side
def test_the_efficiency_report_measures_each_job(cluster: Cluster, folder: Path) -> None:
    busy = "python3 -c 'x = b\"x\" * 60_000_000; sum(n * n for n in range(8_000_000))'"
    runs = {}
    for pack in (1, 2):
        workflow = SmallWorkflow(folder / f"{pack}", busy, jobs=2, more="threads: 4")
        runs[pack] = workflow.start(
            "--submitit-efficiency-report",
            "--submitit-efficiency-report-path=used.csv",
            f"--submitit-pack={pack}",
            environment=cluster.environment(),
            mem_mb=4000,
            runtime=30,
        )
    for pack, running in runs.items():
        said = running.ends()
        with (folder / f"{pack}/used.csv").open() as stream:
            rows = list(csv.DictReader(stream))
        assert len(rows) == 2
        assert all(float(row["cpu_time"]) > 0.2 for row in rows)
        assert all(40 < int(row["memory_used"]) < 2000 for row in rows)
        assert {row["memory_asked"] for row in rows} == {"4000"}
        [line] = re.findall(r"^ *job +2 .*", said, re.MULTILINE)  # not "SLURM job 2"
        assert "threads: 1" in line
        assert "mem_mb: " in line
        assert "runtime: 1" in line


@side_by_side
def test_named_nodes_are_left_out_until_none_is_left(cluster: Cluster, folder: Path) -> None:
    some, all_ = (SmallWorkflow(folder / name, "true", jobs=1) for name in ("some", "all"))
    first, second = (
        workflow.start(
            f"--submitit-exclude-failed-nodes=node[1-{last}]", environment=cluster.environment()
        )
        for workflow, last in ((some, len(NODES) - 1), (all_, len(NODES)))
    )
    first.ends()
    assert shown(cluster, some.folder)[-1]["NodeList"] == NODES[-1]
    assert f"No node but node[1-{len(NODES)}] can run these jobs" in second.ends()


def test_logs_of_failed_jobs_are_deleted_after_days(tmp_path: Path) -> None:
    SmallWorkflow(tmp_path, "exit 3", jobs=1).start(cluster="local").ends(well=False)
    [closed] = tmp_path.glob(".snakemake/submitit/*/closed")
    then = time.time() - 20 * 86_400
    os.utime(closed, (then, then))
    workflow = SmallWorkflow(tmp_path, "true", jobs=1)
    for days, left in (("30", True), ("10", False)):
        option = f"--submitit-delete-logfiles-older-than={days}"
        workflow.start(option, "--forceall", cluster="local").ends()
        assert closed.exists() == left
