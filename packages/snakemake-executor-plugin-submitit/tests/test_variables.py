"""No variable of a site or a user changes what a call of SLURM's programs means."""

import documented
import pytest
from snakemake_executor_plugin_submitit.variables import (
    ANSWERS,
    CONNECTION,
    REPLACED,
    environment,
    submission_environment,
)

DEFAULTS = {
    "SBATCH_ACCOUNT",
    "SBATCH_ACCTG_FREQ",
    "SBATCH_BATCH",
    "SBATCH_CLUSTERS",
    "SBATCH_CONSTRAINT",
    "SBATCH_CONTAINER",
    "SBATCH_CONTAINER_ID",
    "SBATCH_CORE_SPEC",
    "SBATCH_CPUS_PER_GPU",
    "SBATCH_DELAY_BOOT",
    "SBATCH_DISTRIBUTION",
    "SBATCH_EXCLUSIVE",
    "SBATCH_GPUS",
    "SBATCH_GPUS_PER_NODE",
    "SBATCH_GPUS_PER_TASK",
    "SBATCH_GPU_BIND",
    "SBATCH_GPU_FREQ",
    "SBATCH_GRES",
    "SBATCH_GRES_FLAGS",
    "SBATCH_HINT",
    "SBATCH_IGNORE_PBS",
    "SBATCH_MEM_BIND",
    "SBATCH_MEM_PER_CPU",
    "SBATCH_MEM_PER_GPU",
    "SBATCH_MEM_PER_NODE",
    "SBATCH_NETWORK",
    "SBATCH_OVERCOMMIT",
    "SBATCH_PARTITION",
    "SBATCH_POWER",
    "SBATCH_PROFILE",
    "SBATCH_QOS",
    "SBATCH_REQ_SWITCH",
    "SBATCH_RESERVATION",
    "SBATCH_RUNTIME",
    "SBATCH_SEGMENT_SIZE",
    "SBATCH_SPREAD_JOB",
    "SBATCH_THREADS_PER_CORE",
    "SBATCH_THREAD_SPEC",
    "SBATCH_TIMELIMIT",
    "SBATCH_TRES_BIND",
    "SBATCH_TRES_PER_TASK",
    "SBATCH_USE_MIN_NODES",
    "SBATCH_WAIT4SWITCH",
    "SBATCH_WAIT_ALL_NODES",
    "SBATCH_WCKEY",
    "SLURM_CLUSTERS",
    "SLURM_HINT",
    "SLURM_UMASK",
}
"""Where jobs run and on whose account, as the user likes it: also those of SLURM 26.05."""


def test_each_variable_of_sbatch_is_a_users_default_or_replaced() -> None:
    assert not DEFAULTS & REPLACED
    assert documented.variables("sbatch") <= DEFAULTS | REPLACED | CONNECTION


def test_only_defaults_of_the_user_reach_sbatch() -> None:
    given = dict.fromkeys(DEFAULTS | REPLACED | CONNECTION | {"HOME", "SECRET"}, "7")
    assert submission_environment(given).keys() == DEFAULTS | CONNECTION | {"HOME", "SECRET"}


def test_a_job_that_snakemake_runs_in_is_no_default_of_others() -> None:
    mine = {"SBATCH_ACCOUNT": "mine", "SLURM_CONF": "/etc/far.conf", "SLURM_CLUSTERS": "far"}
    job = {"SLURM_JOB_ID": "17", "SLURM_MEM_PER_NODE": "50", "SUBMITIT_EXECUTOR": "slurm"}
    assert submission_environment({**mine, **job, "RANK": "0", "SLURMD_NODENAME": "a"}) == mine
    assert submission_environment({"RANK": "0"}) == {"RANK": "0"}


@pytest.mark.parametrize("program", ["squeue", "sacct", "scancel", "scontrol"])
def test_queries_see_the_connection_alone(program: str) -> None:
    given = dict.fromkeys(documented.variables(program) | {"LC_ALL", "HOME"}, "odd")
    seen = environment(given)
    assert seen.keys() <= CONNECTION | ANSWERS.keys() | {"HOME"}
    assert {k: v for k, v in seen.items() if k in ANSWERS} == ANSWERS
