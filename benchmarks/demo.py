"""The demo's search against others with as many trainings, over several seeds.

    .venv/bin/python benchmarks/demo.py

The errors of the chosen configuration are those of trainings with fresh seeds, which took no part
in the choice; the validation error that a search reports is the smallest of many, and flatters.
The rivals: random search with as many epochs in all; successive halving of the whole space; and,
with --expensive, random search that gives every training the largest budget, at many times the
cost.
"""

import argparse
import contextlib
import io
import time
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import numpy as np
from inprocess import run

from config.examples.digits.train import load_digits, train
from harmonica_steps.config import load_file, parse

FIRST_SEED = 100
"""The smaller ones took part in the choice of the demo's stages."""

FRESH_SEEDS = 5
RANDOM = "random, 3 epochs"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--expensive", action="store_true", help="random search at full budget too")
    arguments = parser.parse_args()
    demo = load_file(Path("config/config.yaml"))
    overlay = load_file(Path("config/examples/random.yaml"))
    methods = {
        "Harmonica": demo,
        RANDOM: {**demo, **overlay, "final": {**demo["final"], **overlay["final"]}},
        "halving alone": {**demo, "stages": [], "final": {**demo["final"], "configurations": 366}},
    }
    if arguments.expensive:
        methods["random, 27 epochs"] = {
            **demo,
            "stages": [],
            "final": {**demo["final"], "configurations": 528, "min_budget": 27},
        }
    tasks = [
        (name, {**content, "seed": seed})
        for name, content in methods.items()
        for seed in range(FIRST_SEED, FIRST_SEED + arguments.seeds)
    ]
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in methods}
    with Pool(arguments.workers) as pool:
        for name, row in pool.imap(measure, tasks):
            rows[name].append(row)
            means = " -> ".join(f"{mean:.1f}" for mean in row["means"])
            print(
                f"{name:17} seed {row['seed']}: mean validation error {means}; best validation "
                f"{row['validation']:.2f}, fresh test {row['test']:.2f}, {row['cpu']:.0f} CPU s",
                flush=True,
            )
    print("\n| method | trainings | best validation % | fresh test % | training CPU s |")
    print("|---|---|---|---|---|")
    for name, found in rows.items():
        columns = [spread([row[key] for row in found]) for key in ("validation", "test", "cpu")]
        print(f"| {name} | {found[0]['trainings']} | {' | '.join(columns)} |")
    wins = sum(h["test"] < r["test"] for h, r in zip(rows["Harmonica"], rows[RANDOM], strict=True))
    print(
        f"\nAgainst {RANDOM}: Harmonica's fresh test error is the lower one in {wins} of "
        f"{arguments.seeds} seeds."
    )


def measure(task: tuple[str, dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    """Run one search and train its choice again with fresh seeds."""
    name, content = task
    config = parse(content)
    start = time.process_time()
    history = run(config, lambda c, seed, budget: errors(c, seed, budget)["validation_error"])
    cpu = time.process_time() - start
    winner, validation = history.ranked()[0]
    chosen = {**winner.configuration, **config.final.fidelity}
    budget = config.final.schedule[-1].budget
    fresh = [errors(chosen, 10**6 + i, budget)["test_error"] for i in range(FRESH_SEEDS)]
    return name, {
        "seed": config.seed,
        "trainings": sum(len(done.values) for done in history.done.values()),
        "means": [float(np.nanmean(done.values)) for done in history.done.values()],
        "validation": validation,
        "test": float(np.mean(fresh)),
        "cpu": cpu,
    }


def errors(configuration: dict[str, Any], seed: int, budget: Any) -> dict[str, float]:
    """Train once, without the progress lines."""
    with contextlib.redirect_stdout(io.StringIO()):
        result: dict[str, float] = train(configuration, seed=seed, epochs=budget, digits=DIGITS)
    return result


def spread(values: list[float]) -> str:
    """Mean and standard error."""
    error = np.std(values, ddof=1) / np.sqrt(len(values)) if len(values) > 1 else 0.0
    return f"{np.mean(values):.2f} +- {error:.2f}"


DIGITS = load_digits()

if __name__ == "__main__":
    main()
