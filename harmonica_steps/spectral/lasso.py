"""The Lasso over all products, solved on a working set that grows until nothing is left to add.

The idea of celer and skglm (Massias, Gramfort, Salmon 2018; Bertrand et al. 2022), except that the
columns outside the working set are never stored: they are scanned.
"""

import warnings
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from harmonica_steps.spectral.leaders import Leading, leading_products, rounding_error
from harmonica_steps.spectral.products import Product, Products

MOST_ROUNDS = 100
REACHED = 1 - 1e-6
"""Factor of the penalty beyond which a scan looks at a product."""
VIOLATED = 1 + 1e-8
"""Factor of the penalty beyond which a product enters the pool. Less is rounding error."""
SOLVED = 1 + 1e-9
"""Factor of the penalty that no product of the pool exceeds at a solution."""
TOLERANCES = (1e-4, 1e-7, 1e-10, 1e-13)
"""Tolerances of the coordinate descent, each tried if the signs at the one before were wrong."""
SINGULAR = 1e-7
"""Columns depend on each other if the diagonal of their Cholesky factor spans more than this."""
SHARE = 0.01
"""Single precision is good enough if its error is below this share of the penalty."""


@dataclass(frozen=True)
class Solution:
    """A minimiser of ``||y - c - Z a||^2 / (2 T) + alpha ||a||_1`` over all products Z."""

    coefficients: dict[Product, float]
    """Coefficients that are not zero."""
    gap: float
    """Duality gap over all products: no minimiser is better by more than this."""
    rounds: int
    """How many times all products were scanned."""


class ProductLasso:
    """The Lasso over all products of a design, for one target.

    Parameters
    ----------
    features, starts, degree
        See `Products`.
    target : ndarray of shape (samples,)
    weights : ndarray of shape (samples,), optional
        Of the samples, not negative, with mean 1.
    """

    def __init__(
        self,
        features: np.ndarray,
        starts: np.ndarray,
        target: np.ndarray,
        degree: int,
        weights: np.ndarray | None = None,
    ) -> None:
        self.samples = len(target)
        self.weights = np.ones(self.samples) if weights is None else weights
        self.root = np.sqrt(self.weights)
        centred = (target - np.average(target, weights=self.weights)) * self.root
        # All is computed for a target of mean square 1, far from what single precision can hold.
        size = float(np.abs(centred).max()) or 1.0
        self.unit = size * (float(np.sqrt(np.mean((centred / size) ** 2))) or 1.0)
        self.target = centred / self.unit
        self.single = Products(features, starts, degree)
        self.pool: list[Product] = []
        """Products that some residual has correlated with, in the order in which they were met."""
        self.design = np.empty((0, self.samples))
        """Their columns, centred and weighted."""
        self.working: list[int] = []
        """Indices of the products of the pool that may have a coefficient."""

    def solve(self, alpha: float) -> Solution:
        """The solution at a penalty in scikit-learn's convention.

        Lambda of arXiv 1706.00764 is ``2 T alpha``.
        """
        return self.path(np.array([alpha]))[0]

    def path(self, alphas: np.ndarray) -> list[Solution]:
        """The solutions at decreasing penalties, each started from the one before.

        The residuals of all penalties are scanned together.
        """
        limits = self.samples * (alphas / self.unit)
        rounds = 0
        while True:
            rounds += 1
            fits = self._fit_pool(limits)
            leading = self._leading(np.stack([residual for _, residual in fits]), limits)
            fresh = self._violating(leading, limits)
            if not fresh or rounds == MOST_ROUNDS:
                return [
                    self._solution(*fit, limit, scores.max(initial=limit), rounds)
                    for fit, limit, (_, scores) in zip(fits, limits, leading, strict=True)
                ]
            self.pool += fresh
            self.design = np.concatenate([self.design, self._centred(fresh)])

    def _leading(self, residuals: np.ndarray, limits: np.ndarray) -> list[Leading]:
        """The products that correlate most with each residual, and how much."""
        most = max(300, self.samples) + len(self.working)
        products = self._products(residuals, limits)
        return leading_products(products, residuals * self.root, most, limits * REACHED)

    def _violating(self, leading: list[Leading], limits: np.ndarray) -> list[Product]:
        """Products beyond their penalty that are not in the pool, in the order they are met."""
        met = dict.fromkeys(
            product
            for (found, scores), limit in zip(leading, limits, strict=True)
            for product, score in zip(found, scores, strict=True)
            if score > limit * VIOLATED
        )
        known = set(self.pool)
        return [product for product in met if product not in known]

    def _solution(
        self,
        coefficients: np.ndarray,
        residual: np.ndarray,
        limit: float,
        largest: float,
        rounds: int,
    ) -> Solution:
        # The residual, shrunk until no product exceeds the penalty, is feasible for the dual.
        shrink = limit / largest
        power = (1 + shrink**2) * (residual @ residual) / 2 - shrink * (self.target @ residual)
        gap = (float(power) + limit * float(np.abs(coefficients).sum())) / self.samples
        gap *= self.unit * self.unit
        named = zip(self.working, coefficients * self.unit, strict=False)
        return Solution({self.pool[i]: float(c) for i, c in named if c != 0.0}, gap, rounds)

    def _products(self, residuals: np.ndarray, limits: np.ndarray) -> Products:
        """The products in a precision that is good enough."""
        error = rounding_error(self.single, residuals * self.root)
        return self.single if (error <= SHARE * limits).all() else self._double

    @cached_property
    def _double(self) -> Products:
        single = self.single
        return Products(single.features, single.starts, single.degree, np.float64)

    def _centred(self, products: list[Product]) -> np.ndarray:
        columns = self.single.columns(products)
        mean = np.average(columns, axis=1, weights=self.weights)
        return (columns - mean[:, None]) * self.root

    def _fit_pool(self, limits: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """Solve on the pool by growing the working set; coefficients and residuals."""
        fits = []
        start = np.zeros(len(self.working))
        for limit in limits:
            fits.append(self._fit_limit(limit, start))
            start, _ = fits[-1]
        return fits

    def _fit_limit(self, limit: float, start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        while True:
            coefficients, residual = self._fit_working(limit, start)
            scores = np.abs(self.design @ residual)
            scores[self.working] = 0.0
            violating = np.flatnonzero(scores > limit * SOLVED)
            if not len(violating):
                return coefficients, residual
            room = max(100, len(self.working))
            best = violating[np.argsort(-scores[violating], kind="stable")[:room]]
            self.working += best.tolist()
            start = np.append(coefficients, np.zeros(len(best)))

    def _fit_working(self, limit: float, start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Coordinate descent until its signs are right, then the exact solution for them."""
        # Takes a second, which steps that only draw or collect do not have.
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import enet_path

        coefficients = start
        design = self.design[self.working].T
        for tolerance in TOLERANCES if self.working else ():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                _, path, _ = enet_path(
                    design,
                    self.target,
                    l1_ratio=1.0,
                    alphas=[limit / self.samples],
                    coef_init=coefficients.copy(),  # is written to
                    tol=tolerance,
                    max_iter=100_000,
                )
            coefficients = path[:, 0]
            exact = _exact(design, self.target, coefficients, limit)
            if exact is not None:
                coefficients = exact
                break
        return coefficients, self.target - design @ coefficients


def _exact(
    design: np.ndarray, target: np.ndarray, start: np.ndarray, limit: float
) -> np.ndarray | None:
    """The solution with the signs of `start`, less those that change on the way to it.

    None where the signs are wrong, or several solutions have them.
    """
    coefficients = start.copy()
    while (support := np.flatnonzero(coefficients)).size:
        part, signs = design[:, support], np.sign(coefficients[support])
        gram = part.T @ part
        try:
            factor = np.linalg.cholesky(gram)
        except np.linalg.LinAlgError:
            return None
        if np.diag(factor).min() <= SINGULAR * np.diag(factor).max():
            return None
        aim = np.linalg.solve(gram, part.T @ target - limit * signs)
        current = coefficients[support]
        turning = aim * signs <= 0
        if not turning.any():
            coefficients[support] = aim
            break
        steps = current[turning] / (current[turning] - aim[turning])
        coefficients[support] = current + steps.min() * (aim - current)
        coefficients[support[turning][steps == steps.min()]] = 0.0
    scores = np.abs(design.T @ (target - design @ coefficients))
    return coefficients if scores.max(initial=0.0) <= limit * SOLVED else None
