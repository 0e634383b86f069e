"""What jobs have used is set against what they have asked for."""

import csv
from pathlib import Path
from typing import Any

import pytest
from snakemake_executor_plugin_submitit.efficiency import (
    Report,
    Usage,
    measure,
    report_path,
    summarise,
    write_report,
)
from snakemake_executor_plugin_submitit.resources import Resources, read_resources
from snakemake_interface_common.exceptions import WorkflowError


def usage(
    cpu: float = 10, memory: int = 50, seconds: float = 100, **resources: Any
) -> Usage | None:
    status = {"cpu": cpu, "memory": memory, "started": 5.0, "ended": 5.0 + seconds}
    status |= {"host": "node1", "exit": 0}
    return measure("train", "7_1", read_resources(resources, 1), status)


def test_shares_of_what_was_asked_for() -> None:
    used = usage(cpu=100, memory=250, seconds=100, cpus_per_task=4, mem_mb=1000, runtime=10)
    assert used is not None
    assert (used.cpu_efficiency, used.memory_usage, used.time_usage) == (0.25, 0.25, 0.1667)
    per_cpu = usage(memory=100, cpus_per_task=4, mem_mb_per_cpu=50)
    assert per_cpu is not None
    assert (per_cpu.memory_asked, per_cpu.memory_usage) == (200, 0.5)
    default = usage()
    assert default is not None
    assert (default.memory_usage, default.time_usage) == (None, None)


def test_what_srun_may_have_started_elsewhere_is_not_measured() -> None:
    assert usage(tasks=2) is None
    assert usage(mpi="mpiexec") is None
    assert measure("r", "1", Resources(), {"exit": 0, "host": "n"}) is None


@pytest.mark.parametrize(
    ("used", "advice"),
    [
        ({"cpu": 95, "cpus_per_task": 4}, "threads: 1"),
        ({"cpu": 190, "cpus_per_task": 4}, "threads: 2"),
        ({"cpu": 350, "cpus_per_task": 4}, "-"),
        ({"cpu": 10, "cpus_per_task": 1}, "-"),
        ({"cpu": 0, "seconds": 0.1, "cpus_per_task": 4}, "-"),
        ({"cpu": 95, "memory": 200, "mem_mb": 1000}, "mem_mb: 240"),
        ({"cpu": 95, "memory": 900, "mem_mb": 1000}, "-"),
        ({"cpu": 95, "memory": 990, "mem_mb": 1000}, "mem_mb: more, it is nearly used up"),
        ({"cpu": 95, "seconds": 100, "runtime": 60}, "runtime: 2"),
        ({"cpu": 95, "seconds": 3590, "runtime": 60}, "runtime: more, it is nearly used up"),
    ],
)
def test_advice(used: dict[str, Any], advice: str) -> None:
    made = usage(**used)
    assert made is not None
    assert summarise([made], 0.8).splitlines()[1].endswith(advice)


def test_the_table_has_a_line_for_each_rule() -> None:
    made = usage(cpu=50, mem_mb=100, runtime=2)
    assert made is not None
    assert summarise([made, made], 0.8).splitlines() == [
        "rule   jobs  CPU       memory (most)  time (longest)  advice",
        "train  2     50% of 1  50 of 100 MB   2 of 2 min      mem_mb: 60",
    ]


@pytest.mark.parametrize(("name", "separator"), [("a/b.csv", ","), ("b.tsv", "\t")])
def test_the_file_has_a_line_for_each_job(tmp_path: Path, name: str, separator: str) -> None:
    made = usage(mem_mb=100)
    assert made is not None
    write_report([made, made], tmp_path / name)
    with (tmp_path / name).open() as stream:
        rows = list(csv.DictReader(stream, delimiter=separator))
    assert [row["job_id"] for row in rows] == ["7_1"] * 2
    assert (rows[0]["memory_asked"], rows[0]["time_asked"]) == ("100", "")


def test_where_the_file_goes() -> None:
    assert report_path(Path("x/y.tsv")) == Path("x/y.tsv")
    assert report_path(Path("x")).parent == Path("x")
    assert report_path(None).name.startswith("efficiency_report_2")


@pytest.mark.parametrize("threshold", [0, -1, 1.1, 80, float("nan")])
def test_a_threshold_is_a_share(threshold: float) -> None:
    with pytest.raises(WorkflowError, match="submitit-efficiency-threshold"):
        Report(None, threshold)
