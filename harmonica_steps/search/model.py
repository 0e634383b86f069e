"""The effects of all parameters, large or small, estimated from trainings."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from harmonica_steps.search.samples import Samples, pooled
from harmonica_steps.search.transforms import normal_scores
from harmonica_steps.space import Region, Space
from harmonica_steps.spectral import Basis, Posterior, minimisers, recover
from harmonica_steps.spectral.basis import contrasts
from harmonica_steps.spectral.minimise import Table
from harmonica_steps.spectral.recovery import FEWEST

CELLS = 8
"""Cells of the interval of a number, for pairs."""
FINE = 128
"""Steps of the interval, for its own effect."""
STRESS = 0.5
"""How much more a better training weighs: its weight is ``exp(-STRESS * score)``."""
OUTSIDE = 0.8
"""Factor of the weight of a sample for each number that is outside its interval."""
MEMORY = 2
"""Rounds whose samples count for pairs wherever they are; older ones only inside the intervals."""
SPARSITY = 5
"""Sparsity of the recovery that proposes pairs."""
PAIRS = 3.0
"""How much wider the prior of a pair's effect is than that of a parameter's."""
TAIL = 0.05
"""Share of the guided samples beyond each end of the next interval."""
NARROWEST = 1e-3
"""Width of the smallest interval, as a share of the range."""

_STEPS = np.linspace(-1.0, 1.0, FINE + 1)
CURVES = np.array([np.sqrt(3.0) * _STEPS, np.sqrt(1.25) * (3.0 * _STEPS**2 - 1.0)])
"""Functions of an interval: its slope and its curvature (Legendre polynomials)."""
MIDDLES = (np.arange(CELLS) * 2 + 1) * FINE // (2 * CELLS)
"""The step in the middle of each cell."""


class Model:
    """A Gaussian posterior of the main effects of all parameters, and of the pairs that stand out.

    Numbers are described inside intervals that follow the guided samples. Scores are normal scores
    of ranks: no increasing function of the metric changes anything. Uniform samples and guided
    ones, of each round, have means of their own: guided samples have much in common, so what
    distinguishes them from uniform ones says little about any single parameter.

    Parameters
    ----------
    space
        The search space.
    rounds
        Trainings of the same kind with finite scores, round by round, the earliest first.
    """

    def __init__(self, space: Space, rounds: Sequence[Samples]) -> None:
        self._space = space
        self.region = intervals(space, rounds)
        everything = pooled(rounds)
        self._points = everything.points
        age = np.repeat(np.arange(len(rounds))[::-1], [len(found.scores) for found in rounds])
        scores = normal_scores(everything.scores)
        self._groups = 2 * age + everything.uniform
        outside = (~self.region.contains(self._points) & space.numeric).sum(axis=1)
        self._near = (outside == 0) | (age < MEMORY)
        weights = np.exp(-STRESS * scores) * OUTSIDE**outside
        self._weights = weights * (len(weights) / weights.sum())
        self._scores = self._centred(scores[None])[0]

    @cached_property
    def pairs(self) -> list[tuple[int, int]]:
        """Pairs of parameters whose joint effect stands out among the samples nearby."""
        levels = self.region.levels(self._points[self._near], CELLS)
        varying = [j for j, column in enumerate(levels.T) if (column != column[0]).any()]
        scores = self._scores[self._near]
        if len(varying) < 2 or len(scores) < FEWEST:
            return []
        sizes = self.region.sizes(CELLS)
        ordered = [parameter.ordered for parameter in self._space.parameters.values()]
        basis = Basis([sizes[j] for j in varying], [ordered[j] for j in varying])
        sparsity = min(SPARSITY, len(scores) // 2)
        found = recover(basis, levels[:, varying], scores, 2, sparsity, thorough=False)
        members = (term.members for term in found.terms if len(term.members) == 2)
        return [(varying[one], varying[other]) for one, other in members]

    @cached_property
    def effects(self) -> Posterior:
        """What is known of all effects."""
        single = self._columns()
        pairs = [PAIRS * _products(single[one], single[other]) for one, other in self.pairs]
        columns = np.concatenate([*single, *pairs, *self._beyond()])
        return Posterior(self._centred(columns).T, self._scores, self._weights)

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """The best point under effects that are drawn from what is known of them.

        Their distance from what is expected is drawn as well: some samples make use of what is
        known, others find out more.
        """
        single, pairs = self._drawn(rng)
        effects = [b @ functions for b, functions in zip(single, self._functions, strict=True)]
        choice = np.array([int(np.argmin(effect)) for effect in effects])
        numeric = self._space.numeric
        if pairs:
            middles = [MIDDLES if n else slice(None) for n in numeric]
            paired = sorted({j for pair in self.pairs for j in pair})
            tables: list[Table] = [((j,), effects[j][middles[j]]) for j in paired]
            for (one, other), block in zip(self.pairs, pairs, strict=True):
                f, g = self._functions[one], self._functions[other]
                both = f[:, middles[one]].T @ block.reshape(len(f), len(g)) @ g[:, middles[other]]
                tables.append(((one, other), both))
            ((best, _),) = minimisers(tables, self.region.sizes(CELLS).tolist(), 1)
            for j in paired:
                within = rng.integers(FINE // CELLS) - FINE // (2 * CELLS)
                choice[j] = MIDDLES[best[j]] + within if numeric[j] else best[j]
        steps = choice + rng.random(len(choice)) - 0.5
        width = self.region.high - self.region.low
        inside = self.region.low + np.clip(steps / FINE, 0.0, 1.0) * width
        return np.asarray(np.where(numeric, inside, choice))

    def _centred(self, rows: np.ndarray) -> np.ndarray:
        """Rows of numbers of the samples, less the weighted mean of each group."""
        found = rows.astype(float)
        for group in np.unique(self._groups):
            own = self._groups == group
            found[:, own] -= np.average(found[:, own], axis=1, weights=self._weights[own])[:, None]
        return found

    @cached_property
    def _functions(self) -> list[np.ndarray]:
        """The functions of every parameter, at each value of its list or step of its interval."""
        described = zip(self._space.parameters.values(), self._space.sizes.tolist(), strict=True)
        return [CURVES if p.numeric else contrasts(size, p.ordered) for p, size in described]

    def _columns(self) -> list[np.ndarray]:
        """The functions of every parameter at the samples; 0 outside its interval."""
        width = self.region.high - self.region.low
        steps = np.round(np.clip((self._points - self.region.low) / width, 0.0, 1.0) * FINE)
        at = np.where(self._space.numeric, steps, self._points).astype(int)
        inside = self.region.contains(self._points) | ~self._space.numeric
        return [f[:, at[:, j]] * inside[:, j] for j, f in enumerate(self._functions)]

    def _beyond(self) -> list[np.ndarray]:
        """For every number, which samples are below its interval, and which above."""
        below = self._points < self.region.low
        above = self._points > self.region.high
        sides = np.stack([below, above], axis=1)[:, :, self._space.numeric]
        return [side.T for side in sides.transpose(1, 0, 2) if side.any()]

    def _drawn(self, rng: np.random.Generator) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Drawn coefficients of each parameter, and of each pair."""
        expected = self.effects.mean
        widths = [len(functions) for functions in self._functions]
        numbers = np.zeros(len(expected), dtype=bool)
        numbers[: sum(widths)] = np.repeat(self._space.numeric, widths)
        doubt = np.where(numbers, 1.0, rng.random())
        drawn = expected + doubt * (self.effects.draw(rng) - expected)
        joint = [widths[one] * widths[other] for one, other in self.pairs]
        blocks = np.split(drawn, np.cumsum([*widths, *joint]))[:-1]
        return blocks[: len(widths)], [PAIRS * block for block in blocks[len(widths) :]]


def _products(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The products of every row of one with every row of the other, whose rows change fastest."""
    return np.asarray((one[:, None] * other[None]).reshape(-1, one.shape[1]))


def intervals(space: Space, rounds: Sequence[Samples]) -> Region:
    """The intervals in which the numbers of guided samples are drawn.

    After each round an interval spans most of its guided samples, and one more cell on each side:
    so it shrinks, and moves, as these samples suggest.
    """
    whole = Region.whole(space)
    low, high = whole.low, whole.high
    for found in rounds:
        guided = found.points[found.guided]
        if len(guided) < FEWEST:
            continue
        margin = (high - low) / CELLS
        start, stop = np.quantile(guided, [TAIL, 1 - TAIL], axis=0)
        start, stop = np.maximum(start - margin, 0.0), np.minimum(stop + margin, 1.0)
        middle, half = (start + stop) / 2, np.maximum((stop - start) / 2, NARROWEST / 2)
        # To a grid: the last bits of sums may differ between processors.
        start, stop = (np.round(end * 2**20) / 2**20 for end in (middle - half, middle + half))
        low = np.where(space.numeric, np.maximum(start, 0.0), low)
        high = np.where(space.numeric, np.minimum(stop, 1.0), high)
    return Region(space, low, high)
