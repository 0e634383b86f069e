"""A sparse, hierarchical function of 60 binary parameters whose true structure is known.

The synthetic experiment of "Hyperparameter Optimization: A Spectral Approach" (Hazan, Klivans, Yuan
2017). Five products of at most three parameters make up the first level; the signs of those five
terms decide which of 32 lists of five smaller terms comes next, and so on for three levels. The
draws are in the order of the published code, so `Synthetic(0)` is the function of the paper, and a
search can be checked against the terms that it should have found:

>>> print(Synthetic(0).negative_path[0][0])
-154.88 x14*x24*x38
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

VARIABLES = 60
DEGREE = 3
LEVELS = 3
TERMS = 5
BRANCHES = 2**TERMS
NOISE = 4.0


class Term(NamedTuple):
    """A weight times the product of one to three variables."""

    weight: float
    variables: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.weight:+.2f} " + "*".join(f"x{variable}" for variable in self.variables)


class Synthetic:
    """One synthetic function, without its noise.

    Parameters
    ----------
    function_seed
        Which function; 0 is the one of the paper.
    """

    def __init__(self, function_seed: int = 0) -> None:
        # By size, then in lexicographic order. A product of fewer variables is filled up with one
        # past the last, which is a constant 1.
        subsets = [
            subset + (VARIABLES,) * (DEGREE - size)
            for size in range(1, DEGREE + 1)
            for subset in itertools.combinations(range(VARIABLES), size)
        ]
        rng = np.random.RandomState(function_seed)  # the legacy generator, as published
        weights, products = [], []
        for level in range(LEVELS):
            for _ in range(BRANCHES**level * TERMS):
                size, sign = rng.rand() * 100 + 100, (-1) ** rng.randint(2)
                weights.append(size * sign / 4**level)
                products.append(subsets[rng.randint(len(subsets))])
        # A row of each table is one list of terms; the lists of a level follow each other.
        self._weights = np.array(weights).reshape(-1, TERMS)
        self._products = np.array(products).reshape(-1, TERMS, DEGREE)

    def value(self, x: ArrayLike) -> NDArray[np.float64]:
        """Evaluate the function.

        Parameters
        ----------
        x
            Points with entries -1 and 1, of shape (60,) or (m, 60).

        Returns
        -------
        ndarray
            One value a point, of shape () or (m,).
        """
        return self._follow(x)[0]

    def path(self, x: ArrayLike) -> list[list[Term]]:
        """Return the terms that add up to the value at one point, level by level."""
        value, rows = self._follow(x)
        if value.ndim:
            raise ValueError("a path belongs to one point, of shape (60,)")
        return [self._terms(row) for row in rows]

    @property
    def negative_path(self) -> list[list[Term]]:
        """The terms, level by level, of the path on which every term is negative.

        It minimises level by level: this is what a search that freezes stage after stage should
        find.
        """
        return [self._terms(self._first(level)) for level in range(LEVELS)]

    @property
    def path_bound(self) -> float:
        """The lowest value that the negative path allows; no noise is in it."""
        return -sum(abs(term.weight) for terms in self.negative_path for term in terms)

    @staticmethod
    def _first(level: int) -> int:
        """Return the row of the first list of a level."""
        return sum(BRANCHES**above for above in range(level))

    def _terms(self, row: int) -> list[Term]:
        return [
            Term(float(weight), tuple(int(v) for v in product if v < VARIABLES))
            for weight, product in zip(self._weights[row], self._products[row], strict=True)
        ]

    def _follow(self, x: ArrayLike) -> tuple[NDArray[np.float64], list[int]]:
        """Return the values, and the rows that the first point visits."""
        points = np.asarray(x)
        if points.ndim not in (1, 2) or points.shape[-1] != VARIABLES:
            raise ValueError(f"points have the shape (60,) or (m, 60), not {points.shape}")
        if not np.isin(points, (-1, 1)).all():
            raise ValueError("every entry of a point must be -1 or 1")
        shape = points.shape[:-1]
        points = np.pad(points.reshape(-1, VARIABLES), ((0, 0), (0, 1)), constant_values=1)

        total = np.zeros(len(points))
        branch = np.zeros(len(points), dtype=np.intp)
        rows = []
        for level in range(LEVELS):
            lists = self._first(level) + branch
            factors = points[np.arange(len(points))[:, None, None], self._products[lists]]
            terms = self._weights[lists] * factors.prod(axis=-1)
            total += terms.sum(axis=-1)
            # The signs are the digits of a binary number, the first term's is the highest.
            branch = branch * BRANCHES + (terms > 0) @ (1 << np.arange(TERMS)[::-1])
            rows += lists[:1].tolist()
        return total.reshape(shape), rows


@cache
def paper_function() -> Synthetic:
    """Return the function of the paper, built at the first call only: that takes 0.1 s."""
    return Synthetic(0)


def objective(configuration: Mapping[str, int], *, seed: int) -> float:
    """Evaluate the function of the paper with its noise, a uniform draw from 0 to 4.

    Parameters
    ----------
    configuration
        -1 or 1 for each of the parameters ``x0`` to ``x59``.
    seed
        The seed of the noise.

    Returns
    -------
    float
        The value to minimise.
    """
    x = [configuration[f"x{variable}"] for variable in range(VARIABLES)]
    return float(paper_function().value(x) + NOISE * np.random.default_rng(seed).random())
