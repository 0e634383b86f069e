"""The partition of a job, chosen by limits from the user's own table.

The file is that of the slurm plugin's ``--slurm-partition-config``, and so is the choice: of the
partitions that a job fits into, the one whose limits it uses most.
"""

import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from snakemake.common.configfile import load_configfile
from snakemake_interface_common.exceptions import WorkflowError

from snakemake_executor_plugin_submitit.resources import Resources, count_in

VARIABLE = "SNAKEMAKE_SLURM_PARTITIONS"
"""Environment variable with the file, which sites set for the slurm plugin."""

NUMBERS = (
    "max_cpus_per_gpu",
    "max_cpus_per_task",
    "max_gpu",
    "max_mem_mb",
    "max_mem_mb_per_cpu",
    "max_mpi_tasks",
    "max_nodes",
    "max_runtime",
    "max_tasks",
    "max_tasks_per_node",
    "max_threads",
)
"""Limits; all but the one on GPUs are infinite where they are not given."""

LISTS = ("available_constraints", "available_gpu_models")

CLUSTERS = ("cluster", "clusters", "slurm_cluster")

KEYS = (*NUMBERS, *LISTS, *CLUSTERS, "supports_mpi")

SPAN = re.compile(r"(?:(\d+(?:\.\d+)?)d)?(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+)s)?")
"""Days, hours, minutes and seconds: 2d12h30m."""

CLOCK = re.compile(r"(?:(\d+)-)?(\d+)(?::(\d+))?(?::(\d+))?")
"""Days, hours, minutes and seconds as SLURM writes them: 2-12:30:00."""


@dataclass(frozen=True)
class Partition:
    """A partition and its limits."""

    name: str
    limits: Mapping[str, float] = field(default_factory=dict)
    gpu_models: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    supports_mpi: bool = True
    cluster: str = ""

    def obstacle(self, resources: Resources) -> str:
        """Why a job does not fit; empty if it does."""
        options = dict(resources.options)
        if self.cluster != options.get("clusters", ""):
            return f"cluster {self.cluster or 'not said'}"
        for limit, value in _uses(resources):
            if value > self._limit(limit):
                return f"{limit} {self._limit(limit):g} < {value:g}"
        model = resources.gpus[1]
        if model and self.gpu_models and model not in self.gpu_models:
            return f"available_gpu_models without {model}"
        if resources.mpi and not self.supports_mpi:
            return "supports_mpi false"
        wanted = {c.strip() for c in str(options.get("constraint", "")).split(",")} - {""}
        if self.constraints and not wanted <= set(self.constraints):
            return (
                f"available_constraints without {', '.join(sorted(wanted - {*self.constraints}))}"
            )
        return ""

    def fit(self, resources: Resources) -> float:
        """How much of the limits a job uses: more is better, and nodes with GPUs are for others."""
        used = [value / self._limit(limit) for limit, value in _uses(resources) if value]
        wasted = self._limit("max_gpu") > 0 and not resources.gpus[0]
        return sum(used) - wasted

    def _limit(self, name: str) -> float:
        return self.limits.get(name, 0 if name == "max_gpu" else math.inf)


@dataclass(frozen=True)
class Partitions:
    """All partitions of a table."""

    partitions: tuple[Partition, ...]

    def choose(self, resources: Resources) -> str | None:
        """The partition for a job or a task; None if it names one itself, or fits into none."""
        if "partition" in dict(resources.options):
            return None
        fitting = [p for p in self.partitions if not p.obstacle(resources)]
        best = max(fitting, key=lambda p: p.fit(resources), default=None)
        return best.name if best else None

    def obstacles(self, resources: Resources) -> str:
        """Why a job fits into none; empty if it fits into one, or names one itself."""
        if self.choose(resources) or "partition" in dict(resources.options):
            return ""
        return ", ".join(f"{p.name} ({p.obstacle(resources)})" for p in self.partitions)


def partition_table(setting: Path | None) -> Partitions | None:
    """The table that the setting names, or else the environment."""
    named = setting or os.environ.get(VARIABLE)
    return read_partitions(Path(named)) if named else None


def read_partitions(path: Path) -> Partitions:
    """Read a table.

    Parameters
    ----------
    path
        A YAML file: ``partitions``, below it the names of partitions, below each its limits.

    Raises
    ------
    WorkflowError
        When there is something wrong with it; names the file, the partition and the key.
    """
    try:
        table = load_configfile(path)
    except (OSError, WorkflowError, ValueError) as error:
        raise WorkflowError(f"submitit-partition-config: {path} cannot be read: {error}") from None
    rows = table.get("partitions")
    if not isinstance(rows, dict) or not rows:
        raise WorkflowError(
            f"submitit-partition-config: {path} has no partitions. Write partitions: and below it "
            "the name of each, with its limits, e.g. max_runtime: 720."
        )
    return Partitions(tuple(_partition(path, str(name), row) for name, row in rows.items()))


def _partition(path: Path, name: str, row: Any) -> Partition:
    where = f"submitit-partition-config: {path}: partition {name!r}"
    if row is not None and not isinstance(row, dict):
        raise WorkflowError(f"{where}: {row!r} is not a table of limits, e.g. max_runtime: 720.")
    limits, lists = {}, {}
    supports_mpi, cluster = True, ""
    for key, value in (row or {}).items():
        try:
            if key not in KEYS:
                close = get_close_matches(str(key), KEYS, 1)
                hint = f"did you mean {close[0]}?" if close else f"known: {', '.join(KEYS)}"
                raise ValueError(f"is unknown; {hint}")
            if key == "max_runtime":
                limits[key] = _minutes(value)
            elif key in NUMBERS:
                limits[key] = _number(value)
            elif key in LISTS:
                lists[key] = _words(value)
            elif key in CLUSTERS:
                cluster = str(value or "")
            elif not isinstance(value, bool):
                raise ValueError(f"{value!r} is neither true nor false")
            else:
                supports_mpi = value
        except ValueError as error:
            raise WorkflowError(f"{where}: {key}: {error}.") from None
    return Partition(
        name,
        limits,
        lists.get("available_gpu_models", ()),
        lists.get("available_constraints", ()),
        supports_mpi,
        cluster,
    )


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        raise ValueError(f"{value!r} is not a number of at least 0")
    return float(value)


def _words(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise ValueError(f"{value!r} is not a list of words, e.g. [a100, v100]")
    return tuple(value)


def _minutes(value: Any) -> float:
    """Minutes as a number, or as SLURM or Snakemake write times."""
    if not isinstance(value, str):
        return _number(value)
    text = value.strip().lower()
    if text in {"unlimited", "infinite", "inf"}:
        return math.inf
    if text.replace(".", "", 1).isdecimal():
        return float(text)
    if text and (span := SPAN.fullmatch(text.replace(" ", ""))):
        days, hours, minutes, seconds = (float(part or 0) for part in span.groups())
    elif clock := CLOCK.fullmatch(text):
        days, hours, minutes, seconds = (float(part or 0) for part in clock.groups())
    else:
        raise ValueError(f"{value!r} is not a time; write e.g. 720 (minutes), 12h or 2-12:30:00")
    return math.floor(days * 1440 + hours * 60 + minutes + seconds / 60 + 0.5)


def _uses(resources: Resources) -> list[tuple[str, float]]:
    """What a job asks for, by the limit that is about it."""
    options = {name: str(value) for name, value in resources.options}
    tasks = count_in(options.get("ntasks", ""))
    memory = resources.memory or 0
    uses: list[tuple[str, float]] = [
        ("max_mem_mb_per_cpu", memory if resources.memory_per_cpu else 0),
        ("max_mem_mb", 0 if resources.memory_per_cpu else memory),
        ("max_runtime", resources.minutes or 0),
        ("max_nodes", count_in(options.get("nodes", ""))),
        ("max_tasks", tasks),
        ("max_mpi_tasks", tasks if resources.mpi else 0),
        ("max_tasks_per_node", count_in(options.get("ntasks-per-node", ""))),
        ("max_gpu", resources.gpus[0]),
    ]
    if resources.cpus_per == "gpu":
        return [*uses, ("max_cpus_per_gpu", resources.cpus)]
    if resources.cpus_per == "task":
        # The slurm plugin counts threads and processors, which here are the same.
        uses += [("max_threads", resources.cpus)] * 2 + [("max_cpus_per_task", resources.cpus)]
    return uses
