"""What jobs of any workflow cost with the submitit executor, and with the plugin for SLURM.

    .venv/bin/python benchmarks/jobs.py                       # 60 trivial jobs, all executors
    .venv/bin/python benchmarks/jobs.py --seconds 8 --jobs 8  # memory of a task
    .venv/bin/python benchmarks/jobs.py --jobs 10000 --only 'submitit, packs of 100'

A workflow of one shell rule whose jobs are all ready at once, on a fresh SLURM of its own on this
machine, that of the tests; it needs root and no /etc/slurm/slurm.conf. CPU seconds of jobs are from
SLURM's accounting, those of the controller are Snakemake's and, `beside`, of what it calls. Memory
is the largest of Snakemake, and the largest that SLURM has seen of a task, which takes tasks of
some seconds. The plugin for SLURM is in its array mode.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from submission import CONTROLLER, cpu_seconds_of_jobs

from tests.slurm.cluster import Cluster

SNAKEFILE = """
rule all:
    input: expand("out/{{i}}", i=range({jobs}))

rule job:
    output: "out/{{i}}"
    shell: "{before}touch {{output}}"
"""

EXECUTORS = {
    "submitit": ["submitit"],
    "submitit, packs of 10": ["submitit", "--submitit-pack", "10"],
    "submitit, packs of 100": ["submitit", "--submitit-pack", "100"],
    "slurm, array jobs": ["slurm", "--slurm-array-jobs", "all"],
}
DEFAULT = [name for name in EXECUTORS if "100" not in name]


def main() -> None:
    """Print a line for each executor."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=0, help="that each job sleeps")
    parser.add_argument("--only", action="append", choices=EXECUTORS, help="of the executors")
    arguments = parser.parse_args()
    head = f"{arguments.jobs} jobs: CPU s"
    print(f"{head:24}    all    jobs  controller  beside   wall s  MB: controller  task")
    for name in arguments.only or DEFAULT:
        measure(name, arguments.jobs, arguments.seconds)


def measure(name: str, jobs: int, seconds: float) -> None:
    """Run the workflow, and print what it took."""
    with tempfile.TemporaryDirectory() as place, Cluster() as cluster, cluster.as_default():
        folder = Path(place)
        before = f"sleep {seconds}; " if seconds else ""
        (folder / "Snakefile").write_text(SNAKEFILE.format(jobs=jobs, before=before))
        command = [sys.executable, "-c", CONTROLLER, "--executor", *EXECUTORS[name]]
        command += ["--jobs", str(jobs), "--max-jobs-per-timespan", "100000/1s"]
        command += ["--scheduler", "first-fit", "--default-resources", "mem_mb=600", "runtime=5"]
        command += ["slurm_account=test", "slurm_partition=main"]
        start, used = time.monotonic(), children()
        with (folder / "output").open("w") as output:
            done = subprocess.run(
                command,
                cwd=folder,
                env={**os.environ, **cluster.environment()},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        wall, used = time.monotonic() - start, children() - used
        if done.returncode != 0:
            sys.exit((folder / "output").read_text()[-5000:])
        controller, memory = map(float, (folder / "controller").read_text().split())
        in_jobs = cpu_seconds_of_jobs(cluster)
        print(
            f"{name:24} {in_jobs + used:6.1f} {in_jobs:7.1f} {controller:11.1f}"
            f" {used - controller:7.1f} {wall:8.1f} {memory:15.0f} {memory_of_tasks(cluster):5}",
            flush=True,
        )


def children() -> float:
    """CPU seconds of all processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def memory_of_tasks(cluster: Cluster) -> str:
    """The largest memory of a step, in MB; a dash where none was long enough to be seen."""
    seen = cluster.call("sacct", "-nP", "--allusers", "--noconvert", "-oMaxRSS").split()
    largest = max(
        (int(size.rstrip("K")) / 1024 / (1 if "K" in size else 1024) for size in seen), default=0.0
    )
    return f"{largest:.0f}" if largest else "-"


if __name__ == "__main__":
    main()
