"""SLURM's queue and its accounting."""

import os
import re
import time
from collections.abc import Collection, Mapping

from snakemake_executor_plugin_submitit import slurm
from snakemake_executor_plugin_submitit.jobids import by_cluster, job_id_on
from snakemake_executor_plugin_submitit.states import FINAL, GONE, PASSING, read_rows
from snakemake_executor_plugin_submitit.waiting import STATES

MOST = 500
"""Arrays that are named in one query: a command's arguments have a limit."""


Rows = dict[str, tuple[str, str]]
"""State and reason by job id."""

GONE_ROW = (GONE, "")


class SlurmQueue:
    """SLURM: squeue, which knows why jobs wait, and sacct for those that have left the queue.

    Parameters
    ----------
    command
        ``squeue`` for no sacct, ``sacct`` for no more of squeue than whether SLURM starts a task
        again; anything else for both.
    """

    def __init__(self, command: str = "auto") -> None:
        self._command = command
        self.reasons: dict[str, str] = {}

    def states(self, job_ids: Collection[str], since: float) -> dict[str, str]:
        """The state of each task; see `Queue`."""
        states: dict[str, str] = {}
        reasons: dict[str, str] = {}
        for cluster, here in by_cluster(job_ids).items():
            rows = self._rows(cluster, here, since)
            states |= {job_id_on(job_id, cluster): state for job_id, (state, _) in rows.items()}
            reasons |= {
                job_id_on(job_id, cluster): state if state in STATES else reason
                for job_id, (state, reason) in rows.items()
                if state == "PENDING" or state in STATES
            }
        self.reasons = reasons
        return states

    def _rows(self, cluster: str, job_ids: Collection[str], since: float) -> Rows:
        if self._command == "sacct":
            return _accounted(cluster, job_ids, since)
        queued = _queued(cluster, job_ids)
        rows = {job_id: queued[job_id] for job_id in job_ids if job_id in queued} if queued else {}
        # A node that is lost may complete a job for ever; sacct knows what it has come to.
        left = [j for j in job_ids if rows.get(j, GONE_ROW)[0] in {GONE, "COMPLETING"}]
        ended = _ended(cluster, left, since) if self._command != "squeue" else {}
        if queued is None:
            return {job_id: row for job_id, row in ended.items() if row[0] not in PASSING}
        for job_id in left:
            row = ended.get(job_id, GONE_ROW)
            if row[0] in FINAL:
                rows[job_id] = row
            else:  # sacct may be late
                rows.setdefault(job_id, row if row[0] in PASSING else GONE_ROW)
        return rows

    def find(self, uids: Mapping[str, str]) -> dict[str, str]:
        """Job ids of batches; raises `OSError` when SLURM does not answer."""
        found: dict[str, str] = {}
        for clusters in set(uids.values()):
            # The script's path too: some sites write comments of their own.
            done = slurm.call("squeue", _own(), "-tall", "-o%F|%o|%k", *slurm.on(clusters))
            if done is None or done.returncode:
                raise OSError("squeue does not answer")
            cluster = ""
            for line in done.stdout.splitlines():
                cluster = line.partition("CLUSTER: ")[2].strip() or cluster
                job_id = line.partition("|")[0].strip()
                if job_id.isdecimal():
                    words = set(re.split(r"[|/\s]+", line))
                    found |= dict.fromkeys(uids.keys() & words, job_id_on(job_id, cluster))
        return found

    def is_empty(self, clusters: str) -> bool:
        """See `Queue`; when in doubt, it is not."""
        done = slurm.call("squeue", _own(), "-h", "-o", "%i|%T", *slurm.on(clusters))
        return done is not None and done.returncode == 0 and not read_rows(done.stdout)

    def cancel(self, job_ids: Collection[str]) -> bool:
        """End tasks in one call a cluster."""
        done = [slurm.call(*command) for command in slurm.cancellations(job_ids)]
        return all(one is not None and one.returncode == 0 for one in done)


def _accounted(cluster: str, job_ids: Collection[str], since: float) -> Rows:
    rows = _ended(cluster, job_ids, since)
    passing = [job_id for job_id, (state, _) in rows.items() if state in PASSING]
    queued = _queued(cluster, passing) if passing else {}
    if queued is None:
        return {job_id: row for job_id, row in rows.items() if job_id not in passing}
    return rows | {job_id: queued[job_id] for job_id in passing if job_id in queued}


def _queued(cluster: str, job_ids: Collection[str]) -> Rows | None:
    arrays = _arrays(job_ids)
    # Without names: the user's own jobs, which slurmctld finds fast.
    names = ("-j", ",".join(arrays)) if len(arrays) <= MOST else ()
    # All states: those that have just ended are there for some minutes, accounting or not.
    return _ask("squeue", _own(), "-hr", "-tall", "-o", "%i|%T|%r", *names, *slurm.on(cluster))


def _ended(cluster: str, job_ids: Collection[str], since: float) -> Rows:
    arrays = _arrays(job_ids)
    start = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(since - 3600))
    rows: Rows = {}
    for first in range(0, len(arrays), MOST):
        where = ["-j", ",".join(arrays[first : first + MOST]), *slurm.on(cluster)]
        # By JobID (411_4): the raw id of an array's last task is that of the whole array.
        rows |= _ask("sacct", "-nXPS", start, "-o", "JobID,State", *where) or {}
    return {job_id: rows[job_id] for job_id in job_ids if job_id in rows}


def _arrays(job_ids: Collection[str]) -> list[str]:
    return sorted({job_id.partition("_")[0] for job_id in job_ids})


def _own() -> str:
    return f"--user={os.getuid()}"


def _ask(*command: str) -> Rows | None:
    """State and reason by job id; None without an answer."""
    done = slurm.call(*command)
    if done is None:
        return None
    if done.returncode and "Invalid job id" not in done.stderr:  # squeue: all of them have left
        return None
    return read_rows(done.stdout)
