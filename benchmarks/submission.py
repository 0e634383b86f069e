"""What the scheduler costs a training: this repository's executor and the plugin for SLURM.

    P=snakemake-executor-plugin-slurm
    .venv/bin/pip install --target peer --no-deps $P $P-jobstep
    .venv/bin/python benchmarks/submission.py --peer peer
    .venv/bin/python benchmarks/submission.py --whole --samples 300
    .venv/bin/python benchmarks/submission.py --only submitit --samples 300 --seconds 10
    .venv/bin/pip install torch
    .venv/bin/python benchmarks/submission.py --imports torch --samples 100

A stage of trivial trainings, run by each executor on a fresh SLURM of its own on this machine, that
of the tests; with --whole a search of three such stages and 120 trainings in four rungs. It needs
root and no /etc/slurm/slurm.conf. The CPU seconds of jobs are from SLURM's accounting; those of the
controller are Snakemake's with the plugin, and those beside it of the sbatch, sacct, ... that it
calls and of the steps that run there (draws, tables, recovery, reports). What was submitted and
asked is counted by SLURM's daemons. Occupancy: the time that the trainings of a stage would take if
every core were always in use, over that from the first start to the last end.
"""

import argparse
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import yaml

from tests.slurm.cluster import Cluster

REPOSITORY = Path(__file__).parents[1]

CORES = 32
"""Of the cluster of the tests."""

CONFIG = {
    "search": "trivial",
    "seed": 1,
    "objective": {"callable": "trivial:objective"},
    "space": {name: {"type": "bool"} for name in "abcdefgh"},
}

PROGRAM = """
import time

import {module}


def objective(configuration, **_):
    time.sleep({seconds})
    return float(configuration["a"])
"""

BRACKET = {"configurations": 81, "eta": 3, "min_budget": 1, "max_budget": 27}
IN_BRACKET = 81 + 27 + 9 + 3

SUBMITIT = ("--executor", "submitit", "--scheduler", "first-fit")

EXECUTORS = {
    "submitit": [*SUBMITIT],
    "submitit, packs of 10": [*SUBMITIT, "--submitit-pack", "10"],
    "submitit, packs of 25": [*SUBMITIT, "--submitit-pack", "25"],
    "submitit, packs of 30": [*SUBMITIT, "--submitit-pack", "30"],
    "slurm": ["--executor", "slurm"],
}

CONTROLLER = """
import atexit, pathlib, resource, runpy, sys


def note():
    used = resource.getrusage(resource.RUSAGE_SELF)
    text = f"{used.ru_utime + used.ru_stime} {used.ru_maxrss / 1024}"
    pathlib.Path("controller").write_text(text)


atexit.register(note)
runpy.run_module("snakemake", run_name="__main__", alter_sys=True)
"""
"""Snakemake, that notes its CPU seconds and MB of memory at the end."""

QUERY = re.compile(r"REQUEST_JOB_\w*INFO\w*|DBD_GET_JOBS_COND")
"""What squeue, scontrol show job and sacct ask."""


@dataclass
class Cost:
    """What a run took; CPU seconds and queries are all in all."""

    wall: float
    submitted: int
    jobs: float
    controller: float
    beside: float
    memory: float
    """Of the controller, in MB."""
    queries: int
    occupancy: float

    @property
    def all(self) -> float:
        """CPU seconds of jobs, controller and what runs beside it."""
        return self.jobs + self.controller + self.beside


def main() -> None:
    """Print the costs a training, and how many times as much the plugin for SLURM takes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=0, help="that each training sleeps")
    parser.add_argument("--imports", default="os", help="module that the training program imports")
    parser.add_argument("--peer", type=Path, help="folder with the plugin for SLURM")
    parser.add_argument("--whole", action="store_true", help="three stages and a bracket; packed")
    parser.add_argument("--only", action="append", choices=EXECUTORS, help="of the executors")
    arguments = parser.parse_args()
    samples = arguments.samples
    executors = dict(EXECUTORS)
    if arguments.only:
        executors = {name: options for name, options in executors.items() if name in arguments.only}
    elif arguments.peer is None:
        del executors["slurm"]
    if arguments.whole:
        samples = 3 * samples + IN_BRACKET
        executors = {name: o for name, o in executors.items() if "30" in name}
    print(f"{samples} trainings               CPU s a training")
    print(
        "executor                 jobs controller  beside    all"
        "  sbatch  queries  a minute  wall s  MB  occupancy"
    )
    costs = {}
    for name, options in executors.items():
        cost = costs[name] = measure(options, arguments)
        print(
            f"{name:22} {cost.jobs / samples:6.3f} {cost.controller / samples:10.3f}"
            f" {cost.beside / samples:7.3f} {cost.all / samples:6.3f} {cost.submitted:7}"
            f" {cost.queries:8} {60 * cost.queries / cost.wall:9.1f} {cost.wall:7.1f}"
            f" {cost.memory:3.0f} {cost.occupancy:10.0%}",
            flush=True,
        )
    peer = costs.pop("slurm", None)
    if peer is None:
        return
    for name, cost in costs.items():
        print(
            f"slurm / {name}: {peer.jobs / cost.jobs:.1f} in jobs, "
            f"{peer.controller / cost.controller:.1f} in the controller, "
            f"{peer.all / cost.all:.1f} in all, {peer.submitted / cost.submitted:.0f} sbatch"
        )


def measure(options: list[str], arguments: argparse.Namespace) -> Cost:
    """Run a stage with the given executor."""
    with tempfile.TemporaryDirectory() as folder, Cluster() as cluster, cluster.as_default():
        stage = {"samples": arguments.samples, "degree": 1, "sparsity": 1}
        config = {**CONFIG, "stages": [stage] * (3 if arguments.whole else 1), "final": BRACKET}
        target = [] if arguments.whole else ["--", "results/trivial/stage-1/metrics.parquet"]
        path = Path(folder) / "config.yaml"
        path.write_text(yaml.safe_dump(config))
        (Path(folder) / "trivial.py").write_text(
            PROGRAM.format(seconds=arguments.seconds, module=arguments.imports)
        )
        cluster.call("sdiag", "--reset")
        cluster.call("sacctmgr", "-i", "clear", "stats")
        start, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                CONTROLLER,
                "--snakefile",
                REPOSITORY / "Snakefile",
                "--directory",
                folder,
                "--configfile",
                path,
                "--jobs",
                "10000",
                "--max-jobs-per-timespan",
                "100000/1s",
                "--default-resources",
                "mem_mb=600",
                "runtime=5",
                "slurm_account=test",
                "slurm_partition=main",
                *options,
                *target,
            ],
            env={**cluster.environment(), "PYTHONPATH": str((arguments.peer or Path()).resolve())},
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        wall = time.monotonic() - start
        if done.returncode != 0:
            sys.exit(done.stdout[-5000:])
        calls = counted(cluster.call("sdiag") + cluster.call("sacctmgr", "show", "stats"))
        used, memory = map(float, (Path(folder) / "controller").read_text().split())
        children = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Cost(
            wall=wall,
            submitted=calls.get("REQUEST_SUBMIT_BATCH_JOB", 0),
            jobs=cpu_seconds_of_jobs(cluster),
            controller=used,
            beside=children - used,
            memory=memory,
            queries=sum(count for name, count in calls.items() if QUERY.fullmatch(name)),
            occupancy=occupancy(Path(folder) / "results/trivial/stage-1", arguments.seconds),
        )


def occupancy(stage: Path, seconds: float) -> float:
    """Of all cores, from the start of the first training to the end of the last."""
    runs = [json.loads(path.read_text())["run"] for path in stage.glob("trials/*.json")]
    first = min(run["started"] for run in runs)
    last = max(run["started"] + run["seconds"] for run in runs)
    return ceil(len(runs) / CORES) * seconds / (last - first)


def counted(statistics: str) -> dict[str, int]:
    """How often SLURM's daemons were asked what."""
    return {name: int(n) for name, n in re.findall(r"(\w+) +\( *\d+\) count:(\d+)", statistics)}


def cpu_seconds_of_jobs(cluster: Cluster) -> float:
    """Of all jobs, once the last has ended."""
    while cluster.call("squeue", "-h"):
        time.sleep(0.5)
    time.sleep(3)  # for the accounting
    used = cluster.call("sacct", "-nP", "--allusers", "-oJobID,TotalCPU").splitlines()
    return sum(seconds(row.split("|")[1]) for row in used if "." not in row.split("|")[0])


def seconds(text: str) -> float:
    """Read [days-][hours:]minutes:seconds."""
    days, _, clock = text.rpartition("-")
    total = 0.0
    for part in clock.split(":"):
        total = 60 * total + float(part)
    return total + 86400 * int(days or 0)


if __name__ == "__main__":
    main()
