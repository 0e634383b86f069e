"""Least squares on the columns of whole sets of variables, and the evidence for each set."""

from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import pairwise
from math import log

import numpy as np
from scipy.special import fdtrc

from harmonica_steps.spectral.basis import Basis
from harmonica_steps.spectral.leaders import Members
from harmonica_steps.spectral.products import count_sets


@dataclass(frozen=True)
class LeastSquares:
    """The fit of a constant and some sets."""

    intercept: float
    blocks: list[np.ndarray]
    """The coefficients of each set."""
    errors: list[float]
    """Standard error of the norm of each block, to first order."""
    rss: float
    """Residual sum of squares."""
    freedom: int
    """Samples less coefficients."""


class Regression:
    """Scores to be explained by sets of variables.

    Parameters
    ----------
    basis
        The functions of the variables.
    levels : ndarray of int, shape (samples, variables)
    target : ndarray of shape (samples,)
        Of mean 0 and mean square 1.
    """

    def __init__(self, basis: Basis, levels: np.ndarray, target: np.ndarray) -> None:
        self.basis, self.levels, self.target = basis, levels, target
        self.features = basis.evaluate(levels)
        self.samples = len(target)
        self.floor = 1e-20 * self.samples
        """A residual sum of squares below this is a perfect fit."""
        # The same sets are met again and again.
        self.columns = lru_cache(maxsize=4096)(partial(basis.set_columns, self.features))
        """Columns of a set, shape ``(products, samples)``."""
        self.rss = lru_cache(maxsize=4096)(self._residual_power)
        """Residual sum of squares of a tuple of sets."""

    def with_target(self, target: np.ndarray) -> "Regression":
        """Other scores of the same samples."""
        return Regression(self.basis, self.levels, target)

    def without(self, sets: list[Members]) -> "Regression":
        """The residual of the scores after some sets have been fitted, at mean square 1."""
        space = self.orthonormal(tuple(sets))
        rest = self.target - (space @ self.target) @ space
        return self.with_target(rest / (float(np.sqrt((rest**2).mean())) or 1.0))

    def orthonormal(self, sets: tuple[Members, ...]) -> np.ndarray:
        """Orthonormal rows that span the constant and the columns of the sets."""
        return np.linalg.qr(self._design(sets))[0].T

    def solve(self, sets: list[Members]) -> LeastSquares:
        """Fit the sets together."""
        design = self._design(tuple(sets))
        solution = np.linalg.lstsq(design, self.target, rcond=None)[0]
        residual = self.target - design @ solution
        rss, freedom = float(residual @ residual), self.samples - design.shape[1]
        covariance = np.linalg.pinv(design.T @ design) * rss / max(freedom, 1)
        ends = np.cumsum([1, *(self.basis.width(members) for members in sets)])
        blocks, errors = [], []
        for start, stop in pairwise(ends):
            block = solution[start:stop]
            direction = block / (float(np.linalg.norm(block)) or 1.0)
            variance = direction @ covariance[start:stop, start:stop] @ direction
            blocks.append(block)
            errors.append(float(np.sqrt(max(variance, 0.0))))
        return LeastSquares(float(solution[0]), blocks, errors, rss, freedom)

    def shares(self, sets: list[Members]) -> list[float]:
        """What each set contributes to R2 in a joint fit.

        The squared CAR scores of its columns (Zuber and Strimmer 2011): correlations with the
        target after the columns have been made orthogonal with the least change to all of them. No
        set comes first, no share is negative, and together they are R2.
        """
        columns = self._design(tuple(sets))[:, 1:]
        columns = columns - columns.mean(axis=0)
        left, values, right = np.linalg.svd(columns / np.linalg.norm(columns, axis=0).clip(1e-300))
        known = values > 1e-10 * values.max(initial=0.0)
        along = left[:, : len(values)][:, known].T @ self.target
        scores = (along @ right[: len(values)][known]) ** 2 / self.samples
        ends = np.cumsum([self.basis.width(members) for members in sets])[:-1]
        return [float(part.sum()) for part in np.split(scores, ends)] if sets else []

    def log_p(self, smaller: list[Members], larger: list[Members]) -> float:
        """Logarithm of the p-value of the F test of `larger` against its part `smaller`."""
        few = sum(self.basis.width(members) for members in smaller)
        many = sum(self.basis.width(members) for members in larger)
        freedom = self.samples - 1 - many
        if freedom < 1 or many == few:
            return 0.0
        rss_small, rss_large = self.rss(tuple(smaller)), self.rss(tuple(larger))
        if rss_small <= self.floor:
            return 0.0  # nothing is left to explain
        if rss_large <= self.floor:
            return -np.inf
        statistic = (rss_small - rss_large) / (many - few) / (rss_large / freedom)
        with np.errstate(divide="ignore"):
            return float(np.log(fdtrc(many - few, freedom, max(statistic, 0.0))))

    def drop_log_p(self, sets: list[Members], members: Members) -> float:
        """Log p-value of one of the sets given the others, corrected for all sets of its size."""
        others = [other for other in sets if other != members]
        return min(self.log_p(others, sets) + self.alternatives(members), 0.0)

    def alternatives(self, members: Members) -> float:
        """Logarithm of the number of sets of the same size."""
        return log(count_sets(len(self.basis.sizes), len(members)))

    def _design(self, sets: tuple[Members, ...]) -> np.ndarray:
        columns = [np.ones((1, self.samples))]
        columns += [self.columns(members) for members in sets]
        return np.concatenate(columns).T

    def _residual_power(self, sets: tuple[Members, ...]) -> float:
        space = self.orthonormal(sets)
        residual = self.target - (space @ self.target) @ space
        return float(residual @ residual)
