"""What the settings mean on this machine."""

import re
import shutil
from typing import TypeVar

from snakemake_interface_common.exceptions import WorkflowError

from snakemake_executor_plugin_submitit import slurm

T = TypeVar("T", int, float)

CLUSTERS = ("auto", "slurm", "local", "debug")


def choose_cluster(name: str) -> str:
    """Check the setting, and make ``auto`` a real one."""
    if name not in CLUSTERS:
        raise WorkflowError(
            f"submitit-cluster: {name!r} is none of {', '.join(CLUSTERS)}. Choose one of them."
        )
    slurm = shutil.which("sbatch") is not None
    if name == "slurm" and not slurm:
        raise WorkflowError(
            "submitit-cluster: slurm, but there is no sbatch in the PATH. Start snakemake on a "
            "machine of the cluster that jobs are submitted from, or set submitit-cluster: local."
        )
    return name if name != "auto" else "slurm" if slurm else "local"


def at_least(name: str, value: T, least: int) -> T:
    """Check a number."""
    if value < least:
        shown = name.replace("_", "-")
        raise WorkflowError(f"submitit-{shown}: {value} is too small. Give at least {least}.")
    return value


def max_array_size() -> int:
    """The cluster's own limit on the tasks of an array, or SLURM's default where it is silent."""
    done = slurm.call("scontrol", "show", "config")
    found = done and re.search(r"MaxArraySize\s*=\s*(\d+)", done.stdout)
    return max(int(found[1]), 1) if found else 1001
