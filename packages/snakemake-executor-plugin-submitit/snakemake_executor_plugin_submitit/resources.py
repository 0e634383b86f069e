"""Snakemake's resources as what is asked of SLURM."""

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from snakemake_executor_plugin_submitit.given import OPTIONS, Given
from snakemake_executor_plugin_submitit.sbatch_options import read_options

NODES = re.compile(r"0*[1-9]\d*[km]?(-\d+[km]?)?", re.IGNORECASE)

GPU_MODEL = re.compile(r"[\w.+-]+")

LEAST_MEMORY = 40
"""Megabytes of a task: what runs its jobs takes some 25 itself."""


@dataclass(frozen=True)
class Resources:
    """What one job asks for.

    Attributes
    ----------
    cpus
        Processors, of each task or GPU: see `cpus_per`.
    memory
        Megabytes; None for the partition's default.
    memory_per_cpu
        Whether `memory` is for each processor.
    minutes
        Time limit; None for the partition's default.
    options
        Further options of sbatch, by name.
    cpus_per
        ``task`` or ``gpu``; empty where SLURM is not asked for any.
    mpi
        Whether the job's command starts processes on all of its nodes.
    """

    cpus: int = 1
    memory: int | None = None
    memory_per_cpu: bool = False
    minutes: int | None = None
    options: tuple[tuple[str, str | bool], ...] = ()
    cpus_per: str = "task"
    mpi: bool = False

    @property
    def clusters(self) -> str:
        """The clusters that may run it; empty for the user's default."""
        return str(dict(self.options).get("clusters", ""))

    @property
    def processors(self) -> int:
        """Processors in all."""
        return self.cpus * (self.gpus[0] if self.cpus_per == "gpu" else self.tasks)

    @property
    def tasks(self) -> int:
        """How many processes srun would start."""
        options = {name: str(value) for name, value in self.options}
        on_nodes = count_in(options.get("nodes", "")) * count_in(options.get("ntasks-per-node", ""))
        return count_in(options.get("ntasks", "")) or on_nodes or 1

    @property
    def gpus(self) -> tuple[int, str]:
        """How many, and of which model."""
        options = {name: str(value) for name, value in self.options}
        listed = options.get("gres", "").replace("=", ":").split(",")
        for text in [f"gpu:{options['gpus']}"] if "gpus" in options else listed:
            kind, *rest = text.split(":")
            if kind.removeprefix("gres/") == "gpu":
                count = int(rest[-1]) if rest and rest[-1].isdecimal() else 1
                return count, next((word for word in rest if not word.isdecimal()), "")
        return 0, ""

    def packed(self, pieces: int, parallel: int) -> "Resources":
        """What a task asks for that runs many such jobs, some of them side by side."""
        width = min(parallel, pieces)
        return replace(
            self,
            cpus=self.cpus * width,
            memory=self.memory and self.memory * (1 if self.memory_per_cpu else width),
            minutes=self.minutes and self.minutes * math.ceil(pieces / width),
        )

    def parameters(self) -> dict[str, Any]:
        """The parameters of submitit's SLURM executor."""
        memory = f"{max(self.memory, LEAST_MEMORY)}M" if self.memory else None
        per_gpu = {"cpus-per-gpu": str(self.cpus)} if self.cpus_per == "gpu" else {}
        return {
            "cpus_per_task": self.cpus if self.cpus_per == "task" else None,
            "mem": None if self.memory_per_cpu else memory,
            "mem_per_cpu": memory if self.memory_per_cpu else None,
            "time": self.minutes,  # None, or submitit would ask for 5 minutes
            "additional_parameters": dict(self.options) | per_gpu,
        }

    def with_options(self, **options: str | bool) -> "Resources":
        """The same with more options, underscores for dashes."""
        more = {name.replace("_", "-"): value for name, value in options.items()}
        return replace(self, options=tuple(sorted((dict(self.options) | more).items())))


def count_in(text: str) -> int:
    """The number that an option begins with: of a range the lower one, 0 for none."""
    found = re.match(r"\d+", text)
    return int(found[0]) if found else 0


def read_resources(
    values: Mapping[str, Any], threads: int, defaults: Collection[str] = ()
) -> Resources:
    """Read a job's resources.

    Parameters
    ----------
    values
        All resources of the job by name; those that are not about SLURM are left alone.
    threads
        The job's threads, for want of ``cpus_per_task``.
    defaults
        Names of those that the job has from default-resources alone.

    Raises
    ------
    WorkflowError
        When a value cannot be used, two contradict each other, or a ``slurm_...`` resource is
        unknown.
    """
    given = Given(values, defaults)
    given.check_names()
    options, sources = _options(given)
    extra = read_options(given.text("slurm_extra"))
    for option in extra.keys() & options.keys():
        if given.own(sources[option]):
            raise given.contradiction(
                "slurm_extra", sources[option], advice=f"Both set --{option}: leave one out."
            )
    options |= extra
    if "ntasks" in options and "nodes" not in options:
        options |= {"nodes": _any_number_of_nodes(options), "use-min-nodes": True}
    cpus, cpus_per = _cpus(given, threads, has_gpus=_has_gpus(options))
    memory = _memory(given, per_gpu="mem-per-gpu" in extra)
    return Resources(
        cpus=cpus,
        memory=given.count(memory) or None if memory else None,
        memory_per_cpu=memory == "mem_mb_per_cpu",
        minutes=given.count("runtime") or None,
        options=tuple(sorted(options.items())),
        cpus_per=cpus_per,
        mpi=bool(given.text("mpi")),
    )


def _options(given: Given) -> tuple[dict[str, str | bool], dict[str, str]]:
    """Options of sbatch, and the resource that each comes from."""
    sources = {option: given.one_of(*names) for option, names in OPTIONS.items()}
    if not NODES.fullmatch(given.text("nodes") or "1") or given.values.get("nodes") is True:
        raise given.unusable("nodes", "a number of at least 1 or a range of such, e.g. 2-4")
    for option in ("ntasks", "ntasks-per-node"):
        given.count(sources[option])
    if any(letter in given.text("gres") for letter in "'\" "):
        raise given.unusable("gres", "of the form name:count or name:type:count, without quotes")
    options: dict[str, str | bool] = {
        option: given.text(name) for option, name in sources.items() if given.values.get(name)
    }
    gpus, sources["gpus"] = _gpus(given)
    if gpus:
        options["gpus"] = gpus
    if sources["gpus"] != "gres" and "gpu" in given.text("gres"):
        del options["gres"]  # a default, in whose place the rule has its own
    _check_tasks_per_gpu(given, options)
    return options, sources


def _check_tasks_per_gpu(given: Given, options: dict[str, str | bool]) -> None:
    """Numbers below 1 mean none, as does a default for jobs without GPUs."""
    if (given.count("tasks_per_gpu", negative=True) or 0) > 0:
        if _has_gpus(options):
            return
        if given.own("tasks_per_gpu"):
            raise given.unusable("tasks_per_gpu", "of use to a job without gpu; use tasks")
    options.pop("ntasks-per-gpu", None)


def _has_gpus(options: Mapping[str, str | bool]) -> bool:
    return any(name.startswith("gpus") for name in options) or "gpu" in str(options.get("gres"))


def _gpus(given: Given) -> tuple[str, str]:
    """The value of --gpus, empty for none; and the resource that is about GPUs."""
    count_from = given.one_of("gpu", "gpus")
    words = [name for name in (count_from, "gpu_model") if given.text(name)]
    if "gpu" in given.text("gres"):
        own, own_words = given.own("gres"), given.own(*words)
        if words and bool(own) == bool(own_words):
            advice = "Use either gres (gres='gpu:MODEL:COUNT') or gpu and gpu_model."
            raise given.contradiction("gres", *words, advice=advice)
        if own or not words:
            return "", "gres"
    model = given.text("gpu_model")
    if model and not GPU_MODEL.fullmatch(model):
        raise given.unusable("gpu_model", "the name of a model, e.g. a100")
    count = given.count(count_from)
    if count is None:
        count = 1 if model else 0
    return (f"{model}:{count}" if model else str(count)) if count else "", count_from


def _any_number_of_nodes(options: Mapping[str, str | bool]) -> str:
    """As many nodes as the tasks need; submitit would ask for one."""
    tasks = int(options["ntasks"]) if str(options["ntasks"]).isdigit() else 1
    on_each = str(options.get("ntasks-per-node", tasks))
    least = math.ceil(tasks / int(on_each)) if on_each.isdigit() and int(on_each) else 1
    return f"{least}-{tasks}" if tasks > least else str(least)


def _cpus(given: Given, threads: int, *, has_gpus: bool) -> tuple[int, str]:
    """Processors, and whether they are those of a task or of a GPU."""
    per_gpu = given.count("cpus_per_gpu", negative=True)
    if per_gpu and not has_gpus and given.own("cpus_per_gpu"):
        raise given.unusable("cpus_per_gpu", "of use to a job without gpu; use threads:")
    name = given.one_of("cpus_per_task", *(["cpus_per_gpu"] if has_gpus else []))
    count = given.count(name, negative=True)
    if name == "cpus_per_gpu" and count is not None:
        return (count, "gpu") if count > 0 else (1, "")
    if count is not None and count < 0:  # as with the slurm plugin: the partition decides
        return 1, ""
    return count or max(threads, 1), "task"


def _memory(given: Given, *, per_gpu: bool) -> str:
    """The resource that memory is from; empty if slurm_extra says it for each GPU."""
    names = ("mem_mb_per_cpu", "mem_mb")
    own = given.own(*names)
    if per_gpu:
        if own:
            raise given.contradiction("slurm_extra", *own, advice="Leave one of them out.")
        return ""
    # Both may be defaults: Snakemake adds mem_mb to those of the profile.
    return given.one_of(*names) if own else next(n for n in names if given.text(n) or n == "mem_mb")
