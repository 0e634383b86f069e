"""The Lasso over all interactions, as a scikit-learn estimator."""

from numbers import Integral, Real
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, check_X_y, validate_data
from threadpoolctl import threadpool_limits

from harmonica_steps.spectral.lasso import ProductLasso
from harmonica_steps.spectral.products import Product, count_products


class InteractionLasso(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Lasso over all products of at most `degree` distinct columns, which are never materialised.

    The solution is that of
    ``PolynomialFeatures(degree, interaction_only=True, include_bias=False)`` followed by ``Lasso``,
    at a memory of the order of the data (for degrees up to 3; of ``n_features ** (degree - 2)``
    samples above): all products are scored by matrix products in blocks, those that violate the
    optimality conditions join a working set, until none does.

    Parameters
    ----------
    alpha
        The penalty, as in `sklearn.linear_model.Lasso`; larger than 0.
    degree
        Largest number of columns in a product.

    Attributes
    ----------
    terms_ : list of tuple of int
        Column indices of the products whose coefficients are not zero, by size, then in
        lexicographic order.
    coef_ : ndarray of shape (len(terms_),)
    intercept_ : float
    dual_gap_ : float
        Over all products: no coefficients have an objective that is smaller by more than this.
    n_iter_ : int
        How many times all products were scored.
    n_products_ : int
        Number of products.

    Examples
    --------
    >>> import numpy as np
    >>> from harmonica_steps.spectral import InteractionLasso
    >>> X = np.random.default_rng(0).choice([-1.0, 1.0], size=(100, 50))
    >>> y = 3 * X[:, 7] * X[:, 21] - 2 * X[:, 4]
    >>> InteractionLasso(alpha=0.5, degree=3).fit(X, y).terms_
    [(4,), (7, 21)]
    """

    terms_: list[Product]
    coef_: np.ndarray
    intercept_: float

    def __init__(self, alpha: float = 1.0, degree: int = 2) -> None:
        self.alpha = alpha
        self.degree = degree

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Fit the model.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,)
        sample_weight : float or array-like of shape (n_samples,), optional
            As in `sklearn.linear_model.Lasso`: only relative to each other.

        Returns
        -------
        InteractionLasso

        Raises
        ------
        ValueError
            Where scikit-learn's estimators raise it, and when `degree` exceeds the number of
            columns.
        """
        columns, target = validate_data(
            self, X, y, dtype=np.float64, y_numeric=True, ensure_min_samples=2
        )
        if not isinstance(self.alpha, Real) or not 0 < self.alpha < np.inf:
            raise ValueError(f"alpha == {self.alpha}, must be a finite number > 0.")
        _check_degree(self.degree, columns)
        weights = _weights(sample_weight, columns)
        with threadpool_limits(1, "blas"):
            lasso = ProductLasso(
                columns.T, np.arange(columns.shape[1] + 1), target, self.degree, weights
            )
            solution = lasso.solve(self.alpha)
        self.terms_ = sorted(solution.coefficients, key=_by_size)
        self.coef_ = np.array([solution.coefficients[term] for term in self.terms_])
        self.dual_gap_, self.n_iter_ = solution.gap, solution.rounds
        self.n_products_ = count_products(np.ones(columns.shape[1]), self.degree)
        self.intercept_ = float(np.average(target - self._polynomial(columns), weights=weights))
        return self

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Values of the polynomial.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,)
        """
        check_is_fitted(self)
        columns = validate_data(self, X, dtype=np.float64, reset=False)
        return np.asarray(self.intercept_ + self._polynomial(columns))

    def _polynomial(self, X: np.ndarray) -> np.ndarray:
        total = np.zeros(len(X))
        for term, coefficient in zip(self.terms_, self.coef_, strict=True):
            total += coefficient * X[:, term].prod(axis=1)
        return total


def interaction_lasso_path(
    X: ArrayLike, y: ArrayLike, alphas: ArrayLike, degree: int = 2
) -> tuple[np.ndarray, list[Product], np.ndarray, np.ndarray]:
    """Fit `InteractionLasso` for several penalties; each fit starts from the one before.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
    y : array-like of shape (n_samples,)
    alphas : array-like
        Larger than 0.
    degree
        Largest number of columns in a product.

    Returns
    -------
    alphas : ndarray of shape (n_alphas,)
        Decreasing.
    terms : list of tuple of int
        Products that have a coefficient for any penalty.
    coefs : ndarray of shape (len(terms), n_alphas)
    dual_gaps : ndarray of shape (n_alphas,)
    """
    decreasing = np.sort(np.atleast_1d(np.asarray(alphas, dtype=float)))[::-1]
    if not len(decreasing) or not ((decreasing > 0) & np.isfinite(decreasing)).all():
        raise ValueError(f"alphas must be larger than 0, got {alphas!r}")
    columns, target = check_X_y(X, y, dtype=np.float64, y_numeric=True, ensure_min_samples=2)
    _check_degree(degree, columns)
    with threadpool_limits(1, "blas"):
        lasso = ProductLasso(columns.T, np.arange(columns.shape[1] + 1), target, degree)
        solutions = lasso.path(decreasing)
    terms = sorted({term for s in solutions for term in s.coefficients}, key=_by_size)
    coefs = [[s.coefficients.get(term, 0.0) for s in solutions] for term in terms]
    return (
        decreasing,
        terms,
        np.array(coefs).reshape(len(terms), len(decreasing)),
        np.array([s.gap for s in solutions]),
    )


def _by_size(term: Product) -> tuple[int, Product]:
    return len(term), term


def _check_degree(degree: int, X: np.ndarray) -> None:
    if (
        isinstance(degree, bool)
        or not isinstance(degree, Integral)
        or not 1 <= degree <= X.shape[1]
    ):
        raise ValueError(
            f"degree == {degree}, must be a whole number from 1 to the number of columns, "
            f"n_features = {X.shape[1]}."
        )


def _weights(sample_weight: ArrayLike | None, X: np.ndarray) -> np.ndarray | None:
    if sample_weight is None:
        return None
    weights = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
    if not weights.any():
        raise ValueError("sample_weight is 0 for every sample, at least one must be positive.")
    return np.asarray(weights / weights.mean())
