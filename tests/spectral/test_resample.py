"""Held-out fit and stability: the two alarms for a recovery that means nothing."""

from functools import partial

import numpy as np
import pytest

from harmonica_steps.spectral import Basis, recover
from harmonica_steps.spectral.resample import Trust, trust

BITS = Basis([2] * 8, [True] * 8)
RECOVER = partial(recover, BITS, degree=2, sparsity=4)


def planted(seed: int, weight: float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    levels = rng.integers(2, size=(100, 8))
    signs = 2 * levels - 1
    return levels, weight * (signs[:, 0] * signs[:, 1] - signs[:, 2]) + rng.normal(size=100)


def told(
    levels: np.ndarray, scores: np.ndarray, seed: int = 0, resamples: int = 15, processes: int = 1
) -> Trust:
    sequence = np.random.SeedSequence(seed)
    return trust(RECOVER, BITS, levels, scores, sequence, resamples, processes)


def test_held_out_r2_is_high_for_a_planted_polynomial() -> None:
    held_out = told(*planted(0, weight=2.0)).held_out_r2
    assert held_out is not None
    assert 0.8 < held_out <= 1


def test_held_out_r2_is_not_above_zero_for_noise() -> None:
    found = [told(*planted(seed, weight=0.0), seed).held_out_r2 for seed in range(6)]
    assert max(r2 for r2 in found if r2 is not None) < 0.05


def test_planted_terms_are_in_every_half_of_the_samples() -> None:
    seen = told(*planted(0, weight=2.0)).stability
    assert seen[0, 1] == seen[2,] == 1.0


def test_what_chance_proposes_changes_from_half_to_half() -> None:
    seen = told(*planted(0, weight=0.0)).stability
    assert seen
    assert max(seen.values()) < 1
    assert np.mean(list(seen.values())) < 0.5


@pytest.mark.parametrize("case", ["too few samples", "constant scores", "no resamples"])
def test_nothing_is_known_without_halves(case: str) -> None:
    levels, scores = planted(0, weight=2.0)
    if case == "too few samples":
        levels, scores = levels[:19], scores[:19]
    if case == "constant scores":
        scores = np.ones(100)
    resamples = 0 if case == "no resamples" else 15
    assert told(levels, scores, resamples=resamples) == Trust(None, {})


def test_the_number_of_processes_makes_no_difference() -> None:
    drawn = planted(0, weight=0.7)
    alone = told(*drawn, resamples=3)
    for processes in (2, 4):  # and one that has nothing to do
        assert told(*drawn, resamples=3, processes=processes) == alone


def test_the_number_of_resamples_is_that_of_halves_and_five_folds() -> None:
    numbers: list[int] = []
    seed = np.random.SeedSequence(0)
    found = trust(RECOVER, BITS, *planted(0, 1.0), seed, 9, done=numbers.append)
    assert numbers == list(range(1, 10))
    assert {share * 4 % 1 for share in found.stability.values()} == {0}
