"""What tests ask a real SLURM about, and what stands in front of its programs."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.slurm.cluster import Cluster
from tests.slurm.waiting import wait_until


def queued_jobs(cluster: Cluster, folder: Path, what: str = "%A") -> list[str]:
    """Of the jobs from a folder, by default the numbers."""
    rows = cluster.call("squeue", "-h", f"-o{what}|%Z").splitlines()
    return [row.rpartition("|")[0] for row in rows if row.endswith(f"|{folder}")]


def accounted(cluster: Cluster, folder: Path, what: str) -> list[str]:
    """What the accounting knows about the jobs from a folder, in order."""
    rows = cluster.call("sacct", "-XnPD", "-o", f"{what},WorkDir").splitlines()
    return [row.rpartition("|")[0] for row in rows if row.endswith(f"|{folder}")]


def shown(cluster: Cluster, folder: Path) -> list[dict[str, str]]:
    """What the controller knows about the jobs from a folder, in order."""
    jobs = cluster.call("scontrol", "-o", "show", "job").splitlines()
    mine = [line.split() for line in jobs if f"WorkDir={folder} " in f"{line} "]
    return [dict(word.split("=", 1) for word in words if "=" in word) for words in mine]


@contextmanager
def qos(cluster: Cluster, folder: Path, *settings: str) -> Iterator[str]:
    """Let the user have a QOS for the jobs from a folder; its name."""
    name = f"qos{time.monotonic_ns()}"
    cluster.call("sacctmgr", "-i", "add", "qos", name, *settings)
    cluster.call("sacctmgr", "-i", "modify", "user", "root", "set", f"qos+={name}")
    try:
        yield name
    finally:
        for job in queued_jobs(cluster, folder):
            cluster.call("scancel", job)
        wait_until(lambda: not queued_jobs(cluster, folder))
        cluster.call("sacctmgr", "-i", "modify", "user", "root", "set", f"qos-={name}")
        cluster.call("sacctmgr", "-i", "delete", "qos", name)


def with_programs(
    environment: Mapping[str, str], folder: Path, programs: Mapping[str, str]
) -> dict[str, str]:
    """An environment in which shell scripts are found before SLURM's programs."""
    (folder / "bin").mkdir()
    for name, script in programs.items():
        program = folder / "bin" / name
        program.write_text(f"#!/bin/sh\n{script}")
        program.chmod(0o755)
    return {**environment, "PATH": f"{folder}/bin:{environment['PATH']}"}
