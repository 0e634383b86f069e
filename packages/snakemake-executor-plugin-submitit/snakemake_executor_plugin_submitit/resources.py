"""Snakemake's resources as what is asked of SLURM."""

import math
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from snakemake_interface_common.exceptions import WorkflowError

OPTIONS = {
    "slurm_partition": "partition",
    "slurm_account": "account",
    "qos": "qos",
    "constraint": "constraint",
    "reservation": "reservation",
    "gres": "gres",
    "nodes": "nodes",
    "tasks": "ntasks",
}
"""Resources that are options of sbatch as they are."""

RESERVED = ("array", "comment", "error", "no-requeue", "output", "requeue", "signal", "wrap")
"""Options of sbatch that the executor needs itself."""

SLURM_ONLY = ("slurm_partition", "slurm_account", "slurm_extra")
"""All resources that may be called ``slurm_...``."""


LEAST_MEMORY = 40
"""Megabytes of a task: what runs its jobs takes some 25 itself."""


@dataclass(frozen=True)
class Resources:
    """What one job asks for.

    Attributes
    ----------
    cpus
        Processors.
    memory
        Megabytes; None for the partition's default.
    memory_per_cpu
        Whether `memory` is for each processor.
    minutes
        Time limit; None for the partition's default.
    options
        Further options of sbatch, by name.
    """

    cpus: int = 1
    memory: int | None = None
    memory_per_cpu: bool = False
    minutes: int | None = None
    options: tuple[tuple[str, str | bool], ...] = ()

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
        return {
            "cpus_per_task": self.cpus,
            "mem": None if self.memory_per_cpu else memory,
            "mem_per_cpu": memory if self.memory_per_cpu else None,
            "time": self.minutes,  # None, or submitit would ask for 5 minutes
            "additional_parameters": dict(self.options),
        }


def read_resources(given: Mapping[str, Any], threads: int) -> Resources:
    """Read a job's resources.

    Parameters
    ----------
    given
        All resources of the job by name; those that are not about SLURM are left alone.
    threads
        The job's threads, for want of ``cpus_per_task``.

    Raises
    ------
    WorkflowError
        When a value cannot be used, or a ``slurm_...`` resource is unknown.
    """
    for name in given:
        if name.startswith("slurm_") and name not in SLURM_ONLY:
            close = get_close_matches(name, SLURM_ONLY, 1)
            hint = f" Did you mean {close[0]}?" if close else ""
            known = ", ".join([*SLURM_ONLY, *(n for n in OPTIONS if n not in SLURM_ONLY)])
            raise WorkflowError(
                f"resource {name}={given[name]!r} is unknown to the submitit executor.{hint} Known "
                f"are {known}, gpu, gpu_model, mem_mb, mem_mb_per_cpu, runtime and cpus_per_task. "
                "Any other option of sbatch goes into slurm_extra='--option=value'."
            )
    per_cpu = "mem_mb_per_cpu" in given
    memory = _count(given, "mem_mb_per_cpu" if per_cpu else "mem_mb")
    options: dict[str, str | bool] = {
        option: str(given[name]) for name, option in OPTIONS.items() if given.get(name)
    }
    if gpus := _count(given, "gpu") or _count(given, "gpus"):
        model = given.get("gpu_model")
        options["gpus"] = f"{model}:{gpus}" if model else str(gpus)
    options |= _extra(str(given.get("slurm_extra", "")))
    return Resources(
        cpus=_count(given, "cpus_per_task") or max(threads, 1),
        memory=memory,
        memory_per_cpu=per_cpu,
        minutes=_count(given, "runtime"),
        options=tuple(sorted(options.items())),
    )


def _count(given: Mapping[str, Any], name: str) -> int | None:
    value = given.get(name)
    if value is None:
        return None
    try:
        number = int(value)
    except (ValueError, TypeError, OverflowError):
        number = -1
    if number < 0:
        raise WorkflowError(f"resource {name}={value!r} is not a whole number of at least 0.")
    return number or None


def _extra(text: str) -> dict[str, str | bool]:
    options: dict[str, str | bool] = {}
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise WorkflowError(f"resource slurm_extra={text!r} cannot be read: {error}.") from None
    for word in words:
        name, equals, value = word.removeprefix("--").partition("=")
        if not word.startswith("--") or not name:
            raise WorkflowError(
                f"resource slurm_extra={text!r}: {word!r} is not of the form --option=value or "
                "--option. Write the long name of each option, and its value after an equals sign."
            )
        if name in RESERVED:
            raise WorkflowError(
                f"resource slurm_extra={text!r}: --{name} is set by the submitit executor itself; "
                "leave it out."
            )
        options[name] = value if equals else True
    return options
