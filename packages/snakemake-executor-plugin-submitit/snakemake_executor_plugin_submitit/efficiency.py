"""What jobs have used, next to what they have asked for: a table for each rule, a file with all."""

import contextlib
import csv
import math
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from snakemake_interface_common.exceptions import WorkflowError

from snakemake_executor_plugin_submitit.resources import LEAST_MEMORY, Resources
from snakemake_executor_plugin_submitit.work import Work

CLOSE = 0.95
"""Share of a limit from which on a job may fail the next time."""

HEADROOM = 1.2
"""Times the most that was used: what is advised to ask for."""

SHORT = 1.0
"""Seconds below which the CPU time of a job says nothing about its processors."""


@dataclass(frozen=True)
class Usage:
    """One job: asked against used. Times are in seconds, memory is in MiB."""

    rule: str
    job_id: str
    host: str
    ok: bool
    elapsed: float
    cpu_time: float
    cpus_asked: int
    cpu_efficiency: float
    memory_used: int
    memory_asked: int | None
    memory_usage: float | None
    time_asked: int | None
    time_usage: float | None


class Report:
    """Collects what jobs have used.

    Parameters
    ----------
    path
        A folder, or a file: see `report_path`.
    threshold
        Share of what was asked for, below which to advise.
    """

    def __init__(self, path: Path | None, threshold: float) -> None:
        if not 0 < threshold <= 1:
            raise WorkflowError(
                f"submitit-efficiency-threshold: {threshold} is not a share: more than 0, at most "
                "1, e.g. 0.8."
            )
        self._path = report_path(path)
        self._threshold = threshold
        self._usages: list[Usage] = []
        self._unmeasured = 0

    def note(self, work: Work) -> None:
        """Take note of a job that has ended."""
        usage = None
        if work.batch is not None:
            with contextlib.suppress(OSError, ValueError, KeyError):
                status = work.batch.status(work.number)
                usage = measure(work.piece.rule, work.job_id or "", work.piece.resources, status)
        if usage is None:
            self._unmeasured += 1
        else:
            self._usages.append(usage)

    def finish(self) -> str:
        """Write the file; what to tell the user, empty if there is nothing to tell."""
        if not self._usages:
            return ""
        write_report(self._usages, self._path)
        lines = [f"Efficiency of {len(self._usages)} jobs, each of them in {self._path}:"]
        lines.append(summarise(self._usages, self._threshold))
        if self._unmeasured:
            lines.append(f"Not measured: {self._unmeasured} (of several tasks, or without result).")
        self._usages = []
        return "\n".join(lines)


def measure(
    rule: str, job_id: str, resources: Resources, status: Mapping[str, Any]
) -> Usage | None:
    """What the status of a job tells; None for one whose processes srun may start elsewhere."""
    if "cpu" not in status or resources.mpi or resources.tasks > 1:
        return None
    elapsed = max(status["ended"] - status["started"], 0.01)
    cpus = resources.processors
    memory = resources.memory and resources.memory * (cpus if resources.memory_per_cpu else 1)
    seconds = resources.minutes and resources.minutes * 60
    return Usage(
        rule=rule,
        job_id=job_id,
        host=status["host"],
        ok=status["exit"] == 0,
        elapsed=round(elapsed, 2),
        cpu_time=status["cpu"],
        cpus_asked=cpus,
        cpu_efficiency=round(status["cpu"] / (elapsed * cpus), 4),
        memory_used=status["memory"],
        memory_asked=memory,
        memory_usage=round(status["memory"] / memory, 4) if memory else None,
        time_asked=seconds,
        time_usage=round(elapsed / seconds, 4) if seconds else None,
    )


def report_path(setting: Path | None) -> Path:
    """The path of the report."""
    if setting is not None and setting.suffix in (".csv", ".tsv"):
        return setting
    return (setting or Path()) / f"efficiency_report_{time.strftime('%Y%m%d-%H%M%S')}.csv"


def write_report(usages: Sequence[Usage], path: Path) -> None:
    """Write a line for each job."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        names = [field.name for field in fields(Usage)]
        separator = "\t" if path.suffix == ".tsv" else ","
        writer = csv.DictWriter(stream, names, delimiter=separator, lineterminator="\n")
        writer.writeheader()
        writer.writerows(map(asdict, usages))


def summarise(usages: Sequence[Usage], threshold: float) -> str:
    """A table for people: a line for each rule, with advice."""
    rules: dict[str, list[Usage]] = defaultdict(list)
    for usage in usages:
        rules[usage.rule].append(usage)
    head = ("rule", "jobs", "CPU", "memory (most)", "time (longest)", "advice")
    rows = [head, *(_row(rule, rules[rule], threshold) for rule in sorted(rules))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = ("  ".join(cell.ljust(w) for cell, w in zip(r, widths, strict=True)) for r in rows)
    return "\n".join(line.rstrip() for line in lines)


def _row(rule: str, jobs: list[Usage], threshold: float) -> tuple[str, ...]:
    offered = sum(job.elapsed * job.cpus_asked for job in jobs)
    cpu = sum(job.cpu_time for job in jobs) / offered
    hungriest = max(jobs, key=lambda job: job.memory_usage or 0)
    longest = max(jobs, key=lambda job: job.time_usage or 0)
    return (
        rule,
        str(len(jobs)),
        f"{cpu:.0%} of {max(job.cpus_asked for job in jobs)}",
        _share(hungriest.memory_used, hungriest.memory_asked, " MB"),
        _share(math.ceil(longest.elapsed / 60), (longest.time_asked or 0) // 60, " min"),
        "; ".join(_advice(jobs, cpu, hungriest, longest, threshold)) or "-",
    )


def _share(used: int, asked: int | None, unit: str) -> str:
    return f"{used} of {asked}{unit}" if asked else f"{used}{unit}"


def _advice(
    jobs: list[Usage], cpu: float, hungriest: Usage, longest: Usage, threshold: float
) -> list[str]:
    advice = []
    busiest = max((j.cpu_time / j.elapsed for j in jobs if j.elapsed >= SHORT), default=None)
    if cpu < threshold and busiest is not None:
        enough = max(math.ceil(busiest - 0.1), 1)
        if enough < min(job.cpus_asked for job in jobs):
            advice.append(f"threads: {enough}")
    if hungriest.memory_usage is not None and hungriest.memory_asked is not None:
        enough = max(math.ceil(hungriest.memory_used * HEADROOM / 10) * 10, LEAST_MEMORY)
        if hungriest.memory_usage > CLOSE:
            advice.append("mem_mb: more, it is nearly used up")
        elif hungriest.memory_usage < threshold and enough < hungriest.memory_asked:
            advice.append(f"mem_mb: {enough}")
    if longest.time_usage is not None and longest.time_asked is not None:
        enough = math.ceil(longest.elapsed * HEADROOM / 60)
        if longest.time_usage > CLOSE:
            advice.append("runtime: more, it is nearly used up")
        elif longest.time_usage < threshold and enough * 60 < longest.time_asked:
            advice.append(f"runtime: {enough}")
    return advice
