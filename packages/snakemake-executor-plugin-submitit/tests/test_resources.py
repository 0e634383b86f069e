"""Snakemake's resources as options of sbatch."""

import pytest
from snakemake_executor_plugin_submitit.resources import Resources, read_resources
from snakemake_interface_common.exceptions import WorkflowError


def test_standard_resources() -> None:
    given = {
        "mem_mb": 2000,
        "runtime": 90,
        "slurm_partition": "gpu",
        "slurm_account": "me",
        "qos": "long",
        "constraint": "a100",
        "gpu": 2,
        "gpu_model": "h100",
        "nodes": 2,
        "slurm_extra": "--nice=5 --exclusive",
        "tmpdir": "/tmp",
        "disk_mb": 7,
    }
    parameters = read_resources(given, threads=4).parameters()
    assert parameters.pop("additional_parameters") == {
        "partition": "gpu",
        "account": "me",
        "qos": "long",
        "constraint": "a100",
        "gpus": "h100:2",
        "nodes": "2",
        "nice": "5",
        "exclusive": True,
    }
    assert parameters == {"cpus_per_task": 4, "mem": "2000M", "mem_per_cpu": None, "time": 90}


def test_the_partition_decides_what_is_not_said() -> None:
    assert read_resources({}, threads=0) == Resources(cpus=1)


def test_processors_and_memory_per_processor_come_first() -> None:
    given = {"cpus_per_task": 8, "mem_mb": 1, "mem_mb_per_cpu": 500}
    parameters = read_resources(given, threads=2).parameters()
    assert parameters["cpus_per_task"] == 8
    assert (parameters["mem"], parameters["mem_per_cpu"]) == (None, "500M")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"slurm_partion": "x"}, "Did you mean slurm_partition"),
        ({"slurm_color": "x"}, "Known are slurm_partition, slurm_account, slurm_extra, qos"),
        ({"runtime": "soon"}, "runtime='soon' is not a whole number"),
        ({"mem_mb": -1}, "mem_mb=-1 is not a whole number"),
        ({"slurm_extra": "-p x"}, "'-p' is not of the form --option=value"),
        ({"slurm_extra": "--x='"}, "cannot be read"),
    ],
)
def test_what_cannot_be_used_is_named(given: dict[str, object], message: str) -> None:
    with pytest.raises(WorkflowError, match=message):
        read_resources(given, threads=1)
