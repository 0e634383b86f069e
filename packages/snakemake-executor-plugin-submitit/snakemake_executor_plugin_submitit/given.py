"""The resources of a job as its rule, the profile and Snakemake give them: checked, one by one."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from snakemake_interface_common.exceptions import WorkflowError

OPTIONS = {
    "partition": ("slurm_partition",),
    "account": ("slurm_account",),
    "qos": ("qos",),
    "constraint": ("constraint",),
    "reservation": ("reservation",),
    "clusters": ("clusters", "cluster", "slurm_cluster"),
    "gres": ("gres",),
    "nodes": ("nodes",),
    "ntasks": ("tasks", "ntasks"),
    "ntasks-per-node": ("tasks_per_node", "ntasks_per_node"),
    "ntasks-per-gpu": ("tasks_per_gpu",),
}
"""Options of sbatch that are resources as they are, and the names of these."""

SLURM_ONLY = ("slurm_partition", "slurm_account", "slurm_extra", "slurm_cluster")
"""All resources that may be called ``slurm_...``."""

KNOWN = (
    *SLURM_ONLY,
    *(name for names in OPTIONS.values() for name in names if name not in SLURM_ONLY),
    *("gpu", "gpu_model", "cpus_per_task", "cpus_per_gpu"),
    *("mem_mb", "mem_mb_per_cpu", "runtime"),
)

INSTEAD = {
    "slurm_requeue": "Tasks are requeued anyway, unless you set --submitit-no-requeue.",
}
"""Resources of the slurm plugin that have become something else."""

TO_BE_DETERMINED = "<TBD>"
"""How Snakemake writes what is computed on the node."""


@dataclass(frozen=True)
class Given:
    """Values by name.

    Attributes
    ----------
    values
        All resources of the job; those that are not about SLURM are left alone.
    defaults
        Names of those that the job has from default-resources alone. They give way to what a rule
        says by another name.
    """

    values: Mapping[str, Any]
    defaults: Collection[str] = ()

    def check_names(self) -> None:
        """Refuse a ``slurm_...`` resource that is not known."""
        for name, value in self.values.items():
            if name in KNOWN and "\n" in str(value).strip():
                raise WorkflowError(f"resource {name}={value!r} has a line break. Remove it.")
            if not name.startswith("slurm_") or name in SLURM_ONLY:
                continue
            bare = name.removeprefix("slurm_")
            close = [bare] if bare in KNOWN else get_close_matches(name, KNOWN, 1, 0.7)
            hint = INSTEAD.get(name) or (f"Did you mean {close[0]}?" if close else "")
            raise WorkflowError(
                f"resource {name}={value!r} is unknown to the submitit executor. {hint} Known: "
                f"{', '.join(KNOWN)}. Any other option of sbatch belongs in "
                "slurm_extra='--option=value'."
            )

    def text(self, name: str) -> str:
        """A value as text; empty if there is none."""
        value = self.values.get(name)
        return "" if value is None or value is False else str(value)

    def count(self, name: str, *, negative: bool = False) -> int | None:
        """A whole number; None if there is none, or if it is not known before the job runs."""
        value = self.values.get(name)
        if value is None or str(value) == TO_BE_DETERMINED:
            return None
        try:
            number = math.ceil(float(value))
        except (ValueError, TypeError, OverflowError):
            raise self.unusable(name, "a whole number") from None
        if number < 0 and not negative:
            raise self.unusable(name, "a whole number of at least 0")
        return number

    def unusable(self, name: str, expected: str) -> WorkflowError:
        """What is said about a value that is not as expected."""
        return WorkflowError(f"resource {name}={self.values[name]!r} is not {expected}.")

    def own(self, *names: str) -> list[str]:
        """The names of resources that the job has itself, not from default-resources."""
        return [n for n in names if n in self.values and n not in self.defaults]

    def one_of(self, *names: str) -> str:
        """The one that counts of several names for the same: the job's own before defaults.

        Raises
        ------
        WorkflowError
            When two of them contradict each other.
        """
        own = self.own(*names)
        said = [n for n in own or names if self.values.get(n)]
        if len({str(self.values[n]) for n in said}) > 1 or (len(said) > 1 and own):
            raise self.contradiction(*said)
        return next(iter([*said, *own]), names[0])

    def contradiction(self, *names: str, advice: str = "Leave one of them out.") -> WorkflowError:
        """What is said about values that exclude each other."""
        shown = " and ".join(f"{name}={self.values[name]!r}" for name in names)
        return WorkflowError(f"resources {shown} exclude each other. {advice}")
