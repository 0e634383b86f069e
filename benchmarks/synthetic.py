"""The paper's synthetic function: regret, true terms found, and random search beside it.

    .venv/bin/python benchmarks/synthetic.py                        # the paper's setting, 20 seeds
    .venv/bin/python benchmarks/synthetic.py --functions --samples 75 --final 25 --keep 1
                                                # 20 other functions, 250 evaluations of each

One search for each seed: of the sampling (of the function of the paper), or with --functions of the
function. A true term counts as found when its free variables, those that no earlier stage has
frozen, are just the free variables of a recovered term; terms that are constant by then cannot be
found. Regret is the distance to the bound of the all-negative path, in per cent of it; the value is
noise free.
"""

import argparse
import time
from functools import partial
from pathlib import Path

import numpy as np
from inprocess import History, run

from config.examples.synthetic.objective import VARIABLES, Synthetic
from harmonica_steps.config import load_file, parse
from harmonica_steps.search.restriction import CANDIDATE


def main() -> None:
    """Print a line a seed and the total."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--functions", action="store_true", help="seeds are those of functions")
    parser.add_argument("--samples", type=int, default=300, help="of each stage")
    parser.add_argument("--final", type=int, default=100, help="evaluations after the stages")
    parser.add_argument("--keep", type=int, default=4, help="assignments kept (t)")
    parser.add_argument("--selection", default="beam", choices=["beam", "lasso"])
    parser.add_argument("--random", type=int, default=5000, help="evaluations of random search")
    arguments = parser.parse_args()
    stage = {
        "samples": arguments.samples,
        "guided": 0,
        "degree": 3,
        "sparsity": 5,
        "keep": arguments.keep,
        "selection": arguments.selection,
    }
    final = {"guided": 0, "configurations": arguments.final, "min_budget": 1, "max_budget": 1}
    base = load_file(Path("config/examples/synthetic.yaml"))
    regrets, rivals, complete, cpu = [], [], 0, 0.0
    print("seed  regret %  random's  true terms found of the findable, by level")
    # Functions and seeds that no default was chosen on.
    for number in range(arguments.seeds):
        function = Synthetic(100 + number if arguments.functions else 0)
        config = parse({**base, "seed": number, "stages": [stage] * 3, "final": final})
        start = time.process_time()
        history = run(config, partial(train, function))
        cpu += time.process_time() - start
        (best, _), *_ = history.ranked()
        regrets.append(regret(function, value(function, best.configuration)))
        rivals.append(regret(function, random_search(function, arguments.random, number)))
        found = [terms_found(history, function, level) for level in range(3)]
        complete += all(hits == findable for hits, findable in found)
        shown = "  ".join(f"{hits}/{findable}" for hits, findable in found)
        print(f"{number:4}  {regrets[-1]:8.2f}  {rivals[-1]:8.2f}  {shown}", flush=True)
    mine, theirs = np.array(regrets), np.array(rivals)
    print(
        f"{3 * arguments.samples + arguments.final} evaluations: mean regret {mine.mean():.2f} %, "
        f"bound reached in {(mine <= 1e-6).sum()} of {len(mine)}; "
        f"all findable terms in {complete}; {cpu / len(mine):.2f} CPU s a search\n"
        f"random search with {arguments.random}: mean regret {theirs.mean():.2f} %; "
        f"beaten in {(mine < theirs).mean():.0%}"
    )


def train(function: Synthetic, configuration: dict[str, int], seed: int, budget: object) -> float:
    """The value with its noise."""
    return value(function, configuration) + 4 * np.random.default_rng(seed).random()


def value(function: Synthetic, configuration: dict[str, int]) -> float:
    """The value without noise."""
    return float(function.value([configuration[f"x{i}"] for i in range(VARIABLES)]))


def regret(function: Synthetic, reached: float) -> float:
    """Distance to the bound in per cent; negative where the path is not the optimum."""
    return 100 * (reached - function.path_bound) / abs(function.path_bound)


def random_search(function: Synthetic, evaluations: int, seed: int) -> float:
    """The noise-free value of what random search takes for the best."""
    rng = np.random.default_rng((seed, 1))
    points = rng.choice([-1, 1], size=(evaluations, VARIABLES))
    values = np.atleast_1d(function.value(points))
    return float(values[np.argmin(values + 4 * rng.random(evaluations))])


def terms_found(history: History, function: Synthetic, level: int) -> tuple[int, int]:
    """How many of the findable true terms of a level a stage has recovered."""
    fit = history.recoveries[level]
    design, recovery = fit.design, fit.recovery
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
