"""Snakemake's resources as options of sbatch."""

from typing import Any

import pytest
from snakemake_executor_plugin_submitit.resources import Resources, read_resources
from snakemake_executor_plugin_submitit.sbatch_options import read_options
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


def options(threads: int = 1, defaults: tuple[str, ...] = (), **given: object) -> dict[str, Any]:
    return dict(read_resources(given, threads, defaults).options)


def test_processors_come_before_threads() -> None:
    assert read_resources({"cpus_per_task": 8}, threads=2).parameters()["cpus_per_task"] == 8
    assert read_resources({"cpus_per_task": 0}, threads=2).parameters()["cpus_per_task"] == 2
    assert read_resources({"cpus_per_task": -1}, threads=2).parameters()["cpus_per_task"] is None


@pytest.mark.parametrize(
    ("given", "defaults", "memory"),
    [
        ({"mem_mb": 4000}, ("mem_mb",), ("4000M", None)),
        ({"mem_mb": 0}, (), (None, None)),
        ({"mem_mb": "<TBD>"}, (), (None, None)),
        ({"mem_mb": 4000, "mem_mb_per_cpu": 500}, ("mem_mb",), (None, "500M")),
        ({"mem_mb": 4000, "mem_mb_per_cpu": 500}, ("mem_mb_per_cpu",), ("4000M", None)),
        ({"mem_mb": 4000, "mem_mb_per_cpu": 500}, ("mem_mb_per_cpu", "mem_mb"), (None, "500M")),
        ({"mem_mb": 4000, "slurm_extra": "--mem-per-gpu 8G"}, ("mem_mb",), (None, None)),
    ],
)
def test_memory_of_the_rule_replaces_a_default(
    given: dict[str, object], defaults: tuple[str, ...], memory: tuple[str, str]
) -> None:
    parameters = read_resources(given, 1, defaults).parameters()
    assert (parameters["mem"], parameters["mem_per_cpu"]) == memory


@pytest.mark.parametrize(("runtime", "minutes"), [(90, 90), ("90", 90), (0.4, 1), (0, None)])
def test_runtimes_are_whole_minutes(runtime: object, minutes: int | None) -> None:
    assert read_resources({"runtime": runtime}, 1).minutes == minutes


@pytest.mark.parametrize(
    ("given", "defaults", "expected"),
    [
        ({"gpu": 2}, (), {"gpus": "2"}),
        ({"gpus": 2}, (), {"gpus": "2"}),
        ({"gpu_model": "tesla"}, (), {"gpus": "tesla:1"}),
        ({"gpu": 2, "gpu_model": "rtx-4090"}, (), {"gpus": "rtx-4090:2"}),
        ({"gpu": 0, "gpu_model": "tesla"}, (), {}),
        ({"gres": "gpu:tesla:2"}, (), {"gres": "gpu:tesla:2"}),
        ({"gres": "shard:2", "gpu": 1}, (), {"gres": "shard:2", "gpus": "1"}),
        ({"gres": "gpu:1", "gpu": 2}, ("gres",), {"gpus": "2"}),
        ({"gres": "gpu:1", "gpu": 2}, ("gpu",), {"gres": "gpu:1"}),
        ({"gpu": 1, "tasks_per_gpu": 2}, (), {"gpus": "1", "ntasks-per-gpu": "2"}),
        ({"gpu": 1, "tasks_per_gpu": -1}, (), {"gpus": "1"}),
        ({"tasks_per_gpu": 2}, ("tasks_per_gpu",), {}),
        ({"slurm_extra": "--gpus-per-node=1", "tasks_per_gpu": 2}, (), None),
    ],
)
def test_gpus(
    given: dict[str, object], defaults: tuple[str, ...], expected: dict[str, str] | None
) -> None:
    if expected is None:
        with pytest.raises(WorkflowError, match="tasks_per_gpu"):
            options(defaults=defaults, **given)
    else:
        assert options(defaults=defaults, **given) == expected


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({"gpu": 2, "cpus_per_gpu": 4}, (None, "4")),
        ({"gpu": 2, "cpus_per_gpu": 0}, (None, None)),
        ({"gpu": 2}, (3, None)),
        ({"gres": "gpu:1", "cpus_per_gpu": 4}, (None, "4")),
    ],
)
def test_processors_of_gpus(given: dict[str, object], asked: tuple[int | None, str | None]) -> None:
    parameters = read_resources(given, threads=3).parameters()
    per_gpu = parameters["additional_parameters"].get("cpus-per-gpu")
    assert (parameters["cpus_per_task"], per_gpu) == asked


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"tasks": 4, "mpi": "srun"}, {"ntasks": "4", "nodes": "1-4"}),
        ({"ntasks": 4, "nodes": 2}, {"ntasks": "4", "nodes": "2"}),
        ({"tasks": 1}, {"ntasks": "1", "nodes": "1"}),
        ({"tasks": 0}, {}),
        ({"tasks_per_node": 2, "nodes": 3}, {"ntasks-per-node": "2", "nodes": "3"}),
        (
            {"tasks": 8, "ntasks_per_node": 3},
            {"ntasks": "8", "ntasks-per-node": "3", "nodes": "3-8"},
        ),
        ({"nodes": "2-4"}, {"nodes": "2-4"}),
        ({"slurm_extra": "-n 3"}, {"ntasks": "3", "nodes": "1-3"}),
        ({"cluster": "a,b"}, {"clusters": "a,b"}),
        ({"slurm_cluster": "a"}, {"clusters": "a"}),
        ({"reservation": "course", "qos": "", "constraint": None}, {"reservation": "course"}),
    ],
)
def test_tasks_nodes_and_the_rest(given: dict[str, object], expected: dict[str, str]) -> None:
    asked = options(**given)
    asked.pop("use-min-nodes", None)
    assert asked == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-N 2", {"nodes": "2"}),
        ("-N2 -n4", {"nodes": "2", "ntasks": "4"}),
        ("--nice 100", {"nice": "100"}),
        ("--nice", {"nice": True}),
        ("--exclusive --hold", {"exclusive": True, "hold": True}),
        ("--exclusive=user -Hs", {"exclusive": "user", "hold": True, "oversubscribe": True}),
        ("--mail-type=ALL --mail-user 'a b@c'", {"mail-type": "ALL", "mail-user": "a b@c"}),
        ("--licen=matlab:1", {"licenses": "matlab:1"}),
        ("--site-option=1 --other 2", {"site-option": "1", "other": "2"}),
        ("-x 'n[1-3]' --gres-flags=enforce-binding", {"exclude": "n[1-3]"}),
        ("--tasks-per-node=2", {"ntasks-per-node": "2"}),
        ("--begin=now+1hour\n--nice=5", {"begin": "now+1hour", "nice": "5"}),
        ("  ", {}),
    ],
)
def test_slurm_extra_is_read_as_sbatch_reads_it(text: str, expected: dict[str, object]) -> None:
    assert read_options(text).items() >= expected.items()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("--output=x", "--output is set by the submitit executor itself; leave it out"),
        ("--out x", r"--out is set by .* \(it means --output\)"),
        ("-o x", r"-o is set by .* \(it means --output\)"),
        ("-ox", "it means --output"),
        ("-J name", "--job-name.*use --submitit-jobname-prefix"),
        ("-a 1-3", "it means --array"),
        ("-HJname", "it means --job-name"),
        ("--sig=USR1", "it means --signal"),
        ("-t 5", "use the resource runtime"),
        ("--mem=5G", "use the resource mem_mb"),
        ("--cluster=x", "use the resource clusters"),
        ("-W", "it means --wait"),
        ("--no-requeue", "use --submitit-no-requeue"),
        ("--mem-per", "ambiguous; write one of --mem-per-cpu, --mem-per-gpu"),
        ("script.sh", "'script.sh' is not an option"),
        ("--hold script.sh", "'script.sh' is not an option"),
        ("-z", "-z is not an option"),
        ("-N", "needs a value"),
        ("--x='", "cannot be read"),
    ],
)
def test_options_that_are_the_executors_own_are_refused(text: str, message: str) -> None:
    with pytest.raises(WorkflowError, match=message) as error:
        read_options(text)
    assert f"slurm_extra={text!r}" in str(error.value)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"slurm_partion": "x"}, "Did you mean slurm_partition"),
        ({"slurm_qos": "x"}, "Did you mean qos"),
        ({"slurm_requeue": 1}, "unless you set --submitit-no-requeue"),
        ({"slurm_color": "x"}, "Known: slurm_partition, slurm_account, slurm_extra"),
        ({"runtime": "soon"}, "runtime='soon' is not a whole number"),
        ({"runtime": float("nan")}, "runtime=nan is not a whole number"),
        ({"mem_mb": -1}, "mem_mb=-1 is not a whole number of at least 0"),
        ({"mem_mb_per_cpu": "4GB"}, "mem_mb_per_cpu='4GB' is not a whole number"),
        ({"mem_mb": 1, "mem_mb_per_cpu": 500}, "mem_mb_per_cpu=500 and mem_mb=1 exclude each"),
        ({"mem_mb": 1, "slurm_extra": "--mem-per-gpu=2"}, "exclude each other"),
        ({"gres": "gpu:1", "gpu": 2}, "gres='gpu:1' and gpu=2 exclude each other. Use either"),
        ({"gres": "gpu:1", "gpu_model": "a"}, "exclude each other"),
        ({"gres": "'gpu:1'"}, "without quotes"),
        ({"gpu": 1, "gpus": 2}, "gpu=1 and gpus=2 exclude"),
        ({"gpu_model": "'a100'"}, "is not the name of a model"),
        ({"tasks_per_gpu": 2}, "tasks_per_gpu=2 is not of use to a job without gpu"),
        ({"cpus_per_gpu": 2}, "cpus_per_gpu=2 is not of use to a job without gpu; use threads"),
        ({"gpu": 1, "cpus_per_gpu": 2, "cpus_per_task": 2}, "exclude each other"),
        ({"nodes": 0}, "nodes=0 is not a number of at least 1"),
        ({"nodes": True}, "nodes=True is not a number"),
        ({"tasks": "many"}, "tasks='many' is not a whole number"),
        ({"tasks": 2, "ntasks": 3}, "tasks=2 and ntasks=3 exclude each other"),
        ({"slurm_partition": "a", "slurm_extra": "-p b"}, "Both set --partition: leave one out"),
        ({"slurm_partition": "a\n#SBATCH -J x"}, "has a line break"),
    ],
)
def test_what_cannot_be_used_is_named(given: dict[str, object], message: str) -> None:
    with pytest.raises(WorkflowError, match=message):
        read_resources(given, threads=1)


def test_slurm_extra_replaces_a_default() -> None:
    given = {"slurm_partition": "a", "slurm_extra": "-p b"}
    assert options(defaults=("slurm_partition",), **given) == {"partition": "b"}
