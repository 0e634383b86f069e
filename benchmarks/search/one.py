"""One search of the benchmark, in one process; writes what it found and cost as JSON.

python benchmarks/search/one.py synthetic harmonica-7x100 0 0.json
"""

import argparse
import json
import sys
import time
from collections import Counter
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from evolution import EVOLUTION, run_evolution  # noqa: E402
from inprocess import History, Train, run  # noqa: E402
from methods import METHODS  # noqa: E402
from objectives import OBJECTIVES, Objective  # noqa: E402
from sequential import run_sequentially  # noqa: E402

from harmonica_steps.config import Search, parse  # noqa: E402
from harmonica_steps.optimisers.optuna_rounds import OptunaRounds  # noqa: E402
from harmonica_steps.search.plan import parts, plan  # noqa: E402

WORKERS = (32, 300)


def main() -> None:
    """Search, judge and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("objective", choices=OBJECTIVES)
    parser.add_argument("method", choices=METHODS)
    parser.add_argument("replicate", type=int)
    parser.add_argument("output", type=Path)
    arguments = parser.parse_args()
    objective = OBJECTIVES[arguments.objective](arguments.replicate)
    method = METHODS[arguments.method]
    config = configuration_of(objective, method, arguments.replicate)
    training = 0.0

    def train(configuration: dict[str, Any], seed: int, budget: Any) -> float:
        nonlocal training
        start = time.process_time()
        value = objective.train(configuration, seed, budget)
        training += time.process_time() - start
        return value

    start = time.process_time()
    history = search(config, method, train)
    used = time.process_time() - start
    ranked = history.ranked()
    verdicts = [objective.verdict(history.space.active(s.configuration)) for s, _ in ranked[:3]]
    values = np.concatenate([done.values for done in history.done.values()])
    found = {
        "objective": arguments.objective,
        "unit": objective.unit,
        "method": arguments.method,
        "replicate": arguments.replicate,
        "trainings": len(values),
        "rounds": plan(config)["sequential_rounds"],
        **{f"waves_{workers}": waves(config, workers) for workers in WORKERS},
        "best_seen": ranked[0][1],
        "verdict": verdicts[0],
        "verdict_of_three": float(np.mean(verdicts)),
        "mean_of_last_100": float(np.nanmean(values[-100:])),
        "cpu_training": training,
        "cpu_optimiser": used - training,
    }
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps(found, indent=1) + "\n")


def search(config: Search, method: dict[str, Any], train: Train) -> History:
    """Search in the way of the method."""
    final = config.final
    if "evolution" in method:
        return run_evolution(config, EVOLUTION[method["evolution"]], train)
    if isinstance(final, OptunaRounds) and final.configurations == 1:
        return run_sequentially(config, final, train)
    return run(config, train)


def configuration_of(objective: Objective, method: dict[str, Any], seed: int) -> Search:
    """The search as a configuration file would have it."""
    with_fidelity = {"fidelity": objective.fidelity}
    return parse(
        {
            "search": "benchmark",
            "seed": seed,
            "space": objective.space,
            "objective": {"command": "true", **method.get("objective", {})},
            "stages": [{**stage, **with_fidelity} for stage in method.get("stages", [])],
            "final": {**method["final"], **with_fidelity, **objective.final},
        }
    )


def waves(config: Any, workers: int) -> int:
    """Times that one training after another takes with so many workers."""
    at_once: Counter[int] = Counter()
    for part in parts(config):
        at_once[part.depth] += part.trials
    return sum(ceil(count / workers) for count in at_once.values())


if __name__ == "__main__":
    main()
