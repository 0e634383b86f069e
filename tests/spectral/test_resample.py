"""Held-out fit and stability: the two alarms for a recovery that means nothing."""

from functools import partial

import numpy as np

from harmonica_steps.spectral import Basis, recover
from harmonica_steps.spectral.resample import held_out_r2, stability, trust

BITS = Basis([2] * 8, [True] * 8)
RECOVER = partial(recover, BITS, degree=2, sparsity=4)


def planted(seed: int, weight: float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    levels = rng.integers(2, size=(100, 8))
    signs = 2 * levels - 1
    return levels, weight * (signs[:, 0] * signs[:, 1] - signs[:, 2]) + rng.normal(size=100)


def test_held_out_r2_is_high_for_a_planted_polynomial() -> None:
    levels, scores = planted(0, weight=2.0)
    assert held_out_r2(RECOVER, BITS, levels, scores, np.random.default_rng(0)) > 0.8


def test_held_out_r2_is_not_above_zero_for_noise() -> None:
    found = [
        held_out_r2(RECOVER, BITS, *planted(seed, weight=0.0), np.random.default_rng(seed))
        for seed in range(10)
    ]
    assert max(found) < 0.05


def test_held_out_r2_of_constant_scores_is_zero() -> None:
    levels, _ = planted(0, weight=0.0)
    assert held_out_r2(RECOVER, BITS, levels, np.ones(100), np.random.default_rng(0)) == 0.0


def test_planted_terms_are_in_every_half_of_the_samples() -> None:
    seen = stability(RECOVER, *planted(0, weight=2.0), np.random.default_rng(0))
    assert seen[0, 1] == seen[2,] == 1.0


def test_what_chance_proposes_changes_from_half_to_half() -> None:
    seen = stability(RECOVER, *planted(0, weight=0.0), np.random.default_rng(0))
    assert seen
    assert max(seen.values()) < 1
    assert np.mean(list(seen.values())) < 0.5


def test_too_few_samples_for_halves_tell_nothing() -> None:
    levels, scores = planted(0, weight=2.0)
    seed = np.random.SeedSequence(0)
    told = trust(RECOVER, BITS, levels[:19], scores[:19], seed)
    assert (told.held_out_r2, told.stability) == (None, {})
