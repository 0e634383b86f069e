"""Searches whose processes are killed again and again, at random moments, with SIGKILL.

    .venv/bin/python benchmarks/kills.py [--kills 20] [--seed 0]
    .venv/bin/python benchmarks/kills.py --local --kills 200

The first kills the controller of a search on a SLURM of its own on this machine, that of the
tests (which needs root), and starts it again with the same command. The second kills, in small
searches on this machine, the controller, a process of a step, or a training. A training that is
killed alone is a failed training, as for lack of memory: it is retried at the end.

Each is compared with the same search in one undisturbed local run: are the result files the same
bytes, was a training run twice or never, did SLURM get more tasks than it had to?
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil

from tests.slurm.cluster import Cluster

REPOSITORY = Path(__file__).parents[1]
sys.path.insert(0, str(REPOSITORY / "tests/workflow"))

from conftest import CONFIG, TinySearch, kill  # noqa: E402

PACK = 5
STAGES = [
    {"samples": 120, "degree": 2, "sparsity": 2, "keep": 2},
    {"samples": 80, "degree": 2, "sparsity": 1},
]
FINAL = {"configurations": 16, "eta": 2, "min_budget": 1, "max_budget": 4}
TRAININGS = 120 + 80 + 16 + 8 + 4


def search_in(folder: Path) -> TinySearch:
    """The tests' search with more trainings."""
    folder.mkdir()
    search = TinySearch(folder)
    search.config = {**CONFIG, "stages": STAGES, "final": FINAL}
    return search


def main() -> None:
    """Kill, and print what became of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--local", action="store_true", help="on this machine, any process")
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    (kill_anything if arguments.local else kill_controllers)(arguments.kills, rng)


def kill_controllers(wanted: int, rng: np.random.Generator) -> None:
    """Kill the controller of one search on SLURM."""
    options = (
        f"--profile={REPOSITORY}/profiles/slurm",
        "--cores=2",
        f"--submitit-pack={PACK}",
        "--submitit-array-parallelism=6",
        "--default-resources",
        "mem_mb=100",
    )
    with tempfile.TemporaryDirectory() as folder, Cluster() as cluster:
        reference = search_in(Path(folder) / "local")
        reference.run("--cores=2")
        os.environ["SLURM_CONF"] = str(cluster.configuration)
        killed = search_in(Path(folder) / "slurm")
        kills = 0
        while kills < wanted:
            process = killed.start(*options, slow=2)
            time.sleep(rng.uniform(1, 15))
            if process.poll() is not None:
                break
            kill(process, group=False)
            kills += 1
            done = len(records(killed))
            print(f"kill {kills}: {done} of {TRAININGS} records", flush=True)
        killed.run(*options, slow=0)
        runs = Counter(killed.trained())
        tasks = len(cluster.call("sacct", "-nX", "-o", "JobID").split())
        same = killed.results() == reference.results()
        print(
            f"{kills} kills: results {'the same bytes' if same else 'DIFFER'}; "
            f"{TRAININGS - len(runs)} trainings lost, "
            f"{sum(count > 1 for count in runs.values())} run twice; {tasks} tasks in SLURM for "
            f"{TRAININGS} trainings in packs of {PACK}"
        )


def kill_anything(wanted: int, rng: np.random.Generator) -> None:
    """Kill controllers, steps and trainings of small searches, one after another, on two cores."""
    victims: Counter[str] = Counter()
    differing = again = searches = 0
    with tempfile.TemporaryDirectory() as folder:
        reference = Path(folder) / "reference"
        reference.mkdir()
        undisturbed = TinySearch(reference)
        undisturbed.run()
        while sum(victims.values()) < wanted:
            searches += 1
            place = Path(folder) / str(searches)
            place.mkdir()
            search = TinySearch(place)
            recorded: Counter[str] = Counter()
            process = search.start(slow=0.5)
            while sum(victims.values()) < wanted:
                time.sleep(rng.uniform(0, 3))
                kind = strike(search, process, rng)
                if not kind:
                    break
                victims[kind] += 1
                # A training with a record never runs again: counted after the record was there.
                names = [f"{p.parents[1].name}/{p.stem}" for p in records(search)]
                ran = Counter(search.trained()) if (place / "ran.txt").exists() else Counter()
                for name in names:
                    recorded.setdefault(name, ran[name])
                if kind == "controller":
                    process = search.start(slow=0.5)
            process.communicate()
            search.run()
            final = Counter(search.trained())
            again += sum(final[name] > count for name, count in recorded.items())
            retry_killed(search)
            differing += search.results() != undisturbed.results()
            print(
                f"killed {dict(victims)} in {searches} searches: {differing} with other results, "
                f"{again} trainings run again although recorded",
                flush=True,
            )


def records(search: TinySearch) -> list[Path]:
    """Of all parts, what is there now."""
    return list(search.root.glob("*/**/trials/*.json"))


def strike(search: TinySearch, controller: subprocess.Popen[str], rng: np.random.Generator) -> str:
    """Kill one of the search's processes; which kind, empty if it has ended before."""
    kind = str(rng.choice(["controller", "step", "training"]))
    while controller.poll() is None:
        there = [p for p in processes_of(search) if kind_of(p, controller.pid) == kind]
        with contextlib.suppress(IndexError, psutil.NoSuchProcess):
            victim = there[rng.integers(max(len(there), 1))]
            victim.kill()
            if kind == "controller":
                controller.communicate()
            return kind
        time.sleep(rng.uniform(0, 0.1))
    return ""


def processes_of(search: TinySearch) -> Iterator[psutil.Process]:
    """All that run in its folder."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.cwd() == str(search.folder):
                yield process


def kind_of(process: psutil.Process, controller: int) -> str:
    """The controller, a training (it prints to its log), or anything else: a step."""
    if process.pid == controller:
        return "controller"
    with contextlib.suppress(OSError):
        if Path(f"/proc/{process.pid}/fd/1").readlink().name == "log.txt":
            return "training"
    return "step"


def retry_killed(search: TinySearch) -> None:
    """Train again what was recorded as killed, part by part."""
    for part in ("stage-1", "stage-2", "final/rung-0", "final/rung-1"):
        here = (search.root / part / "trials").glob("*.json")
        if all(json.loads(record.read_text())["status"] == "ok" for record in here):
            continue
        command = [sys.executable, "-m", "harmonica_steps", "retry", "results/tiny", part]
        command += ["--status", "killed"]
        done = subprocess.run(command, cwd=search.folder, capture_output=True, check=False)
        if done.returncode == 0:
            search.run()


if __name__ == "__main__":
    main()
