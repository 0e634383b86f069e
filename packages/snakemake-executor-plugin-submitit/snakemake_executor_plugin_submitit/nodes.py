"""Nodes that have failed, from which later submissions are kept away."""

import re
import time
from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from snakemake_interface_common.exceptions import WorkflowError

from snakemake_executor_plugin_submitit import slurm
from snakemake_executor_plugin_submitit.jobids import by_cluster, job_id_on, split_id
from snakemake_executor_plugin_submitit.resources import Resources

NAME = re.compile(r"(?!None|Unknown)[\w.-]+")
"""A single node."""

LIST = re.compile(r"[\w.-]+(\[[\d,-]+\])?[\w.-]*(,[\w.-]+(\[[\d,-]+\])?[\w.-]*)*")
"""Names as SLURM writes them: node1,node[3-5]."""

FAILED = ("NODE_FAIL", "BOOT_FAIL")
"""States of jobs whose node was at fault."""

EVERY = 60.0
"""Seconds between two looks, at least."""

MOST = 2000
"""Submissions that are remembered: command lines have an end."""

TIME = "%Y-%m-%dT%H:%M:%S"


class FailedNodes:
    """The nodes to avoid. They are looked for when something is to be submitted, and not before.

    Parameters
    ----------
    setting
        ``auto``, ``none`` or a list of nodes to begin with.
    say
        Tells the user.
    """

    def __init__(self, setting: str, say: Callable[[str], None]) -> None:
        named = setting.strip()
        if named not in ("auto", "none") and not LIST.fullmatch(named):
            raise WorkflowError(
                f"submitit-exclude-failed-nodes: {setting!r} is not auto, none or a list of nodes, "
                "e.g. node1,node[3-5]."
            )
        self._say = say
        self._off = named == "none"
        self._nodes: dict[str, None] = {}
        if named not in ("auto", "none"):
            self._nodes[named] = None
        self._begun = time.time()
        self._next = 0.0
        self._arrays: dict[str, None] = {}
        self._suspects: set[str] = set()
        self._proven = False

    def watch(self, job_ids: Iterable[str]) -> None:
        """Remember tasks, whose nodes may fail."""
        for job_id in job_ids:
            task, cluster = split_id(job_id)
            self._arrays[job_id_on(task.partition("_")[0], cluster)] = None
        for oldest in list(self._arrays)[:-MOST]:
            del self._arrays[oldest]

    def started_well(self) -> None:
        """Note that some task could start: what all of them need is there."""
        self._proven = True

    def could_not_start(self, job_id: str) -> None:
        """Note a task that has ended before any of its commands began."""
        if self._proven:
            self._suspects.add(job_id)

    def look(self) -> None:
        """Look for nodes that have failed under the tasks so far."""
        if not self._suspects and (not self._arrays or time.time() < self._next):
            return
        self._next = time.time() + EVERY
        states = () if self._suspects else FAILED
        for task in [] if self._off else _ended(self._arrays, self._begun, states):
            if task.state in FAILED:
                self._leave_out(task.node, f"job {task.job_id} ended there with {task.state}")
            elif task.job_id in self._suspects:
                self._leave_out(task.node, f"job {task.job_id} could not start there")
        self._suspects.clear()

    def _leave_out(self, node: str, why: str) -> None:
        if node not in self._nodes:
            self._nodes[node] = None
            self._say(
                f"No more jobs are submitted to {node}: {why}. "
                "(--submitit-exclude-failed-nodes=none leaves that to SLURM.)"
            )

    def avoid(self, resources: Resources) -> Resources:
        """The same job, away from these nodes."""
        if not self._nodes:
            return resources
        asked = dict(resources.options).get("exclude")
        nodes = [str(asked)] if asked else []
        return resources.with_options(exclude=",".join([*nodes, *self._nodes]))

    def forgive(self) -> bool:
        """Allow all nodes again, as no other is left; whether there were any."""
        if not self._nodes:
            return False
        self._say(f"No node but {','.join(self._nodes)} can run these jobs: they are used again.")
        self._nodes.clear()
        self._begun = time.time()
        return True


class _Task(NamedTuple):
    job_id: str
    state: str
    node: str
    end: str


def _ended(arrays: Collection[str], since: float, states: Collection[str]) -> list[_Task]:
    """Tasks that have ended on a single node, also if they run again; empty without accounting.

    In any state unless some are given.
    """
    start = time.strftime(TIME, time.localtime(since))
    columns = "JobID,State,NodeList,End"
    which = ["-E", "now", "-s", ",".join(states)] if states else []
    query = ["sacct", "-nXDP", "-S", start, "-o", columns, *which]
    tasks = []
    for cluster, here in by_cluster(arrays).items():
        done = slurm.call(*query, "-j", ",".join(sorted(here)), *slurm.on(cluster))
        rows = (line.split("|") for line in (done.stdout.splitlines() if done else ()))
        # Others are a greeting of the site.
        tasks += [
            _Task(job_id_on(row[0], cluster), (row[1].split() or [""])[0], *row[2:])
            for row in rows
            if len(row) == 4
        ]
    return [task for task in tasks if NAME.fullmatch(task.node) and task.end >= start]
