"""The partition chosen by a table in the slurm plugin's format; what is wrong with a table."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from snakemake_executor_plugin_submitit.batch import Packing, Piece
from snakemake_executor_plugin_submitit.partitions import Partitions, read_partitions
from snakemake_executor_plugin_submitit.resources import read_resources
from snakemake_interface_common.exceptions import WorkflowError

TABLE = """
partitions:
  standard:
    max_runtime: 720
    max_mem_mb: 64000
    max_cpus_per_task: 24
    max_nodes: 1
  highmem:
    max_runtime: 2d
    max_mem_mb: 512000
    max_mem_mb_per_cpu: 16000
    max_cpus_per_task: 48
  gpu:
    max_runtime: 2-00:00:00
    max_mem_mb: 128000
    max_cpus_per_task: 32
    max_gpu: 8
    available_gpu_models: [a100, v100]
    max_cpus_per_gpu: 8
    supports_mpi: false
  tagged:
    max_runtime: "90:30"
    available_constraints: [bigtmp]
    max_tasks: 64
    max_threads: 2
  elsewhere:
    cluster: other
"""


@pytest.fixture
def table(tmp_path: Path) -> Partitions:
    path = tmp_path / "partitions.yaml"
    path.write_text(TABLE)
    return read_partitions(path)


JOBS: list[tuple[dict[str, Any], int, str | None]] = [
    ({"mem_mb": 1000, "runtime": 60}, 4, "standard"),
    ({"mem_mb": 100_000, "runtime": 60}, 4, "highmem"),
    ({"mem_mb": 1000, "runtime": 800}, 4, "highmem"),
    ({"mem_mb_per_cpu": 8000, "runtime": 60}, 4, "highmem"),
    ({"gpu": 1, "runtime": 60}, 4, "gpu"),
    ({"gpu": 9}, 1, None),
    ({"gpu_model": "a100"}, 1, "gpu"),
    ({"gpu_model": "h100"}, 1, None),
    ({"gres": "gpu:v100:2"}, 1, "gpu"),
    ({"gpu": 1, "cpus_per_gpu": 9}, 1, None),
    ({"gpu": 1, "mpi": "srun", "tasks": 2}, 1, None),
    ({"constraint": "bigtmp", "runtime": 5000}, 1, "tagged"),
    ({"tasks": 60, "nodes": 2, "runtime": 1}, 1, "tagged"),
    ({"nodes": 2, "runtime": 4000}, 4, None),
    ({"clusters": "other"}, 99, "elsewhere"),
    ({"cpus_per_task": 40, "runtime": 1}, 1, "highmem"),
]


@pytest.mark.parametrize(("resources", "threads", "partition"), JOBS)
def test_the_tightest_partition_that_a_job_fits_into(
    table: Partitions, resources: dict[str, Any], threads: int, partition: str | None
) -> None:
    asked = read_resources(resources, threads)
    assert table.choose(asked) == partition
    if partition is None:
        assert "standard (" in table.obstacles(asked)


@pytest.mark.parametrize(("resources", "threads", "_"), JOBS)
def test_the_choice_is_that_of_the_slurm_plugin(
    tmp_path: Path, table: Partitions, resources: dict[str, Any], threads: int, _: object
) -> None:
    theirs = pytest.importorskip("snakemake_executor_plugin_slurm.partitions")
    path = tmp_path / "partitions.yaml"
    values = dict(resources)
    if "gpu_model" in values:
        values.setdefault("gpu", 1)  # there it is counted as no GPU
    job = SimpleNamespace(name="a", threads=threads, resources=values)
    silent = SimpleNamespace(debug=print, info=print, warning=print)
    expected = theirs.get_best_partition(theirs.read_partition_file(path), job, silent)
    assert table.choose(read_resources(resources, threads)) == expected


def test_packs_get_smaller_to_fit_into_a_partition(table: Partitions) -> None:
    resources = read_resources({"mem_mb": 100, "runtime": 100, "constraint": "bigtmp"}, 1)
    pieces = [Piece(str(n), "", "train", resources, [], True, {}) for n in range(100)]
    batches = Packing(pack=100, partitions=table).batches(pieces)
    assert {len(task) for batch in batches for task in batch.tasks[:-1]} == {54}  # 90.5 hours
    assert {dict(batch.resources.options)["partition"] for batch in batches} == {"tagged"}


def test_a_job_that_names_its_partition_keeps_it(table: Partitions) -> None:
    for given in ({"slurm_partition": "mine"}, {"slurm_extra": "-p mine"}):
        piece = Piece("k", "", "train", read_resources(given, 1), [], True, {})
        [batch] = Packing(partitions=table).batches([piece])
        assert dict(batch.resources.options)["partition"] == "mine"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("parts: {}", "has no partitions"),
        ("partitions: [a]", "has no partitions"),
        ("- 1", "cannot be read"),
        ("partitions: {a: [1]}", r"partition 'a': \[1\] is not a table"),
        ("partitions: {a: {max_tasks: many}}", "partition 'a': max_tasks: 'many' is not a number"),
        ("partitions: {a: {max_mem: 1}}", "partition 'a': max_mem: is unknown; did you mean max_"),
        ("partitions: {a: {max_runtime: soon}}", "max_runtime: 'soon' is not a time; write e.g."),
        ("partitions: {a: {available_gpu_models: a100}}", "'a100' is not a list of words"),
        ("partitions: {a: {supports_mpi: 3}}", "supports_mpi: 3 is neither true nor false"),
        ("a: [", "cannot be read"),
    ],
)
def test_what_is_wrong_with_a_table_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "partitions.yaml"
    path.write_text(text)
    with pytest.raises(WorkflowError, match=message) as error:
        read_partitions(path)
    assert str(path) in str(error.value)


def test_a_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(WorkflowError, match=r"none\.yaml cannot be read"):
        read_partitions(tmp_path / "none.yaml")
