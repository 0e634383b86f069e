"""Environment variables for calls of SLURM's programs.

The calls mean the same whatever a site or a user has set for calls of their own.
"""

from collections.abc import Mapping

PREFIXES = ("SLURM", "SBATCH_", "SQUEUE_", "SACCT_", "SCANCEL_", "SCONTROL_", "SINFO_", "SRUN_")
"""Prefixes of variables that SLURM's programs read."""

CONNECTION = {
    "SLURM_CONF",
    "SLURM_CONF_SERVER",
    "SLURM_JWT",
    "SLURM_SACK_JWKS",
    "SLURM_SACK_KEY",
    "SLURM_SACK_SOCKET",
}
"""Variables that say where SLURM is, and who the user is: for every call."""

ANSWERS = {"SLURM_BITSTR_LEN": "0", "SLURM_TIME_FORMAT": "standard", "LC_ALL": "C"}
"""Answers in one form: arrays in full, times as in the manual, words in English."""

REPLACED = {
    "SBATCH_ARRAY_INX",
    "SBATCH_DEBUG",
    "SBATCH_ERROR",
    "SBATCH_EXPORT",
    "SBATCH_GET_USER_ENV",
    "SBATCH_INPUT",
    "SBATCH_JOB_NAME",
    "SBATCH_NO_KILL",
    "SBATCH_NO_REQUEUE",
    "SBATCH_OPEN_MODE",
    "SBATCH_OUTPUT",
    "SBATCH_REQUEUE",
    "SBATCH_SIGNAL",
    "SBATCH_WAIT",
    "SLURM_DEBUG_FLAGS",
    "SLURM_EXIT_ERROR",
    "SLURM_STEP_KILLED_MSG_NODE_ID",
}
"""What sbatch does not see: each would change what a submission means, rather than where it runs.

All other defaults of the user count where the workflow does not say otherwise: account, partition,
QOS, constraint, memory, ...
"""

OF_A_JOB = {
    "LOCAL_RANK",
    "LOCAL_WORLD_SIZE",
    "MASTER_ADDR",
    "MASTER_PORT",
    "RANK",
    "WORLD_SIZE",
}
"""Variables of a job besides SLURM's and submitit's own."""


def environment(outer: Mapping[str, str]) -> dict[str, str]:
    """Variables for a call whose answer is read: of SLURM's, only those of the connection."""
    kept = {k: v for k, v in outer.items() if k in CONNECTION or not k.startswith(PREFIXES)}
    return {**kept, **ANSWERS}


def submission_environment(outer: Mapping[str, str]) -> dict[str, str]:
    """Variables for sbatch and the job: the user's defaults, without those of a surrounding job."""
    kept = {k: v for k, v in outer.items() if k not in REPLACED}
    if "SLURM_JOB_ID" not in outer:
        return kept
    stays = {*CONNECTION, "SLURM_CLUSTERS"}
    of_a_job = ("SLURM", "SRUN_", "SUBMITIT_", "SBATCH_MEM_BIND")
    return {
        k: v for k, v in kept.items() if k in stays or not (k in OF_A_JOB or k.startswith(of_a_job))
    }


def default_clusters(outer: Mapping[str, str]) -> str:
    """The clusters that sbatch chooses from where the workflow names none."""
    return outer.get("SBATCH_CLUSTERS") or outer.get("SLURM_CLUSTERS") or ""
