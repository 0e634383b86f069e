"""A search on SLURM whose controller is killed again and again, at random moments, with SIGKILL.

    .venv/bin/python benchmarks/kills.py [--kills 20] [--seed 0]

On a SLURM of its own on this machine, that of the tests (which needs root). The controller is
started again with the same command. `benchmarks/crash` kills on one machine: controllers, steps,
trainings.

The search is compared with the same in one undisturbed local run: are the result files the same
bytes, was a training run twice or never, did SLURM get more tasks than it had to?
"""

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

from tests.slurm.cluster import Cluster

REPOSITORY = Path(__file__).parents[1]
sys.path.insert(0, str(REPOSITORY / "tests/workflow"))

from tiny_search import CONFIG, TinySearch, kill  # noqa: E402

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
    arguments = parser.parse_args()
    kill_controllers(arguments.kills, np.random.default_rng(arguments.seed))


def kill_controllers(wanted: int, rng: np.random.Generator) -> None:
    """Kill the controller of one search on SLURM."""
    options = (
        f"--profile={REPOSITORY}/profiles/slurm",
        "--cores=2",
        f"--submitit-pack={PACK}",
        "--submitit-array-parallelism=6",
        "--default-resources",
        "mem_mb=400",
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
        runs, wanted_runs = Counter(killed.trained()), set(reference.trained())
        tasks = len(cluster.call("sacct", "-nX", "-o", "JobID").split())
        same = killed.results() == reference.results()
        print(
            f"{kills} kills: results {'the same bytes' if same else 'DIFFER'}; "
            f"{len(wanted_runs - runs.keys())} trainings lost, "
            f"{sum(count > 1 for count in runs.values())} run twice; {tasks} tasks in SLURM for "
            f"{len(wanted_runs)} trainings in packs of {PACK}"
        )


def records(search: TinySearch) -> list[Path]:
    """Of all parts, what is there now."""
    return list(search.root.glob("*/**/trials/[!.]*.json"))


if __name__ == "__main__":
    main()
