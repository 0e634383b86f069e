"""Silence on noise."""

import numpy as np
import pytest
from recovery_support import bits, members, sample

from harmonica_steps.spectral import Basis, recover


@pytest.mark.parametrize(("degree", "sparsity"), [(2, 6), (3, 10)])
@pytest.mark.parametrize("spread", ["gaussian", "uniform"])
def test_pure_noise_freezes_nothing(degree: int, sparsity: int, spread: str) -> None:
    """In at least 95 of 100 searches; benchmarks/recovery.py counts in many more than these 20."""
    basis = bits(12)
    alarms = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        levels = rng.integers(2, size=(100, 12))
        scores = rng.normal(size=100) if spread == "gaussian" else rng.random(100)
        alarms += bool(recover(basis, levels, scores, degree, sparsity).variables)
    assert alarms <= 2


def test_chance_does_not_enter_along_with_real_terms() -> None:
    """By chance a set of many functions looks larger than a real term of one."""
    basis = Basis([2, 2, 2, 6, 5, 6, 5, 6], [True] * 3 + [False] * 5)
    planted = {(0,): 0.8, (1,): 0.7, (2,): 0.6}
    found = [
        members(recover(basis, *sample(basis, planted, 100, seed, noise=1.0), 2, 6))
        for seed in range(20)
    ]
    assert sum(member in planted for terms in found for member in terms) > 30
    assert sum(member not in planted for terms in found for member in terms) <= 1


def test_noise_on_many_levelled_variables_freezes_nothing() -> None:
    basis = Basis([4, 5, 3, 4, 2, 6], [True, False, False, True, True, False])
    alarms = 0
    for seed in range(20):
        levels, scores = sample(basis, {}, 100, seed)
        alarms += bool(recover(basis, levels, scores, 2, 5).variables)
    assert alarms <= 2


@pytest.mark.parametrize("constant", [0.0, 0.1, -1e6])
def test_constant_scores_recover_nothing(constant: float) -> None:
    levels, _ = sample(bits(5), {}, 40, seed=0)
    recovery = recover(bits(5), levels, np.full(40, constant), 2, 4)
    assert recovery.terms == recovery.rejected == []
    assert recovery.intercept == pytest.approx(constant)
    assert recovery.r2 == 0.0


@pytest.mark.parametrize("kind", ["success or failure", "failures count as worst"])
def test_noise_with_two_clusters_freezes_nothing(kind: str) -> None:
    """With few samples some parity matches any labels exactly, which an F test takes for proof."""
    alarms = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        levels = rng.integers(2, size=(15, 25))
        scores = rng.integers(2, size=15).astype(float)
        if kind == "failures count as worst":
            scores = np.where(scores, 8.0, rng.normal(size=15))
        recovery = recover(bits(25), levels, scores, 2, 1)
        alarms += bool(recovery.terms)
        assert all(term.log_p > np.log(0.01) for term in recovery.rejected)
    assert alarms <= 3


@pytest.mark.parametrize("kind", ["huge values", "rare failures"])
def test_noise_of_a_few_extremes_freezes_nothing(kind: str) -> None:
    """An F test alone keeps something in a third of them, or more."""
    basis = Basis([2] * 4 + [4] * 4 + [5] * 4, [True] * 6 + [False] * 6)
    alarms = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        levels = rng.integers(basis.sizes, size=(50, 12))
        huge = np.exp(2 * rng.normal(size=50))
        scores = huge if kind == "huge values" else (rng.random(50) < 0.1).astype(float)
        alarms += bool(recover(basis, levels, scores, 2, 3).terms)
    assert alarms <= 3


def test_a_strong_term_does_not_hide_that_the_rest_is_extreme() -> None:
    """The scores look well-behaved; what the term leaves is noise with rare huge values."""
    basis = Basis([4] * 8, [False] * 8)
    alarms = 0
    for seed in range(15):
        rng = np.random.default_rng(seed)
        levels = rng.integers(4, size=(100, 8))
        rest = 0.2 * rng.normal(size=100) + 10 * (rng.random(100) < 0.02)
        found = members(recover(basis, levels, 12 * (levels[:, 0] < 2) + rest, 3, 5))
        assert (0,) in found
        alarms += found != [(0,)]
    assert alarms <= 2
