"""One step of google-vizier's Harmonica and of this one, told the same trainings.

    .venv/bin/pip install google-vizier jax chex flax equinox jaxtyping
    .venv/bin/python benchmarks/vizier_designer.py

Both get 300 uniform samples, with noise, of the paper's kind of function and choose what comes
next: vizier's designer, as it is and with its defaults, its suggestion; a stage here a thousand
uniform samples of the space that is left. The regret is without noise, in percent of the best
value; a uniform sample of the whole space has 100 on average.
"""

import argparse
import time

import numpy as np
from vizier import algorithms, pyvizier
from vizier._src.algorithms.designers.harmonica import HarmonicaDesigner

from config.examples.synthetic.objective import NOISE, VARIABLES, Synthetic
from harmonica_steps.config import Stage
from harmonica_steps.search.design import Design, fit
from harmonica_steps.search.draw import UNIFORM, draw
from harmonica_steps.search.freeze import freeze
from harmonica_steps.search.restriction import Restriction
from harmonica_steps.search.samples import Samples
from harmonica_steps.space import Space
from harmonica_steps.space.parameters import Categorical

NAMES = [f"x{i}" for i in range(VARIABLES)]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--functions", type=int, default=10)
    parser.add_argument("--samples", type=int, default=300)
    arguments = parser.parse_args()
    print("| chosen by | mean regret % | of each function | CPU s a choice |\n|---|---|---|---|")
    for name, choose in {"vizier": vizier, "a stage": stage}.items():
        regrets, start = [], time.process_time()
        for number in range(arguments.functions):
            function = Synthetic(20_000 + number)
            rng = np.random.default_rng(number)
            x = rng.choice([-1, 1], size=(arguments.samples, VARIABLES))
            y = function.value(x) + NOISE * rng.random(len(x))
            best = function.path_bound
            regrets.append(100 * (float(function.value(choose(x, y)).mean()) - best) / abs(best))
        used = (time.process_time() - start) / arguments.functions
        each = ", ".join(f"{regret:.0f}" for regret in regrets)
        print(f"| {name} | {np.mean(regrets):.0f} | {each} | {used:.1f} |", flush=True)


def vizier(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The designer's suggestion, shape ``(1, variables)``."""
    problem = pyvizier.ProblemStatement()
    for name in NAMES:
        problem.search_space.root.add_bool_param(name)
    problem.metric_information.append(
        pyvizier.MetricInformation("y", goal=pyvizier.ObjectiveMetricGoal.MINIMIZE)
    )
    trials = []
    for number, (point, value) in enumerate(zip(x, y, strict=True), start=1):
        bits = {name: str(bit > 0) for name, bit in zip(NAMES, point, strict=True)}
        trial = pyvizier.Trial(id=number, parameters=bits)
        trials.append(trial.complete(pyvizier.Measurement({"y": value})))
    designer = HarmonicaDesigner(problem)
    designer.update(algorithms.CompletedTrials(trials), algorithms.ActiveTrials())
    np.random.seed(0)  # it draws from the global generator
    (suggestion,) = designer.suggest(1)
    chosen = [suggestion.parameters.get_value(name) == "True" for name in NAMES]
    return np.where([chosen], 1, -1)


def stage(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Uniform samples of what a stage leaves, shape ``(1000, variables)``."""
    space = Space({name: Categorical(type="categorical", values=[-1, 1]) for name in NAMES})
    design = Design(space, Restriction())
    origin = np.array([UNIFORM] * len(x), dtype=object)
    samples = Samples(np.zeros(len(x), dtype=int), (x + 1) // 2, y, origin)
    settings = Stage(samples=len(x), degree=3, sparsity=5)
    restriction = freeze(fit(design, settings, samples), keep=1)
    left = draw(space, restriction, seed=0, number=2, count=1000)
    return np.array([[sample.configuration[name] for name in NAMES] for sample in left])


if __name__ == "__main__":
    main()
