"""What the settings mean on this machine."""

import re
import shutil
import subprocess
from typing import Any, TypeVar

from snakemake_interface_common.exceptions import WorkflowError

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


def can_wait(settings: Any) -> None:
    """Check that jobs may be submitted one after the other."""
    if settings.immediate_submit:
        raise WorkflowError(
            "--immediate-submit is not supported by the submitit executor, which submits jobs when "
            "their input is there. Leave it out."
        )


def at_least(name: str, value: T, least: int) -> T:
    """Check a number."""
    if value < least:
        shown = name.replace("_", "-")
        raise WorkflowError(f"submitit-{shown}: {value} is too small. Give at least {least}.")
    return value


def max_array_size() -> int:
    """The cluster's own limit on the tasks of an array, or SLURM's default where it is silent."""
    try:
        config = subprocess.run(
            ["scontrol", "show", "config"], capture_output=True, text=True, timeout=30
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        config = ""
    found = re.search(r"MaxArraySize\s*=\s*(\d+)", config)
    return max(int(found[1]), 1) if found else 1001
