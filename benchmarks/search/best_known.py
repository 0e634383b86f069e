"""Find the best values of the problems whose optimum no theory gives, and write best_known.json.

python benchmarks/search/best_known.py --replicates 16     # some minutes on one core

All are exact but pest control's, which are the best of a long search: for each replicate 1,500
descents of some 500 evaluations.
"""

import argparse
import json
import os
import sys
import tempfile
from itertools import combinations
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]

from control import (  # noqa: E402
    REGULARISATION,
    RESTORED,
    SIMULATIONS,
    STAGES,
    THRESHOLD,
    Chances,
    Cost,
    pest_cost,
)
from problem import BEST_KNOWN  # noqa: E402
from suites import bbob_mixint, pbo  # noqa: E402

from harmonica_steps.spectral import minimisers  # noqa: E402

STARTS = 5
KICKS = 300
"""Descents from each start."""

KICKED = 4
"""Actions that are changed at random before a descent."""


def main() -> None:
    """Find and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replicates", type=int, default=16)
    replicates = range(parser.parse_args().replicates)
    found = {
        "nk": [nk(r) for r in replicates],
        "mixint": [mixint(r) for r in replicates],
        "pest": [searched(pest_cost(Chances.of(r)), 5, r) for r in replicates],
        "contamination": [contamination(Chances.of(r)) for r in replicates],
    }
    BEST_KNOWN.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def nk(replicate: int) -> float:
    """The best of an NK landscape with tables of two bits: a sum of pairs, minimised exactly."""
    dimension = 60
    function = pbo(25, dimension, replicate)

    def value(*ones: int) -> float:
        return -float(function([int(i in ones) for i in range(dimension)]))

    zero, single = value(), [value(i) for i in range(dimension)]
    tables = [((i,), np.array([zero, single[i]]) - zero) for i in range(dimension)]
    for i, j in combinations(range(dimension), 2):
        together = value(i, j) - single[i] - single[j] + zero
        if abs(together) > 1e-9 * abs(zero):
            tables.append(((i, j), np.array([[0.0, 0.0], [0.0, together]])))
    ((best, _),) = minimisers(tables, [2] * dimension, 1)
    return value(*np.flatnonzero(best))


def mixint(replicate: int) -> float:
    """The value at the optimum, which COCO writes into a file of the current folder."""
    function, here = bbob_mixint(3, 40, replicate), Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            function._best_parameter("print")
            value = float(function(np.loadtxt("._bbob_problem_best_parameter.txt")))
        finally:
            os.chdir(here)
    assert function.final_target_hit
    return value


def contamination(chances: Chances) -> float:
    """Branch and bound, for chains that begin at later and later stages before the whole one.

    A smaller share is never worse, so the stages to come cost at least as much as after a share of
    zero.
    """
    to_come = np.zeros(STAGES + 1)
    for first in reversed(range(STAGES)):
        share = np.zeros(SIMULATIONS) if first else chances.initial
        found, allowed = np.empty(0), to_come[first + 1]
        while not len(found):
            allowed += 0.1
            found = cheaper(chances, first, share, allowed - to_come)
        to_come[first] = found.min()
    return float(to_come[0])


def cheaper(chances: Chances, first: int, share: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """The costs of all preventions from a stage on that are never above what is allowed so far."""
    shares, paid = share[None], np.zeros(1)
    for stage in range(first, STAGES):
        grown = shares + chances.spread[stage] * (1 - shares)
        shrunk = shares * (1 - chances.removed(stage, RESTORED))
        shares = np.concatenate([grown, shrunk])
        paid = np.concatenate([paid, paid + 1 + REGULARISATION])
        paid += (shares > THRESHOLD).mean(axis=1)
        kept = paid <= allowed[stage + 1]
        shares, paid = shares[kept], paid[kept]
    return paid


def searched(cost: Cost, choices: int, seed: int) -> float:
    """Iterated local search: kick, descend, keep what is no worse; in the end change pairs."""
    rng = np.random.default_rng([seed, 25])
    found = []
    for _ in range(STARTS):
        uniform = rng.integers(0, choices, (1000, STAGES))
        best, value = descend(cost, uniform[np.argmin(cost(uniform))], changes(choices, 1))
        for _ in range(KICKS):
            kicked = best.copy()
            kicked[rng.permutation(STAGES)[:KICKED]] = rng.integers(0, choices, KICKED)
            end, reached = descend(cost, kicked, changes(choices, 1))
            if reached <= value:
                best, value = end, reached
        found.append((value, best))
    best = min(found, key=lambda pair: pair[0])[1]
    return descend(cost, best, changes(choices, 2))[1]


def changes(choices: int, order: int) -> np.ndarray:
    """What to add to actions, modulo the choices, to change one of them, or one or two."""
    one = np.array([row * s for row in np.eye(STAGES, dtype=int) for s in range(1, choices)])
    if order == 1:
        return one
    pairs = [a + b for a, b in combinations(one, 2) if not (a * b).any()]
    return np.concatenate([one, pairs])


def descend(cost: Cost, actions: np.ndarray, steps: np.ndarray) -> tuple[np.ndarray, float]:
    """Take the best of the steps as long as it is better."""
    choices = int(steps.max()) + 1
    value = float(cost(actions[None])[0])
    while True:
        neighbours = (actions + steps) % choices
        values = cost(neighbours)
        if values.min() >= value:
            return actions, value
        actions, value = neighbours[np.argmin(values)], float(values.min())


if __name__ == "__main__":
    main()
