"""How Snakemake runs a search: the PATH of its jobs, whether there will be jobs, its settings."""

import logging
import os
import re
import shlex
from typing import Any

from harmonica_steps.preflight import PROGRAMS


def shell_prefix() -> str:
    """What every rule's shell starts with.

    The environment that runs Snakemake also has the command ``harmonica``, activated or not.
    """
    return f"set -euo pipefail; export PATH={shlex.quote(str(PROGRAMS))}:$PATH; "


def add_programs_to_path() -> None:
    """The same for a module, which must not change how the other rules' shells start."""
    path = os.environ.get("PATH", "")
    if str(PROGRAMS) not in path.split(os.pathsep):
        os.environ["PATH"] = f"{PROGRAMS}{os.pathsep}{path}"


def runs_jobs(snakemake: Any) -> bool:
    """Whether Snakemake plans jobs in order to run them, and is not itself one of these jobs.

    It has an executor only then: not for a report, a graph, a summary or ``--unlock``.

    Parameters
    ----------
    snakemake
        Its workflow.
    """
    executes = snakemake.is_main_process and snakemake.executor_plugin is not None
    return bool(executes and not snakemake.dryrun and not snakemake.touch)


def prepare(snakemake: Any, *, alone: bool) -> None:
    """Change how Snakemake runs a search.

    Parameters
    ----------
    snakemake
        Its workflow.
    alone
        Whether all jobs are of the search.
    """
    if snakemake.local_exec:
        # Trainings share what they import, for as long as this process lives.
        os.environ["HARMONICA_OWNER"] = str(os.getpid())
        if alone:
            # Snakemake 9.27 starts a timer in every round of its scheduler, and every timer starts
            # a round: with 400 short trainings they cost more CPU time than the trainings.
            snakemake.scheduling_settings.max_jobs_per_timespan = None
    # The report is updated after every part, so it exists before the rule that writes the complete
    # one.
    logger = logging.getLogger("snakemake.logging")
    logger.addFilter(lambda record: not _REPORT_IS_THERE.search(str(record.msg)))


_REPORT_IS_THERE = re.compile(r"output files of rule \w*write_report were")
