"""Two plain evolutionary searches in rounds, which any method should be better than."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from inprocess import Done, History, Train, retrained, trained

from harmonica_steps.config import Search
from harmonica_steps.search.draw import draw, seed_of_round
from harmonica_steps.search.plan import parts
from harmonica_steps.space import Region, Space

SELECTED = 20
"""How many of the whole search's trainings are parents: the best."""

CELLS = 8
"""Cells of a range whose frequencies UMDA counts; a value is uniform in its cell."""

Propose = Callable[[Space, np.ndarray, int, np.random.Generator], np.ndarray]
"""From the points that were trained, best first: so many new ones."""


def ga(space: Space, ranked: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Children of a genetic algorithm: uniform crossover, one parameter mutated on average."""
    best = ranked[:SELECTED]
    parents = np.array([rng.choice(len(best), 2, replace=False) for _ in range(count)])
    shape = (count, best.shape[1])
    children = np.where(rng.random(shape) < 0.5, best[parents[:, 0]], best[parents[:, 1]])
    return np.where(rng.random(shape) < 1 / shape[1], uniform(space, count, rng), children)


def umda(space: Space, ranked: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Draws from the frequencies of each parameter's values among the best.

    No value's frequency falls to zero: a bit of n has at least 1/n, as usual for UMDA.
    """
    best = ranked[:SELECTED]
    columns = []
    for column, ranged, size in zip(best.T, space.numeric, space.sizes, strict=True):
        levels = CELLS if ranged else size
        chosen = (column * CELLS if ranged else column).astype(int)
        shares = np.bincount(chosen, minlength=levels) / len(best)
        shares = np.maximum(shares, 1 / len(space) / (levels - 1))
        drawn = rng.choice(levels, count, p=shares / shares.sum())
        columns.append((drawn + rng.random(count)) / CELLS if ranged else drawn)
    return np.array(columns).T


EVOLUTION: dict[str, Propose] = {"ga": ga, "umda": umda}


def run_evolution(config: Search, propose: Propose, train: Train) -> History:
    """Train uniform points in the first round, and what is proposed in the others."""
    history = History(config, config.build_space())
    space = history.space
    known, scores = np.empty((0, len(space))), np.empty(0)
    for number, part in enumerate(parts(config), start=1):
        drawn = list(draw(history.space, history.restriction, config.seed, number, part.trials))
        if part.origin == "retrain":
            history.done[part.name] = retrained(history, part, drawn, train)
            continue
        rng = np.random.default_rng(seed_of_round(config.seed, number))
        ranked = known[np.argsort(scores, kind="stable")]  # failures last
        if len(ranked):
            new = propose(space, ranked, part.trials, rng)
        else:
            new = uniform(space, part.trials, rng)
        samples = [
            replace(sample, point=tuple(point.tolist()), configuration=space.decode(point))
            for sample, point in zip(drawn, new, strict=True)
        ]
        values = trained(history, part, samples, train)
        history.done[part.name] = Done(part, samples, values, [])
        known = np.vstack([known, new])
        scores = np.append(scores, history.scores(part.name))
    return history


def uniform(space: Space, count: int, rng: np.random.Generator) -> np.ndarray:
    """Uniform points of a space."""
    return Region.whole(space).draw(rng, count)
