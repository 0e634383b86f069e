"""A search on a SLURM that preempts its jobs and loses its nodes, again and again.

    .venv/bin/python benchmarks/faults.py --preempted 100
    .venv/bin/python benchmarks/faults.py --lost-nodes 20

On a SLURM of its own on this machine, that of the tests (which needs root). The first lets urgent
jobs take nodes until so many trainings were cut off and queued again. The second ends slurmd on two
of the four nodes at a time: SLURM gives the nodes up and starts their tasks elsewhere, but here the
old processes live on, as they do behind a broken network.

The search is compared with the same in one undisturbed local run. Did a training count as failed
that has not, were two copies of one training ever at work at the same time, and are the results the
same bytes?
"""

import argparse
import json
import os
import re
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
from kills import FINAL, REPOSITORY, STAGES, TinySearch, records

from tests.slurm.cluster import NODES, Cluster

PROGRAM = """
import os
import time
from pathlib import Path


def objective(configuration, *, seed, budget, workdir, checkpoint):
    name = f"{workdir.parent.parent.name}.{workdir.name}"
    events = Path("events")
    events.mkdir(exist_ok=True)
    for other in events.glob(f"{name}.*.begun"):
        if not other.with_suffix(".ended").exists() and works(other.suffixes[-2][1:]):
            other.with_suffix(".twice").touch()
    mark = events / f"{name}.{os.getpid()}.begun"
    mark.touch()
    time.sleep(float(os.environ.get("SLOW", "0")))
    mark.with_suffix(".ended").touch()
    a, b, c = (1 if configuration[name] else -1 for name in "abc")
    return 3 * a * b + 2 * c + configuration["rate"] + (seed % 97) / 97 - 0.1 * budget


def works(pid):
    # One that was killed is listed until its parent has heard of it.
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
"""
"""A training that notices when another copy of it is at work."""

PACK = 5


def main() -> None:
    """Disturb, and print what became of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--preempted", type=int, default=0, help="trainings to cut off")
    parser.add_argument("--lost-nodes", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    with tempfile.TemporaryDirectory() as folder, Cluster() as cluster:
        reference = search_in(Path(folder) / "local")
        reference.run("--cores=2")
        os.environ["SLURM_CONF"] = str(cluster.configuration)
        search = search_in(Path(folder) / "slurm")
        running = search.start(*options(), slow=25 if arguments.lost_nodes else 15)
        nodes = 0
        while running.poll() is None:
            if nodes < arguments.lost_nodes:
                nodes += lose_nodes(cluster, rng)
            elif counted(search)["cut off"] < arguments.preempted:
                preempt(cluster, rng)
            else:
                break
            print(f"{nodes} nodes lost, {counted(search)}", flush=True)
        output, _ = running.communicate()
        states = Counter(cluster.call("sacct", "-nXPD", "-o", "State").split())
        found = [json.loads(path.read_text())["status"] for path in records(search)]
        same = search.results() == reference.results()
        print(output[-2000:] if running.returncode else "", end="")
        print(
            f"exit {running.returncode}; {nodes} nodes lost; trainings: {counted(search)}; runs of "
            f"tasks: {dict(states)}; records: {dict(Counter(found))}; "
            f"results {'the same bytes' if same else 'DIFFER'}"
        )


def search_in(folder: Path) -> TinySearch:
    """The search of the benchmark of kills, whose trainings watch each other."""
    folder.mkdir()
    search = TinySearch(folder)
    search.config |= {"stages": STAGES, "final": FINAL}
    (folder / "train.py").write_text(PROGRAM)
    return search


def options() -> list[str]:
    """For the search on SLURM."""
    return [
        f"--profile={REPOSITORY}/profiles/slurm",
        "--cores=2",
        f"--submitit-pack={PACK}",
        "--default-resources",
        "mem_mb=300",
    ]


def counted(search: TinySearch) -> dict[str, int]:
    """What the trainings have noted."""
    events = search.folder / "events"
    begun, ended, twice = (
        {path.stem for path in events.glob(f"*.{kind}")} for kind in ("begun", "ended", "twice")
    )
    alive = {name for name in begun if Path(f"/proc/{name.rpartition('.')[2]}").exists()}
    return {
        "begun": len(begun),
        "cut off": len(begun - ended - alive),
        "at work twice at a time": len(twice),
    }


def preempt(cluster: Cluster, rng: np.random.Generator) -> None:
    """Let an urgent job take one of the nodes."""
    time.sleep(rng.uniform(5, 15))
    node = str(rng.choice(NODES))
    urgent = ("-p", "high", "-w", node, "--exclusive", "-o/dev/null", "--wrap=sleep 1")
    cluster.call("sbatch", *urgent)
    while cluster.call("squeue", "-h", "-p", "high"):
        time.sleep(0.5)


def lose_nodes(cluster: Cluster, rng: np.random.Generator) -> int:
    """End slurmd on two nodes, whose jobs live on, until SLURM has given them up."""
    time.sleep(rng.uniform(1, 10))
    lost = [str(name) for name in rng.choice(NODES, size=2, replace=False)]
    for name in lost:
        cluster.abandon_node(name)
    for name in lost:
        while not {"down", "drained"} & set(state(cluster, name)):
            time.sleep(0.5)
    time.sleep(rng.uniform(1, 10))
    for name in lost:
        cluster.start_node(name)
        # A node that was lost while a job started there is drained, and the job held: both are for
        # an administrator, who is here.
        if "drained" in state(cluster, name):
            cluster.resume(name)
    for job in cluster.call("squeue", "-h", "-tPD", "-o%i %r").splitlines():
        if job.endswith("requeued held"):
            cluster.call("scontrol", "release", job.split()[0])
    return len(lost)


def state(cluster: Cluster, node: str) -> list[str]:
    """The words of a node's state."""
    return re.findall("[a-z]+", cluster.call("sinfo", "-hn", node, "-o%T"))


if __name__ == "__main__":
    main()
