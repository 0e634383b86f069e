"""Two plain evolutionary searches in rounds, which any method should be better than."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from inprocess import Done, History, Train, again, trained
from rows import Rows

from harmonica_steps.config import Search
from harmonica_steps.search.draw import Sample, draw
from harmonica_steps.search.plan import parts
from harmonica_steps.space import Space
from harmonica_steps.study.ask import seed_of_round

SELECTED = 20
"""How many of the whole search's trainings are parents: the best."""

CELLS = 8
"""Cells of a range whose frequencies UMDA counts; a value is uniform in its cell."""

Propose = Callable[[Rows, np.ndarray, int, np.random.Generator], np.ndarray]
"""From the rows that were trained, best first: so many new ones."""


def ga(rows: Rows, ranked: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Children of a genetic algorithm: uniform crossover, one parameter mutated on average."""
    best = ranked[:SELECTED]
    parents = np.array([rng.choice(len(best), 2, replace=False) for _ in range(count)])
    shape = (count, best.shape[1])
    children = np.where(rng.random(shape) < 0.5, best[parents[:, 0]], best[parents[:, 1]])
    return np.where(rng.random(shape) < 1 / shape[1], rows.uniform(count, rng), children)


def umda(rows: Rows, ranked: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Draws from the frequencies of each parameter's values among the best.

    No value's frequency falls to zero: a bit of n has at least 1/n, as usual for UMDA.
    """
    best = ranked[:SELECTED]
    columns = []
    for column, ranged, size in zip(best.T, rows.ranges, rows.sizes, strict=True):
        levels = CELLS if ranged else size
        chosen = (column * CELLS if ranged else column).astype(int)
        shares = np.bincount(chosen, minlength=levels) / len(best)
        shares = np.maximum(shares, 1 / len(rows.sizes) / (levels - 1))
        drawn = rng.choice(levels, count, p=shares / shares.sum())
        columns.append((drawn + rng.random(count)) / CELLS if ranged else drawn)
    return np.array(columns).T


EVOLUTION: dict[str, Propose] = {"ga": ga, "umda": umda}


def run_evolution(config: Search, propose: Propose, train: Train) -> History:
    """Train uniform rows in the first round, and what is proposed in the others."""
    history = History(config, Space(config.space))
    rows = Rows(history.space)
    known, scores = np.empty((0, len(rows.sizes))), np.empty(0)
    for number, part in enumerate(parts(config), start=1):
        drawn = list(draw(history.space, history.restriction, config.seed, number, part.trials))
        if part.origin == "retrain":
            samples = again(history, part, drawn)
            values = trained(history, part, samples, train)
            history.done[part.name] = Done(part, samples, values, [])
            continue
        rng = np.random.default_rng(seed_of_round(config.seed, number))
        ranked = known[np.argsort(scores, kind="stable")]  # failures last
        if len(ranked):
            new = propose(rows, ranked, part.trials, rng)
        else:
            new = rows.uniform(part.trials, rng)
        samples = [_sample(rows, *pair) for pair in zip(drawn, new, strict=True)]
        values = trained(history, part, samples, train)
        history.done[part.name] = Done(part, samples, values, [])
        known = np.vstack([known, new])
        scores = np.append(scores, history.scores(part.name))
    return history


def _sample(rows: Rows, drawn: Sample, row: np.ndarray) -> Sample:
    """The configuration of a row, with the seed of a drawn sample."""
    levels = np.where(rows.ranges, -1, row).astype(int)
    return replace(drawn, levels=tuple(levels.tolist()), configuration=rows.configuration(row))
