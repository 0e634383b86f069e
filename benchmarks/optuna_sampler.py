"""GuidedSampler in studies of Optuna's, against TPESampler and RandomSampler.

    python benchmarks/optuna_sampler.py --replicates 3

Each study has 350 trials, in batches of 50 by ask and tell or one after the other. The problems are
those of benchmarks/search. Prints a table in Markdown: the mean of what is left to the best known
value, and the CPU seconds of a study without its objective.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from optuna.samplers import BaseSampler, RandomSampler, TPESampler

BENCHMARKS = Path(__file__).parent
sys.path += [str(BENCHMARKS), str(BENCHMARKS / "search"), str(BENCHMARKS.parent)]

from objectives import OBJECTIVES, Objective  # noqa: E402
from problem import parsed  # noqa: E402

from harmonica_steps.optuna import GuidedSampler  # noqa: E402
from harmonica_steps.study.distributions import distribution  # noqa: E402

TRIALS = 350
BATCHES = (50, 1)
PROBLEMS = ("onemax", "mixint", "floats")
SAMPLERS: dict[str, Callable[[int], BaseSampler]] = {
    "GuidedSampler": lambda seed: GuidedSampler(seed=seed),
    "TPESampler": lambda seed: TPESampler(seed=seed),
    "RandomSampler": lambda seed: RandomSampler(seed=seed),
}


def main() -> None:
    """Run all studies and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--replicates", type=int, default=3)
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--problems", nargs="+", choices=OBJECTIVES, default=PROBLEMS)
    given = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    for row in table(given.problems, given.replicates, given.trials):
        print(row, flush=True)


def table(problems: Iterable[str], replicates: int, trials: int) -> Iterable[str]:
    """The rows of the table, as they are ready."""
    yield f"| problem | batch | {' | '.join(SAMPLERS)} |"
    yield f"|---|---|{'---|' * len(SAMPLERS)}"
    for problem in problems:
        for batch in BATCHES:
            cells = [cell(problem, batch, name, replicates, trials) for name in SAMPLERS]
            unit = OBJECTIVES[problem](0).unit
            yield f"| {problem}, {unit} | {batch} | {' | '.join(cells)} |"


def cell(problem: str, batch: int, name: str, replicates: int, trials: int) -> str:
    """The mean verdict and the mean CPU time."""
    found = [
        search(OBJECTIVES[problem](seed), SAMPLERS[name](seed), trials, batch)
        for seed in range(replicates)
    ]
    verdict, seconds = np.mean(found, axis=0)
    return f"{verdict:.3g} ({seconds:.1f} s)"


def search(
    objective: Objective, sampler: BaseSampler, trials: int, batch: int
) -> tuple[float, float]:
    """Verdict on the best trial of a study, and CPU seconds without the objective."""
    space = parsed(objective.space).parameters
    distributions = {name: distribution(parameter) for name, parameter in space.items()}
    training = 0.0

    def train(params: dict[str, Any], number: int) -> float:
        nonlocal training
        start = time.process_time()
        value = objective.train(params, number, 1)
        training += time.process_time() - start
        return value

    start = time.process_time()
    study = optuna.create_study(sampler=sampler)
    for first in range(0, trials, batch):
        asked = [study.ask(distributions) for _ in range(min(batch, trials - first))]
        for trial in asked:
            study.tell(trial, train(trial.params, trial.number))
    used = time.process_time() - start - training
    return objective.verdict(study.best_params), used


if __name__ == "__main__":
    main()
