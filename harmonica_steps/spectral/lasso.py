"""The Lasso over all products, solved on a working set that grows until nothing is left to add."""

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Lasso

from harmonica_steps.spectral.products import Product, leaders

MOST_ROUNDS = 50


def product_lasso(
    features: np.ndarray,
    starts: np.ndarray,
    variable: np.ndarray,
    target: np.ndarray,
    degree: int,
    alpha: float,
) -> dict[Product, float]:
    """Minimise ``||y - c - Z a||^2 / (2 T) + alpha ||a||_1`` over all products Z.

    Every column of the full design is checked against the optimality condition
    ``|<z, residual>| <= T alpha`` before the result is returned, although only the working set is
    ever materialised.

    Parameters
    ----------
    features, starts, variable
        See `leaders`.
    target : ndarray of shape (samples,)
    degree
        Largest number of functions in a product.
    alpha
        The penalty in scikit-learn's convention; lambda of the paper is ``2 T alpha``.

    Returns
    -------
    dict
        The nonzero coefficients.
    """
    samples = len(target)
    centred = target - target.mean()
    working: list[Product] = []
    known: set[Product] = set()
    coefficients = np.empty(0)
    residual = centred
    for _ in range(MOST_ROUNDS):
        most = max(500, 3 * samples) + len(working)
        # A hair above the penalty: a column that sits on it exactly is at its optimum.
        found, _ = leaders(
            features, starts, variable, residual, degree, most, above=samples * alpha * (1 + 1e-6)
        )
        fresh = [product for product in found if product not in known]
        if not fresh:
            break
        working += fresh
        known.update(fresh)
        design = np.stack([features[list(product)].prod(axis=0) for product in working], axis=1)
        model = Lasso(alpha=alpha, tol=1e-8, max_iter=100_000)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(design, centred)
        coefficients = model.coef_
        residual = centred - design @ coefficients
        residual -= residual.mean()
    return {
        product: float(value)
        for product, value in zip(working, coefficients, strict=True)
        if value != 0.0
    }
