"""Calls of SLURM's programs."""

import os
import re
import shlex
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from snakemake_executor_plugin_submitit.jobids import by_cluster, job_id_on
from snakemake_executor_plugin_submitit.variables import environment, submission_environment

TIMEOUT = 60.0
"""Seconds after which a query that hangs is given up."""

SUBMISSION_TIMEOUT = 300.0
"""The same for sbatch: a site's own checks take their time."""

ANSWER = re.compile(
    r"^(?:Submitted batch job )?(\d+)(?:;(\S+)| on cluster (\S+))?\s*$", re.MULTILINE
)
"""What sbatch says of a job, among lines of the site's."""


class SbatchError(Exception):
    """What sbatch says against a job; empty if it was ended before it could say anything."""


class AnswerError(Exception):
    """An answer of sbatch that names no job, or several: whether there is one is unknown."""


def call(*command: str) -> "subprocess.CompletedProcess[str] | None":
    """Ask SLURM something, or tell it; None where it does not answer in time."""
    try:
        return _run(command, environment(os.environ), TIMEOUT)
    except (OSError, subprocess.TimeoutExpired):
        return None


def sbatch(script: Path) -> str:
    """Submit a script with the options that it names.

    They are repeated on the command line, where they count more than ``SBATCH_...`` variables.

    Returns
    -------
    str
        The job id; see `jobids`.

    Raises
    ------
    SbatchError
        When sbatch refuses, or is ended.
    AnswerError
        When its answer cannot be read.
    """
    command = ["sbatch", "--parsable", "--export=ALL", *options(script.read_text()), str(script)]
    try:
        done = _run(command, submission_environment(os.environ), SUBMISSION_TIMEOUT)
    except subprocess.TimeoutExpired:
        raise SbatchError from None
    if done.returncode:
        raise SbatchError(done.stderr.strip() or done.stdout.strip())
    return read_answer(done.stdout)


def _run(
    command: Sequence[str], environment: dict[str, str], timeout: float
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command,
        env=environment,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=timeout,
        stdin=subprocess.DEVNULL,
        start_new_session=True,  # the terminal's Ctrl-C is for the controller alone
    )


def options(script: str) -> list[str]:
    """The options in a script."""
    lines = (line.partition("#SBATCH ") for line in script.splitlines())
    return [word for before, _, option in lines if not before for word in shlex.split(option)]


def read_answer(text: str) -> str:
    """The job id in sbatch's answer."""
    jobs = {job_id_on(found[1], found[2] or found[3]) for found in ANSWER.finditer(text)}
    if len(jobs) != 1:
        raise AnswerError(f"sbatch's answer names {len(jobs)} jobs: {text.strip()!r}")
    return jobs.pop()


def on(clusters: str) -> Sequence[str]:
    """Options that name clusters to a program."""
    return ["-M", clusters] if clusters else []


def cancellations(job_ids: Iterable[str]) -> list[list[str]]:
    """The commands that cancel tasks, one a cluster."""
    clusters = sorted(by_cluster(job_ids).items())
    return [["scancel", *on(cluster), *_compact(sorted(here))] for cluster, here in clusters]


def _compact(job_ids: Iterable[str]) -> list[str]:
    """The tasks of each array in one word, as scancel takes them: 411_[0,1,2]."""
    arrays: dict[str, list[str]] = defaultdict(list)
    for job_id in job_ids:
        array, _, task = job_id.partition("_")
        arrays[array] += [task] if task else []
    return [f"{a}_[{','.join(tasks)}]" if tasks else a for a, tasks in arrays.items()]
