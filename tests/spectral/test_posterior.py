"""The posterior of many small effects."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import multivariate_normal
from sklearn.linear_model import BayesianRidge

from harmonica_steps.spectral import Posterior
from harmonica_steps.spectral.posterior import WIDTHS


def problem(
    seed: int, samples: int = 80, columns: int = 12, size: float = 0.4, weighted: bool = False
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Random columns, a noisy target, weights of mean 1, and the true coefficients."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(samples, columns))
    true = size * rng.normal(size=columns)
    weights = rng.exponential(size=samples) if weighted else np.ones(samples)
    return x, x @ true + rng.normal(size=samples), weights / weights.mean(), true


def exact(
    x: np.ndarray, y: np.ndarray, weights: np.ndarray, width: float
) -> tuple[np.ndarray, np.ndarray, float, float]:
    """Mean, covariance, noise and log evidence under one prior, written out."""
    root = np.sqrt(weights)
    x, y = x * root[:, None], y * root
    marginal = np.eye(len(y)) + width * x @ x.T
    noise = float(y @ np.linalg.solve(marginal, y)) / len(y)
    evidence = multivariate_normal(cov=noise * marginal).logpdf(y)
    inverse = np.linalg.inv(x.T @ x + np.eye(x.shape[1]) / width)
    return inverse @ x.T @ y, noise * inverse, noise, float(evidence)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("samples", "columns"), [(80, 12), (30, 50)])
@pytest.mark.parametrize("size", [0.0, 0.1, 0.6])
def test_mean_and_noise_are_those_of_the_likeliest_prior(
    samples: int, columns: int, size: float, weighted: bool
) -> None:
    x, y, weights, _ = problem(3, samples, columns, size, weighted)
    found = Posterior(x, y, weights)
    mean, _, noise, _ = max(
        (exact(x, y, weights, width) for width in WIDTHS), key=lambda fit: fit[3]
    )
    assert found.mean == pytest.approx(mean, abs=1e-9)
    assert found.noise == pytest.approx(noise)


def test_it_agrees_with_the_bayesian_ridge_of_scikit_learn() -> None:
    """Which finds the width of the prior by iteration instead of among a few."""
    for seed in range(5):
        x, y, weights, _ = problem(seed, samples=200)
        ridge = BayesianRidge(fit_intercept=False, tol=1e-8, max_iter=1000).fit(x, y)
        found = Posterior(x, y, weights)
        assert found.mean == pytest.approx(ridge.coef_, abs=0.02)
        assert found.noise == pytest.approx(1 / ridge.alpha_, rel=0.1)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("samples", "columns"), [(80, 4), (6, 9)])
def test_draws_have_the_mean_and_the_covariance(samples: int, columns: int, weighted: bool) -> None:
    x, y, weights, _ = problem(1, samples, columns, 0.5, weighted)
    found = Posterior(x, y, weights)
    mean, covariance, *_ = max(
        (exact(x, y, weights, width) for width in WIDTHS), key=lambda fit: fit[3]
    )
    rng = np.random.default_rng(0)
    drawn = np.array([found.draw(rng) for _ in range(20_000)])
    errors = np.sqrt(np.diag(covariance))
    assert np.abs((drawn.mean(axis=0) - mean) / errors).max() < 0.04
    scale = np.outer(errors, errors)
    assert np.abs((np.cov(drawn.T) - covariance) / scale).max() < 0.05


def test_what_is_never_seen_stays_as_wide_as_the_prior_and_is_of_mean_zero() -> None:
    x, y, weights, _ = problem(2, samples=100)
    x[:, 5] = 0.0
    found = Posterior(x, y, weights)
    assert found.mean[5] == pytest.approx(0, abs=1e-12)
    rng = np.random.default_rng(0)
    drawn = np.array([found.draw(rng) for _ in range(4000)])
    seen = drawn.std(axis=0)
    assert seen[5] > 1.5 * np.delete(seen, 5).max()


def test_noise_alone_is_shrunk_to_nearly_nothing() -> None:
    sizes = []
    for seed in range(20):
        x, y, weights, _ = problem(seed, samples=100, columns=40, size=0.0)
        sizes.append(np.abs(Posterior(x, y, weights).mean).max())
    assert np.median(sizes) < 0.03


def test_strong_effects_are_hardly_shrunk() -> None:
    x, y, weights, true = problem(0, samples=400, size=1.0)
    assert Posterior(x, y, weights).mean == pytest.approx(true, abs=0.2)


@given(st.floats(0.01, 100), st.integers(0, 100))
def test_the_scale_of_the_target_makes_no_difference(scale: float, seed: int) -> None:
    x, y, weights, _ = problem(seed, samples=30, columns=5)
    one, other = Posterior(x, y, weights), Posterior(x, scale * y, weights)
    assert other.mean == pytest.approx(scale * one.mean, rel=1e-6, abs=1e-9 * scale)
    assert other.noise == pytest.approx(scale**2 * one.noise)


def test_a_weight_of_two_is_the_sample_twice() -> None:
    x, y, _, _ = problem(0, samples=20, columns=3)
    twice = np.concatenate([np.arange(20), np.arange(10)])
    weights = np.where(np.arange(20) < 10, 2.0, 1.0)
    # Of mean 1.5: the number of samples is the sum of the weights.
    one, other = Posterior(x, y, weights), Posterior(x[twice], y[twice], np.ones(30))
    assert one.mean == pytest.approx(other.mean)
    assert one.noise == pytest.approx(other.noise)


def test_a_constant_target_and_no_columns_are_no_errors() -> None:
    rng = np.random.default_rng(0)
    assert Posterior(np.ones((5, 2)), np.zeros(5), np.ones(5)).mean == pytest.approx([0, 0])
    empty = Posterior(np.empty((5, 0)), rng.normal(size=5), np.ones(5))
    assert empty.draw(rng).shape == (0,)
