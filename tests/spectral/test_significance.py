"""Which proposed sets are better than chance, in whatever order they are proposed."""

from itertools import permutations
from math import exp, log

import numpy as np
import pytest

from harmonica_steps.spectral import Basis, recover
from harmonica_steps.spectral.regression import Regression
from harmonica_steps.spectral.significance import ERROR_RATE, Limits, significant


def drawn(
    weights: dict[tuple[int, ...], float], samples: int, seed: int, spread: float = 1.0
) -> Regression:
    """Sixty switches, and scores that some of them explain."""
    rng = np.random.default_rng(seed)
    levels = rng.integers(2, size=(samples, 60))
    signs = 2 * levels - 1
    scores = spread * rng.normal(size=samples)
    scores += sum((w * signs[:, m].prod(axis=1) for m, w in weights.items()), np.zeros(samples))
    return Regression(Basis([2] * 60, [True] * 60), levels, (scores - scores.mean()) / scores.std())


def test_a_weak_main_effect_does_not_pay_for_larger_sets_of_noise() -> None:
    rng = np.random.default_rng([9, 6])
    levels = rng.integers(2, size=(100, 60))
    scores = 0.5 * (2 * levels[:, 7] - 1) + rng.normal(size=100)
    recovery = recover(Basis([2] * 60, [True] * 60), levels, scores, 3, 5)
    assert [term.members for term in recovery.terms] == [(7,)]


def test_the_order_of_proposals_does_not_matter() -> None:
    regression = drawn({(3,): 1.0, (5, 8): 0.8}, 80, seed=1)
    proposed = [(3,), (5, 8), (1, 2, 9), (20,)]
    verdicts = [
        significant(regression, list(order), Limits(60, 3, 5)) for order in permutations(proposed)
    ]
    assert {frozenset(verdict.kept) for verdict in verdicts} == {frozenset({(3,), (5, 8)})}
    for members in proposed:
        decided = [verdict.log_p[members] for verdict in verdicts]
        assert decided == pytest.approx([decided[0]] * len(decided), rel=1e-6)


def test_weak_sets_that_convince_only_together_enter_together() -> None:
    sets = [(1, 2), (3, 4), (5, 6)]
    regression = drawn(dict.fromkeys(sets, 0.8), 30, seed=0, spread=0.3)
    limits = Limits(60, 2, 3)
    assert not any(significant(regression, [members], limits).kept for members in sets)
    assert set(significant(regression, sets, limits).kept) == set(sets)


def test_the_error_rate_is_divided_completely() -> None:
    limits = Limits(variables=60, degree=3, sparsity=5)
    for kept in ([], [(1,)], [(1,), (2,), (3,), (4,)]):
        room = limits.sparsity - len(kept)
        parts = 0.0
        for count in range(1, room + 1):
            group = [(variable,) for variable in range(10, 10 + count)]
            kinds = (count + 1) * (count + 2) // 2  # of three sizes
            parts += kinds * exp(-limits.log_kinds(group, kept))
        assert parts == pytest.approx(1.0)


def test_what_is_kept_already_is_no_alternative() -> None:
    limits = Limits(variables=10, degree=2, sparsity=5)
    assert limits.log_ways([(1,)], []) == pytest.approx(log(10))
    assert limits.log_ways([(1,)], [(2,), (3, 4)]) == pytest.approx(log(9))
    assert limits.log_ways([(1, 2), (1,)], [(3, 4)]) == pytest.approx(log(10 * 44))


@pytest.mark.parametrize("seed", range(8))
def test_the_p_value_that_decided_is_told(seed: int) -> None:
    regression = drawn({(0,): 0.5, (1, 2): 0.4}, 60, seed)
    proposed = [(0,), (1, 2), (7, 9), (4,), (10, 11, 12)]
    verdict = significant(regression, proposed, Limits(60, 3, 5))
    assert set(verdict.log_p) == set(proposed)
    for members, log_p in verdict.log_p.items():
        assert (log_p <= log(ERROR_RATE)) == (members in verdict.kept)
