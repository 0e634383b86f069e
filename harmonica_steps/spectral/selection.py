"""Proposals: which sets of variables may explain the scores; significance.py says whether they do.

Compared in benchmarks/recovery.py: the beam finds more true sets than the Lasso from few samples,
and the same from many.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import log

import numpy as np

from harmonica_steps.spectral.lasso import ProductLasso
from harmonica_steps.spectral.leaders import Members, leading_sets
from harmonica_steps.spectral.products import Products, count_products
from harmonica_steps.spectral.regression import Regression

WIDEST = 8
"""Models that the beam follows at a time."""
STARTS = 24
"""Beams that start from different sets if the first beam leads nowhere."""
EFFORT = 4e9
"""Multiplications of a beam step, after which it gets narrower."""
LEADERS = 20
"""Sets of each size that a scan proposes to a model."""


def penalty(products: int, samples: int) -> float:
    """The Lasso penalty for a target of mean square 1, in scikit-learn's convention.

    Half the universal threshold, ``sqrt(log N / (2 T))``: on the scale of the theory, and low
    enough that strong terms, which are part of the target's variance, do not hide each other.
    """
    return float(np.sqrt(log(max(products, 2)) / (2 * samples)))


def lasso(regression: Regression, degree: int, sparsity: int) -> list[Members]:
    """The paper's rule (arXiv 1706.00764, algorithm 1): the largest coefficients of the Lasso.

    Zeros never count. Coefficients of one set of variables count together.
    """
    basis = regression.basis
    products = count_products(np.diff(basis.starts), degree)
    model = ProductLasso(regression.features, basis.starts, regression.target, degree)
    solution = model.solve(penalty(products, regression.samples))
    power: dict[Members, float] = defaultdict(float)
    for product, coefficient in solution.coefficients.items():
        power[tuple(int(basis.variable[row]) for row in product)] += coefficient**2
    chosen: list[Members] = []
    room = regression.samples // 2
    for members in sorted(power, key=lambda members: (-power[members], members)):
        if len(chosen) < sparsity and basis.width(members) <= room:
            chosen.append(members)
            room -= basis.width(members)
    return chosen


@dataclass(frozen=True)
class _Model:
    """A least-squares fit."""

    sets: tuple[Members, ...]
    space: np.ndarray
    """Orthonormal rows that span its columns."""
    residual: np.ndarray
    cost: float


def beam(regression: Regression, degree: int, sparsity: int, widest: int = WIDEST) -> list[Members]:
    """Grow several models at once by the sets that improve them most, then exchange single sets.

    Orthogonal matching pursuit on whole sets, except that the best few models survive each step:
    with few samples the first choice is often wrong, and only shows to be when others are made. The
    cost of a model is half its deviance, and for each set half the logarithm of the number of
    samples a column (BIC) and half the logarithm of the number of sets of its size.

    Parameters
    ----------
    regression
        The scores.
    degree
        Largest size of a set.
    sparsity
        Number of sets.
    widest
        Models that are followed at a time; fewer where a scan takes long. With 1 this is orthogonal
        matching pursuit with exchanges.

    Returns
    -------
    list
        Fewer sets where the columns would outnumber half the samples.
    """
    search = _Beam(regression, degree, widest)
    return search.best([[search.model(())]], sparsity, search.width)


def restarted_beam(regression: Regression, degree: int, sparsity: int) -> list[Members]:
    """A narrow `beam` from each of the sets that lead on their own; the best of all.

    For the case that the beam has lost the trail at its first steps. Several times its cost.
    """
    search = _Beam(regression, degree, STARTS)
    leading = search.additions([search.model(())])[0][: search.width]
    starts = [[search.model((members,))] for _, members in leading]
    return search.best(starts, sparsity - 1, 2) if starts else []


class _Beam:
    def __init__(self, regression: Regression, degree: int, widest: int) -> None:
        self.regression, self.degree = regression, degree
        self.products = Products(regression.features, regression.basis.starts, degree)
        count = count_products(np.diff(regression.basis.starts), degree)
        self.price = lru_cache(maxsize=None)(self._price)
        self.width = max(1, min(widest, int(EFFORT / (count * regression.samples))))

    def best(self, beams: list[list[_Model]], steps: int, width: int) -> list[Members]:
        """The sets of the best model, after some beams have grown in parallel."""
        for _ in range(steps):
            additions = iter(self.additions([model for models in beams for model in models]))
            beams = [self.grown(models, additions, width) for models in beams]
        model = min((models[0] for models in beams), key=lambda model: model.cost)
        return list(self.exchanged(model).sets)

    def grown(
        self,
        models: list[_Model],
        additions: Iterator[list[tuple[float, Members]]],
        width: int,
    ) -> list[_Model]:
        """The best models with one more set, best first; the same if there is no room."""
        children: dict[frozenset[Members], tuple[float, tuple[Members, ...]]] = {}
        for model in models:
            for cost, members in next(additions)[: 2 * width]:
                grown = (*model.sets, members)
                children.setdefault(frozenset(grown), (cost, grown))
        best = sorted(children.values())[:width]
        return [self.model(sets) for _, sets in best] or models

    def exchanged(self, model: _Model) -> _Model:
        """Replace one set by another as long as that helps."""
        while True:
            best = model
            rests = [
                self.model(tuple(other for other in model.sets if other != members))
                for members in model.sets
            ]
            for rest, additions in zip(rests, self.additions(rests), strict=True):
                for _, other in additions[:1]:
                    # By its own cost: the predicted one has the rounding errors of a difference.
                    best = min(best, self.model((*rest.sets, other)), key=lambda m: m.cost)
            if best.cost > model.cost - 1e-9:
                return model
            model = best

    def model(self, sets: tuple[Members, ...]) -> _Model:
        space = self.regression.orthonormal(sets)
        target = self.regression.target
        residual = target - (space @ target) @ space
        deviance = float(self.half_deviance(residual @ residual))
        return _Model(sets, space, residual, deviance + sum(map(self.price, sets)))

    def additions(self, models: list[_Model]) -> list[list[tuple[float, Members]]]:
        """For each model what leads on its residual, with the cost that it would have, best first.

        All models are scanned together.
        """
        if not models:
            return []
        residuals = np.stack([model.residual for model in models])
        leading = leading_sets(self.products, residuals, LEADERS)
        return [self.rated(*pair) for pair in zip(models, leading, strict=True)]

    def rated(self, model: _Model, leading: list[np.ndarray]) -> list[tuple[float, Members]]:
        """The cost that a model would have with each of some sets."""
        power = float(model.residual @ model.residual)
        paid = sum(map(self.price, model.sets))
        found: list[tuple[float, Members]] = []
        for sets in leading:
            widths = self.regression.basis.counts[sets].prod(axis=1)
            for width in np.unique(widths).tolist():
                if len(model.space) + width <= self.regression.samples // 2:
                    group = sets[widths == width]
                    members = [tuple(row) for row in group.tolist()]
                    deviance = self.half_deviance(power - self.gains(model, group, members))
                    costs = paid + deviance + self.price(members[0])
                    found += zip(costs.tolist(), members, strict=True)
        return sorted(pair for pair in found if pair[1] not in model.sets)

    def gains(self, model: _Model, group: np.ndarray, members: list[Members]) -> np.ndarray:
        """How much of the residual's power each of some sets of the same width explains."""
        # Columns that the model has already leave only rounding errors: this outweighs them.
        least = 1e-12 * self.regression.samples
        if self.regression.basis.width(members[0]) == 1:
            columns = self.regression.features[self.products.starts[group]].prod(axis=1)
            known = columns @ model.space.T
            power = np.square(columns).sum(axis=1) - np.square(known).sum(axis=1)
            return np.asarray((columns @ model.residual) ** 2 / np.maximum(power, least))
        blocks = np.stack([self.regression.columns(each) for each in members])
        known, inner = blocks @ model.space.T, blocks @ model.residual
        gram = blocks @ blocks.transpose(0, 2, 1) - known @ known.transpose(0, 2, 1)
        gram += least * np.eye(inner.shape[1])
        return np.asarray((inner * np.linalg.solve(gram, inner[:, :, None])[:, :, 0]).sum(axis=1))

    def _price(self, members: Members) -> float:
        columns = self.regression.basis.width(members)
        return (columns * log(self.regression.samples) + self.regression.alternatives(members)) / 2

    def half_deviance(self, power: np.ndarray) -> np.ndarray:
        samples = self.regression.samples
        return np.asarray(samples / 2 * np.log(np.maximum(power / samples, 1e-12)))


Selection = Callable[[Regression, int, int], list[Members]]
"""Proposes sets; takes the scores, the degree and the sparsity."""

SELECTIONS: dict[str, tuple[Selection, ...]] = {
    "beam": (beam, restarted_beam),
    "lasso": (lasso,),
}
"""Selections by their name in the config file, tried in order until something beats chance."""
