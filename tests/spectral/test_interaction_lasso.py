"""The Lasso over all interactions, against scikit-learn's on the materialised design."""

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Lasso
from sklearn.preprocessing import PolynomialFeatures
from sklearn.utils.estimator_checks import parametrize_with_checks

from harmonica_steps.spectral import InteractionLasso, interaction_lasso_path

Coefficients = dict[tuple[int, ...], float]


@parametrize_with_checks([InteractionLasso()])
def test_scikit_learns_own_checks(estimator: InteractionLasso, check) -> None:
    check(estimator)


def materialised(X: np.ndarray, y: np.ndarray, degree: int, alpha: float, weights=None) -> Lasso:
    expansion = PolynomialFeatures(degree, interaction_only=True, include_bias=False)
    model = Lasso(alpha=alpha, tol=1e-12, max_iter=1_000_000)
    model.fit(expansion.fit_transform(X), y, sample_weight=weights)
    model.terms = [tuple(int(i) for i in np.flatnonzero(row)) for row in expansion.powers_]
    return model


def is_unique(X: np.ndarray, y: np.ndarray, solution: Lasso, weights=None) -> bool:
    """Whether there is one solution: where what correlates most is independent (Tibshirani 2013).

    Products of a few parities in a few samples need not be.
    """
    w = np.ones(len(y)) if weights is None else weights
    columns = np.array([X[:, term].prod(axis=1) for term in solution.terms]).T
    columns = columns - np.average(columns, axis=0, weights=w)
    residual = y - np.average(y, weights=w) - columns @ solution.coef_
    correlations = np.abs(columns.T @ (w * residual)) / w.sum()
    equal = columns[:, correlations > (1 - 1e-6) * solution.alpha]
    return not equal.size or bool(np.linalg.matrix_rank(equal) == equal.shape[1])


def coefficients(model: InteractionLasso) -> Coefficients:
    return dict(zip(model.terms_, model.coef_, strict=True))


def problem(seed: int, samples: int, columns: int, kind: str) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(samples, columns))
    if kind == "parities":
        X = np.where(X > 0, 1.0, -1.0)
    if kind == "badly scaled":
        X = X * 10.0 ** rng.integers(-1, 2, size=columns) + rng.choice([0.0, 3.0], size=columns)
    y = 1.5 * X[:, 0] * X[:, 1] - X[:, 2] + X[:, :3].prod(axis=1) + rng.normal(size=samples) + 7
    return X, y


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10**6),
    st.integers(40, 90),
    st.integers(4, 9),
    st.integers(1, 3),
    st.sampled_from(["parities", "real numbers", "badly scaled"]),
    st.sampled_from([0.02, 0.1, 0.4]),
    st.booleans(),
)
@example(39, 41, 4, 3, "parities", 0.02, False)  # has several solutions
@pytest.mark.filterwarnings("ignore", category=ConvergenceWarning)
def test_equals_the_lasso_on_all_products(
    seed: int, samples: int, columns: int, degree: int, kind: str, relative: float, weighted: bool
) -> None:
    X, y = problem(seed, samples, columns, kind)
    weights = np.random.default_rng(seed).random(samples) + 0.1 if weighted else None
    alpha = relative * float(y.std())
    expected = materialised(X, y, degree, alpha, weights)
    assume(is_unique(X, y, expected, weights))
    model = InteractionLasso(alpha=alpha, degree=degree).fit(X, y, weights)
    found = coefficients(model)
    largest = max(np.abs(expected.coef_).max(), 1e-12)
    for term, value in zip(expected.terms, expected.coef_, strict=True):
        assert found.get(term, 0.0) == pytest.approx(value, rel=1e-6, abs=1e-6 * largest)
        if abs(value) > 1e-6 * largest:
            assert term in found
    assert model.intercept_ == pytest.approx(expected.intercept_, rel=1e-6, abs=1e-6 * largest)
    assert abs(model.dual_gap_) <= 1e-9 * y.var()
    assert model.n_products_ == len(expected.terms)


def test_every_degree_up_to_the_number_of_columns() -> None:
    X, y = problem(0, 60, 6, "parities")
    for degree in range(1, 7):
        expected = materialised(X, y, degree, 0.2)
        found = coefficients(InteractionLasso(alpha=0.2, degree=degree).fit(X, y))
        assert found == pytest.approx(
            {t: c for t, c in zip(expected.terms, expected.coef_, strict=True) if c}, rel=1e-6
        )


def test_the_starting_set_may_be_far_too_small() -> None:
    """More products than the first round takes: 40 variables have 10700 of degree 3."""
    rng = np.random.default_rng(1)
    X = rng.choice([-1.0, 1.0], size=(100, 40))
    y = 5 * X[:, 0] + 0.7 * X[:, 10] * X[:, 20] * X[:, 30]
    model = InteractionLasso(alpha=0.1, degree=3).fit(X, y)
    assert {(0,), (10, 20, 30)} <= set(model.terms_)
    full = PolynomialFeatures(3, interaction_only=True, include_bias=False).fit_transform(X)
    residual = y - model.predict(X)
    assert np.abs(full.T @ residual).max() <= 100 * 0.1 * (1 + 1e-7)


def test_the_path_is_that_of_single_fits() -> None:
    X, y = problem(3, 80, 8, "real numbers")
    alphas, terms, coefs, gaps = interaction_lasso_path(X, y, [0.05, 0.4, 0.1], degree=2)
    assert alphas.tolist() == [0.4, 0.1, 0.05]
    assert coefs.shape == (len(terms), 3)
    assert np.abs(gaps).max() < 1e-9
    for alpha, column in zip(alphas, coefs.T, strict=True):
        single = coefficients(InteractionLasso(alpha=alpha, degree=2).fit(X, y))
        nonzero = {t: c for t, c in zip(terms, column, strict=True) if c}
        assert nonzero == pytest.approx(single, rel=1e-6)


def test_a_penalty_above_every_correlation_leaves_the_mean() -> None:
    X, y = problem(0, 50, 6, "parities")
    model = InteractionLasso(alpha=1e3, degree=2).fit(X, y)
    assert model.terms_ == []
    np.testing.assert_allclose(model.predict(X), y.mean())


def test_constant_and_duplicate_columns_do_no_harm() -> None:
    X, y = problem(4, 60, 5, "parities")
    X = np.column_stack([X, X[:, 0], np.ones(60)])
    model = InteractionLasso(alpha=0.2, degree=2).fit(X, y)
    expected = materialised(X, y, 2, 0.2)
    design = PolynomialFeatures(2, interaction_only=True, include_bias=False).fit_transform(X)
    np.testing.assert_allclose(model.predict(X), expected.predict(design), atol=1e-6)
    assert abs(model.dual_gap_) < 1e-9


def test_a_constant_target_has_no_terms() -> None:
    X, _ = problem(0, 50, 6, "parities")
    model = InteractionLasso(alpha=0.1).fit(X, np.full(50, 3.0))
    assert (model.terms_, model.intercept_) == ([], 3.0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"alpha": 0}, "alpha == 0"),
        ({"alpha": -1.0}, "alpha == -1.0"),
        ({"alpha": np.inf}, "alpha == inf"),
        ({"degree": 0}, "degree == 0"),
        ({"degree": 2.0}, "degree == 2.0"),
        ({"degree": 7}, "degree == 7"),
    ],
)
def test_arguments_out_of_range_are_named(arguments: dict[str, float], message: str) -> None:
    X, y = problem(0, 50, 6, "parities")
    with pytest.raises(ValueError, match=message):
        InteractionLasso(**arguments).fit(X, y)


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_a_target_that_is_not_finite_is_refused(wrong: float) -> None:
    X, y = problem(0, 50, 6, "parities")
    y[3] = wrong
    with pytest.raises(ValueError, match="y contains"):
        InteractionLasso().fit(X, y)


@pytest.mark.parametrize("weights", [np.ones(49), np.zeros(50), -np.ones(50)])
def test_weights_that_make_no_sense_are_refused(weights: np.ndarray) -> None:
    X, y = problem(0, 50, 6, "parities")
    with pytest.raises(ValueError, match=r"(?i)sample.weight"):
        InteractionLasso().fit(X, y, weights)


@pytest.mark.parametrize("scale", [1e-200, 1e-50, 1e45, 1e150])
def test_the_scale_of_the_target_does_not_matter(scale: float) -> None:
    X, y = problem(5, 80, 8, "parities")
    expected = coefficients(InteractionLasso(alpha=0.2, degree=2).fit(X, y))
    found = coefficients(InteractionLasso(alpha=0.2 * scale, degree=2).fit(X, y * scale))
    assert {t: c / scale for t, c in found.items()} == pytest.approx(expected, rel=1e-6)


def test_huge_columns_are_computed_in_double_precision() -> None:
    X, y = problem(5, 80, 8, "parities")
    expected = coefficients(InteractionLasso(alpha=0.2, degree=1).fit(X, y))
    found = coefficients(InteractionLasso(alpha=0.2e25, degree=1).fit(X * 1e25, y))
    assert {t: c * 1e25 for t, c in found.items()} == pytest.approx(expected, rel=1e-6)
