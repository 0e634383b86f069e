"""How often chance is taken for an effect, and how many true effects are kept.

    .venv/bin/python benchmarks/significance.py [--runs 100] [--only noise]

On 60 switches with the default degree and sparsity. First scores that have nothing to do with the
switches, of several distributions: `kept` is the share of runs that keep anything, which should be
at most 5 %. Then true effects: `true` is the mean number that is kept, `wrong` that of other sets,
`runs` the share of runs with any of these.
"""

import argparse
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from harmonica_steps.spectral import Basis, recover

SWITCHES, DEGREE, SPARSITY = 60, 3, 5

Scores = Callable[[np.random.Generator, int], np.ndarray]

NOISE: dict[str, Scores] = {
    "Gaussian": lambda rng, samples: rng.normal(size=samples),
    "t with 2 degrees of freedom": lambda rng, samples: rng.standard_t(2, size=samples),
    "log-normal": lambda rng, samples: np.exp(2 * rng.normal(size=samples)),
    "six values": lambda rng, samples: rng.integers(6, size=samples).astype(float),
    "two values": lambda rng, samples: rng.integers(2, size=samples).astype(float),
    "a tenth failed": lambda rng, samples: (
        rng.normal(size=samples) + 10 * (rng.random(samples) < 0.1)
    ),
    "2 % failed": lambda rng, samples: rng.normal(size=samples) + 10 * (rng.random(samples) < 0.02),
}


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--only", choices=("noise", "effects"))
    arguments = parser.parse_args()
    if arguments.only != "effects":
        print("noise                          T   kept   CPU s")
        for name, scores in NOISE.items():
            for samples in (40, 100):
                noise(name, scores, samples, arguments.runs)
    if arguments.only != "noise":
        print("effects                        T   true  wrong   runs   CPU s")
        effects("five, weaker and weaker", 100, arguments.runs, (1.0, 0.8, 0.6, 0.5, 0.4), 1.0)
        effects("one weak main effect", 100, arguments.runs, (0.5,), 1.0, sizes=(1,))
        effects("one strong", 100, arguments.runs, (1.0,), 0.3)
        effects("five equal", 50, arguments.runs, (1.0,) * 5, 0.5)
        effects("ten equal", 50, arguments.runs, (1.0,) * 10, 0.5, sparsity=10)
        effects("twenty equal", 80, arguments.runs, (1.0,) * 20, 0.5, sparsity=20)


def noise(name: str, scores: Scores, samples: int, runs: int) -> None:
    """A line: how often anything is kept."""
    kept, start = 0, time.process_time()
    for seed in range(runs):
        rng = np.random.default_rng([seed, samples])
        kept += bool(recovered(rng, samples, lambda _, rng=rng: scores(rng, samples), SPARSITY))
    seconds = (time.process_time() - start) / runs
    print(f"{name:29} {samples:3}  {kept / runs:5.1%}  {seconds:6.2f}", flush=True)


def effects(
    name: str,
    samples: int,
    runs: int,
    weights: tuple[float, ...],
    spread: float,
    *,
    sizes: tuple[int, ...] = (1, 1, 2, 2, 3),
    sparsity: int = SPARSITY,
) -> None:
    """A line: what is kept of random sets with these weights, in noise of this spread."""
    true = wrong = lies = 0
    start = time.process_time()
    for seed in range(runs):
        rng = np.random.default_rng([seed, samples, len(weights)])
        sets: set[tuple[int, ...]] = set()
        while len(sets) < len(weights):
            members = rng.choice(SWITCHES, size=rng.choice(sizes), replace=False)
            sets.add(tuple(sorted(members.tolist())))
        planted = sorted(sets)

        found = recovered(
            rng, samples, partial(planted_in, rng, planted, weights, spread), sparsity
        )
        true += len(found & sets)
        wrong += len(found - sets)
        lies += bool(found - sets)
    seconds = (time.process_time() - start) / runs
    print(
        f"{name:29} {samples:3}  {true / runs:5.2f}  {wrong / runs:5.2f}  {lies / runs:5.1%}"
        f"  {seconds:6.2f}",
        flush=True,
    )


def planted_in(
    rng: np.random.Generator,
    sets: list[tuple[int, ...]],
    weights: tuple[float, ...],
    spread: float,
    signs: np.ndarray,
) -> np.ndarray:
    """Scores that some sets explain, but for noise."""
    parts = [w * signs[:, m].prod(axis=1) for w, m in zip(weights, sets, strict=True)]
    return np.asarray(np.sum(parts, axis=0) + spread * rng.normal(size=len(signs)))


def recovered(
    rng: np.random.Generator,
    samples: int,
    scores: Callable[[np.ndarray], np.ndarray],
    sparsity: int,
) -> set[tuple[int, ...]]:
    """The sets that are kept of uniform samples."""
    levels = rng.integers(2, size=(samples, SWITCHES))
    basis = Basis([2] * SWITCHES, [True] * SWITCHES)
    recovery = recover(basis, levels, scores(2 * levels - 1), DEGREE, sparsity)
    return {term.members for term in recovery.terms}


if __name__ == "__main__":
    main()
