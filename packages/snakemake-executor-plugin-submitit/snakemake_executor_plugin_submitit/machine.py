"""What the settings mean on this machine."""

import re
import shutil
from typing import Any, TypeVar

from snakemake_interface_common.exceptions import WorkflowError

from snakemake_executor_plugin_submitit import slurm

T = TypeVar("T", int, float)

CLUSTERS = ("auto", "slurm", "local", "debug")

STATUS_COMMANDS = ("auto", "sacct", "squeue", "files")


def choose_cluster(name: str) -> str:
    """Check the setting, and make ``auto`` a real one."""
    if name not in CLUSTERS:
        raise WorkflowError(f"submitit-cluster: {name!r} must be one of {', '.join(CLUSTERS)}.")
    slurm = shutil.which("sbatch") is not None
    if name == "slurm" and not slurm:
        raise WorkflowError(
            "submitit-cluster: slurm, but there is no sbatch in the PATH. Start snakemake on a "
            "login node of the cluster, or set submitit-cluster: local."
        )
    return name if name != "auto" else "slurm" if slurm else "local"


def can_wait(settings: Any) -> None:
    """Check that jobs may be submitted one after the other."""
    if settings.immediate_submit:
        raise WorkflowError(
            "--immediate-submit is not supported by the submitit executor, which submits jobs once "
            "their input exists. Leave it out."
        )


def at_least(name: str, value: T, least: int) -> T:
    """Check a number."""
    if value < least:
        shown = name.replace("_", "-")
        raise WorkflowError(f"submitit-{shown}: {value} is too small; use at least {least}.")
    return value


def check_prefix(prefix: str) -> str:
    """Check the beginning of the names of jobs."""
    if prefix and not re.fullmatch(r"[A-Za-z0-9_-]{1,50}", prefix):
        raise WorkflowError(
            f"submitit-jobname-prefix: {prefix!r} is not a valid prefix. Use letters, digits, _ "
            "and -, 50 at most."
        )
    return prefix


def max_array_size() -> int:
    """The cluster's own limit on the tasks of an array, or SLURM's default where it is silent."""
    found = re.search(r"MaxArraySize\s*=\s*(\d+)", _configuration())
    return max(int(found[1]), 1) if found else 1001


def check_status_command(name: str, cluster: str) -> str:
    """Check that what is asked about jobs can answer."""
    if name not in STATUS_COMMANDS:
        raise WorkflowError(
            f"submitit-status-command: {name!r} must be one of {', '.join(STATUS_COMMANDS)}."
        )
    if cluster == "slurm" and name == "sacct" and "accounting_storage/none" in _configuration():
        raise WorkflowError(
            "submitit-status-command: sacct, but this cluster has no accounting. Choose squeue."
        )
    return name


def _configuration() -> str:
    """The cluster's, as far as it can be had."""
    done = slurm.call("scontrol", "show", "config")
    return done.stdout if done else ""
