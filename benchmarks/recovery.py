"""Which sets of parameters are found from how many samples, and how often one is made up.

    .venv/bin/python benchmarks/recovery.py [--seeds 50]

Problems with and without structure, several ways of proposing sets, the same data for all.
`found` is the mean number of true sets (of 5) among the 5 proposed and `all` the share of runs with
all five strong ones; `kept` and `wrong` are the numbers of true and of other sets that passed the
test against chance.
"""

import argparse
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import comb, log

import numpy as np

from config.examples.synthetic.objective import VARIABLES, Synthetic
from harmonica_steps.search.draw import UNIFORM
from harmonica_steps.search.samples import Samples, transformed
from harmonica_steps.spectral import Basis, interaction_lasso_path, recover
from harmonica_steps.spectral.leaders import Members
from harmonica_steps.spectral.regression import Regression
from harmonica_steps.spectral.selection import beam, lasso, restarted_beam

DEGREE, SPARSITY = 3, 5


@dataclass
class Problem:
    """Levels and scores, and the sets that made them."""

    basis: Basis
    levels: np.ndarray
    scores: np.ndarray
    strong: set[Members]
    others: set[Members]


def synthetic(seed: int, samples: int) -> Problem:
    """The first level of the paper's function, another function for every seed."""
    function = Synthetic(seed)
    rng = np.random.default_rng(1000 + seed)
    levels = rng.integers(2, size=(samples, VARIABLES))
    scores = function.value(2 * levels - 1) + 4 * rng.random(samples)
    true = {tuple(sorted(term.variables)) for term in function.negative_path[0]}
    return Problem(Basis([2] * VARIABLES, [True] * VARIABLES), levels, scores, true, set())


SIZES = [2] * 14 + [3] * 6 + [4] * 3 + [5] * 2 + [4] * 3 + [3] * 2
ORDERED = [True] * 14 + [False] * 6 + [True] * 5 + [False] * 3 + [True] * 2


def mixed(seed: int, samples: int) -> Problem:
    """Thirty variables of two to five levels, five strong sets and six weak ones."""
    rng = np.random.default_rng(seed)
    basis = Basis(SIZES, ORDERED)
    sets = _some_sets(rng, len(SIZES), 11)
    levels = rng.integers(basis.sizes, size=(samples, len(SIZES)))
    features = basis.evaluate(levels)
    scores = 0.3 * rng.normal(size=samples)
    for number, members in enumerate(sets):
        weights = rng.normal(size=basis.width(members))
        size = 1 + rng.random() / 2 if number < 5 else 0.2
        scores += size / np.linalg.norm(weights) * weights @ basis.set_columns(features, members)
    return Problem(basis, levels, scores, set(sets[:5]), set(sets[5:]))


def dummies(seed: int, samples: int) -> Problem:
    """Sixty bits, the last 21 without any effect; ten terms, noise of a t distribution."""
    rng = np.random.default_rng(seed)
    sets = _some_sets(rng, 39, 10)
    levels = rng.integers(2, size=(samples, 60))
    signs = 2 * levels - 1
    scores = 2 * rng.standard_t(3, size=samples)
    for number, members in enumerate(sets):
        scores += (3 - number / 4) * signs[:, members].prod(axis=1)
    return Problem(Basis([2] * 60, [True] * 60), levels, scores, set(sets[:5]), set(sets[5:]))


def noise(seed: int, samples: int) -> Problem:
    """Sixty bits and scores that have nothing to do with them."""
    rng = np.random.default_rng(seed)
    levels = rng.integers(2, size=(samples, 60))
    return Problem(Basis([2] * 60, [True] * 60), levels, rng.normal(size=samples), set(), set())


def extremes(seed: int, samples: int) -> Problem:
    """The variables of `mixed`, and scores that ignore them, a few of which are huge."""
    rng = np.random.default_rng(seed)
    basis = Basis(SIZES, ORDERED)
    levels = rng.integers(basis.sizes, size=(samples, len(SIZES)))
    return Problem(basis, levels, np.exp(2 * rng.normal(size=samples)), set(), set())


def rare(seed: int, samples: int) -> Problem:
    """The same with ones and zeros, a tenth of them ones."""
    problem = extremes(seed, samples)
    problem.scores = (np.random.default_rng([seed, 1]).random(samples) < 0.1).astype(float)
    return problem


def _some_sets(rng: np.random.Generator, variables: int, count: int) -> list[Members]:
    sets: list[Members] = []
    while len(sets) < count:
        size = rng.choice([1, 2, 3], p=[0.4, 0.4, 0.2])
        members = tuple(sorted(rng.choice(variables, size, replace=False).tolist()))
        if members not in sets:
            sets.append(members)
    return sets


def as_bits(problem: Problem) -> tuple[Regression, list[int]]:
    """Every variable as the bits of its level's number, and the variable of each bit."""
    columns, variable = [], []
    for v, size in enumerate(problem.basis.sizes):
        for bit in range(int(np.ceil(np.log2(size)))):
            columns.append(problem.levels[:, v] >> bit & 1)
            variable.append(v)
    basis = Basis([2] * len(columns), [True] * len(columns))
    return Regression(basis, np.column_stack(columns), _standard(problem.scores)), variable


def on_bits(problem: Problem) -> list[Members]:
    """The beam on a bit encoding."""
    regression, variable = as_bits(problem)
    found = beam(regression, DEGREE, SPARSITY)
    return list(dict.fromkeys(tuple(sorted({variable[b] for b in bits})) for bits in found))


def _standard(scores: np.ndarray) -> np.ndarray:
    return np.asarray((scores - scores.mean()) / scores.std())


def _regression(problem: Problem) -> Regression:
    return Regression(problem.basis, problem.levels, _standard(problem.scores))


def stability_selection(problem: Problem) -> list[Members]:
    """The sets that the Lasso proposes for most of 30 random halves."""
    rng = np.random.default_rng(0)
    seen: Counter[Members] = Counter()
    scores = _standard(problem.scores)
    for _ in range(30):
        half = rng.permutation(len(scores))[: len(scores) // 2]
        seen.update(lasso(Regression(problem.basis, problem.levels[half], scores[half]), 3, 5))
    return sorted(seen, key=lambda members: (-seen[members], members))[:SPARSITY]


def path_ebic(problem: Problem) -> list[Members]:
    """The Lasso's path, the support with the best extended BIC (gamma = 1); bits only."""
    regression = _regression(problem)
    top = np.abs(regression.features @ regression.target).max() / regression.samples
    alphas = np.geomspace(1.5, 0.25, 12) * max(top, 0.3)
    _, terms, coefs, _ = interaction_lasso_path(
        regression.features.T, regression.target, alphas, DEGREE
    )
    count = sum(comb(len(problem.basis.sizes), d) for d in range(1, DEGREE + 1))
    best: tuple[float, list[Members]] = (0.0, [])
    for column in coefs.T:
        support = [terms[i] for i in np.argsort(-np.abs(column)) if column[i]]
        if len(support) <= regression.samples // 4:
            k, samples = len(support), regression.samples
            rss = regression.solve(support).rss
            cost = samples * log(rss / samples) + k * log(samples) + 2 * k * log(count)
            best = min(best, (cost, support))
    return best[1][:SPARSITY]


def by(select: Callable[[Regression, int, int], list[Members]]) -> Callable[[Problem], list]:
    """A selection of the package on a problem."""
    return lambda problem: select(_regression(problem), DEGREE, SPARSITY)


METHODS: dict[str, Callable[[Problem], list[Members]]] = {
    "beam (default)": by(beam),
    "one model, exchanges": by(partial(beam, widest=1)),
    "beam, restarted": by(restarted_beam),
    "lasso (the paper's)": by(lasso),
    "lasso path, EBIC": path_ebic,
    "stability selection": stability_selection,
}


def proposals(
    name: str, problem: Callable[[int, int], Problem], samples: int, seeds: int, methods: dict
) -> None:
    """A line a method."""
    found: dict[str, list[int]] = defaultdict(list)
    seconds: dict[str, float] = defaultdict(float)
    for seed in range(seeds):
        drawn = problem(seed, samples)
        for method, select in methods.items():
            start = time.process_time()
            proposed = select(drawn)
            seconds[method] += time.process_time() - start
            found[method].append(len(drawn.strong & set(proposed)))
    for method in methods:
        hits = np.array(found[method])
        print(
            f"{name:10} {samples:4}  {method:22} {hits.mean():5.2f}  {(hits == 5).mean():4.2f}"
            f"  {seconds[method] / seeds:6.3f}",
            flush=True,
        )


def kept(
    name: str,
    problem: Callable[[int, int], Problem],
    samples: int,
    seeds: int,
    selection: str = "beam",
    transform: str = "none",
) -> None:
    """A line: what passed the test."""
    right = wrong = runs = blind = complete = 0
    for seed in range(seeds):
        drawn = problem(seed, samples)
        origin = np.array([UNIFORM] * samples, dtype=object)
        observed = Samples(np.zeros(samples, dtype=int), drawn.levels, drawn.scores, origin)
        scores = transformed(observed, transform, "minimize").scores
        recovery = recover(drawn.basis, drawn.levels, scores, DEGREE, SPARSITY, selection)
        sets = {term.members for term in recovery.terms}
        true = drawn.strong | drawn.others
        right += len(sets & true)
        complete += drawn.strong <= sets
        wrong += len(sets - true)
        runs += bool(sets - true)
        mentioned = {v for members in true for v in members}
        blind += len(set(recovery.variables) - mentioned)
    label = f"{selection}, {transform}" if transform != "none" else selection
    print(
        f"{name:10} {samples:4}  {label:22} {right / seeds:5.2f}  {complete / seeds:4.2f}"
        f"  {wrong / seeds:5.3f}"
        f"  {runs:4} of {seeds}  {blind / seeds:9.3f}",
        flush=True,
    )


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--table", choices=["proposed", "kept"], help="only one of the tables")
    arguments = parser.parse_args()
    if arguments.table != "kept":
        all_proposals(arguments.seeds)
    if arguments.table != "proposed":
        all_kept(arguments.seeds)


def all_proposals(seeds: int) -> None:
    """What is proposed, before the test."""
    print("problem       T  proposed by            found  all    CPU s")
    for samples in (50, 75, 100):
        proposals("synthetic", synthetic, samples, seeds, METHODS)
    groups = {m: s for m, s in METHODS.items() if m != "lasso path, EBIC"}
    for samples in (75, 150, 600):
        proposals("mixed", mixed, samples, seeds, {**groups, "beam on bits": on_bits})


def all_kept(seeds: int) -> None:
    """What has passed the test, and what of it is made up."""
    print("problem       T  proposed by            kept   all   wrong  runs with wrong  dummies")
    for selection in ("beam", "lasso"):
        for samples in (50, 75, 100):
            kept("synthetic", synthetic, samples, seeds, selection)
        kept("mixed", mixed, 75, seeds, selection)
        for samples in (50, 75, 150):
            kept("noise", noise, samples, 4 * seeds, selection)
        for samples in (50, 150):
            kept("extremes", extremes, samples, seeds, selection)
            kept("rare", rare, samples, seeds, selection)
        kept("dummies", dummies, 300, seeds, selection)
    kept("dummies", dummies, 300, seeds, "beam", "rank")


if __name__ == "__main__":
    main()
