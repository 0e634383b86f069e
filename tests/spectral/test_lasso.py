"""The Lasso on a growing working set, against scikit-learn's on the full design."""

import numpy as np
import pytest
from sklearn.linear_model import Lasso
from sklearn.preprocessing import PolynomialFeatures

from harmonica_steps.spectral.lasso import product_lasso


@pytest.mark.parametrize("alpha", [0.05, 0.3])
@pytest.mark.parametrize("degree", [1, 2, 3])
@pytest.mark.parametrize("kind", ["parities", "real numbers"])
def test_equals_the_lasso_on_all_products(kind: str, degree: int, alpha: float) -> None:
    rng = np.random.default_rng(10 * degree + int(100 * alpha))
    samples, variables = 60, 9
    X = rng.normal(size=(samples, variables))
    if kind == "parities":
        X = np.where(X > 0, 1.0, -1.0)
    y = 1.5 * X[:, 0] * X[:, 1] - X[:, 2] + X[:, 3:6].prod(axis=1) + rng.normal(size=samples) + 7

    expansion = PolynomialFeatures(degree, interaction_only=True, include_bias=False)
    design = expansion.fit_transform(X)
    model = Lasso(alpha=alpha, tol=1e-10, max_iter=1_000_000).fit(design, y)
    expected = {
        tuple(np.flatnonzero(powers)): coefficient
        for powers, coefficient in zip(expansion.powers_, model.coef_, strict=True)
        if coefficient != 0
    }

    rows = np.arange(variables)
    found = product_lasso(X.T, np.arange(variables + 1), rows, y, degree, alpha)
    assert len(expected) > 2
    # A coefficient of the solver's own tolerance may be there on one side only.
    for product in found.keys() | expected.keys():
        assert found.get(product, 0.0) == pytest.approx(expected.get(product, 0.0), abs=1e-4)


def test_a_penalty_above_every_correlation_leaves_nothing() -> None:
    rng = np.random.default_rng(0)
    X = rng.choice([-1.0, 1.0], size=(50, 6))
    y = X[:, 0] + 100
    assert product_lasso(X.T, np.arange(7), np.arange(6), y, 2, 2.0) == {}


def test_the_starting_set_may_be_far_too_small() -> None:
    """More products than the first round takes: 40 variables have 10700 of degree 3."""
    rng = np.random.default_rng(1)
    X = rng.choice([-1.0, 1.0], size=(100, 40))
    y = 5 * X[:, 0] + 0.7 * X[:, 10] * X[:, 20] * X[:, 30]
    found = product_lasso(X.T, np.arange(41), np.arange(40), y, 3, 0.1)
    design = np.stack([X[:, list(product)].prod(axis=1) for product in found], axis=1)
    residual = y - y.mean() - design @ list(found.values())
    residual -= residual.mean()
    full = PolynomialFeatures(3, interaction_only=True, include_bias=False).fit_transform(X)
    assert {(0,), (10, 20, 30)} <= found.keys()
    assert np.abs(full.T @ residual).max() <= 100 * 0.1 * (1 + 1e-4)
