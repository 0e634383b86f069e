"""The paper's synthetic function: the share of true terms found, and of bounds reached.

    .venv/bin/python benchmarks/synthetic.py

Three stages of 300 samples, s = 5, t = 4 (the paper's setting), one search for each sampling seed.
A true term counts as found when its free variables, those that no earlier stage has frozen, are
just the free variables of a recovered term; terms that are constant by then cannot be found.
"""

import argparse
import time
from pathlib import Path

import numpy as np
from inprocess import History, run

from examples.synthetic.objective import Synthetic
from harmonica_steps.config import load_file, parse
from harmonica_steps.search.freeze import CANDIDATE


def main() -> None:
    """Print a line a seed and the total."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--samples", type=int, default=300, help="of each stage")
    parser.add_argument("--keep", type=int, default=4, help="assignments kept (t)")
    arguments = parser.parse_args()
    function = Synthetic(0)
    base = load_file(Path("config/examples/synthetic.yaml"))
    stage = {
        "samples": arguments.samples,
        "degree": 3,
        "sparsity": 5,
        "keep": arguments.keep,
    }
    reached, complete, cpu = 0, 0, 0.0
    print("seed  best value (noise free)  true terms found of the findable, by level")
    for seed in range(arguments.seeds):
        config = parse({**base, "seed": seed, "stages": [stage] * 3})

        def train(configuration: dict[str, int], seed: int, budget: object) -> float:
            x = np.array([configuration[f"x{i}"] for i in range(60)])
            noise = 4 * np.random.default_rng(seed).random()
            return float(function.value(x)) + noise

        start = time.process_time()
        history = run(config, train)
        cpu += time.process_time() - start
        best = history.best
        assert best is not None
        value = float(function.value(np.array([best.configuration[f"x{i}"] for i in range(60)])))
        found = [terms_found(history, function, level) for level in range(3)]
        reached += value <= function.path_bound + 1e-6
        complete += all(hits == findable for hits, findable in found)
        shown = "  ".join(f"{hits}/{findable}" for hits, findable in found)
        print(f"{seed:4}  {value:23.3f}  {shown}")
    print(
        f"at or below the path's bound {function.path_bound:.3f}: {reached} of {arguments.seeds}; "
        f"all findable terms found: {complete} of {arguments.seeds}; "
        f"{cpu / arguments.seeds:.2f} CPU s a search"
    )


def terms_found(history: History, function: Synthetic, level: int) -> tuple[int, int]:
    """How many of the findable true terms of a level a stage has recovered."""
    design, recovery = history.recoveries[level]
    frozen = {int(name[1:]) for name in design.restriction.frozen}
    true = [frozenset(term.variables) - frozen for term in function.negative_path[level]]
    findable = [free for free in true if free]
    recovered = {
        frozenset(int(design.names[v][1:]) for v in t.members if design.names[v] != CANDIDATE)
        for t in recovery.terms
    }
    return sum(free in recovered for free in findable), len(findable)


if __name__ == "__main__":
    main()
