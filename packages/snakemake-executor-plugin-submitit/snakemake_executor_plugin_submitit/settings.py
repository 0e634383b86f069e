"""The executor's settings, on the command line and in profiles ``submitit-...``."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

from snakemake_interface_executor_plugins.settings import ExecutorSettingsBase

from snakemake_executor_plugin_submitit.machine import CLUSTERS, STATUS_COMMANDS

FILES = (1800, 1800)
"""Seconds between two queries, at first and at most, where status files are to be enough."""


def _setting(default: Any, text: str, **metadata: Any) -> Any:
    return field(default=default, metadata={"help": text, **metadata})


@dataclass
class ExecutorSettings(ExecutorSettingsBase):  # type: ignore[misc]
    """Settings on the command line and in profiles, there as ``submitit-...``."""

    cluster: str = _setting(
        "auto",
        "Where jobs run: slurm, local (processes on this machine, as many as --cores allows), "
        "debug (in the foreground), or auto: slurm where there is one, else local.",
        choices=list(CLUSTERS),
    )
    folder: Path = _setting(
        Path(".snakemake/submitit"),
        "Folder, seen by all nodes, for what is submitted, its status and its logs.",
    )
    pack: int = _setting(
        1,
        "Maximum number of jobs that one task of an array runs. Each has its own result and "
        "retries. The "
        "task asks for the time of all of them. In local mode packs get smaller so that each core "
        "has work.",
    )
    parallel: int = _setting(
        1, "How many jobs of a pack run in parallel; the task asks for their cores and memory."
    )
    longest: Optional[int] = _setting(
        None,
        "Minutes that a task may ask for, e.g. the partition's limit: packs get smaller to fit.",
    )
    array_limit: Optional[int] = _setting(
        None, "Tasks in an array, at most. Default: the cluster's MaxArraySize."
    )
    array_parallelism: Optional[int] = _setting(
        None, "Tasks of an array that run at a time, at most. Default: as many as SLURM allows."
    )
    poll_min: int = _setting(
        10,
        "Seconds after which SLURM is asked about jobs without a result; one query for all jobs. "
        "The time grows while nothing happens.",
    )
    poll_max: int = _setting(180, "Seconds between two queries, at most.")
    restarts: int = _setting(
        10,
        "How often SLURM may start a task again (preempted, node lost, out of time) before its "
        "jobs count as failed.",
    )
    resumable: bool = _setting(
        False,
        "Jobs resume from their own checkpoints: a task that runs out of time is queued again. "
        "Otherwise only a task that has finished one of its jobs is.",
    )
    memory_factor: float = _setting(
        2.0, "A retried job that lacked memory asks for this much more (see retries:)."
    )
    time_factor: float = _setting(
        2.0, "A retried job that ran out of time asks for this much more (see retries:)."
    )
    no_requeue: bool = _setting(
        False,
        "SLURM never starts a task a second time: a job whose node is lost, or that is preempted, "
        "fails "
        "(see retries:). Without it, such tasks are queued again.",
    )
    keep_logs: bool = _setting(False, "Keep the logs of successful jobs.")
    delete_logfiles_older_than: int = _setting(
        10,
        "Days after which the logs of jobs that failed are deleted, at the start of a later run. "
        "0 or less: never. With keep-logs, none are deleted.",
    )
    jobname_prefix: str = _setting(
        "", "Prefix of the names of jobs in the queue: letters, digits, _ and -, 50 at most."
    )
    partition_config: Optional[Path] = _setting(
        None,
        "YAML file with the limits of partitions (partitions: {NAME: {max_runtime: 720, ...}}), as "
        "the slurm plugin reads it: each job without a slurm_partition goes to the one that it "
        "fits best. Default: the file that SNAKEMAKE_SLURM_PARTITIONS names, if set.",
    )
    exclude_failed_nodes: str = _setting(
        "auto",
        "auto: nodes that fail during this run get no more of its jobs. A list, e.g. "
        "node1,node[3-5]: nor do these, from the start. none: SLURM alone decides.",
    )
    status_command: str = _setting(
        "auto",
        "Command that asks SLURM about jobs without a result: squeue; sacct, which does "
        "not tell why jobs wait; auto: squeue, and sacct for jobs that have left the queue; "
        "files: almost never ask, so that it may take half an hour to notice a job that SLURM has "
        "killed.",
        choices=list(STATUS_COMMANDS),
    )
    efficiency_report: bool = _setting(
        False,
        "At the end, compare what jobs have used with what they have asked for: a table for each "
        "rule with advice, and a CSV file with a line for each job.",
    )
    efficiency_report_path: Optional[Path] = _setting(
        None,
        "Where that file goes: a folder, or a name that ends in .csv or .tsv. Default: "
        "efficiency_report_TIME.csv in the workflow's folder.",
    )
    efficiency_threshold: float = _setting(
        0.8, "Share of what was asked for, below which the report advises to ask for less."
    )
