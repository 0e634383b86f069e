"""Recovery of planted polynomials."""

import numpy as np
import pytest
from recovery_support import PLANTED, bits, members, sample

from harmonica_steps.spectral import Basis, recover
from harmonica_steps.spectral.recovery import single_effects


def test_planted_parities_are_found_with_their_signed_weights_largest_first() -> None:
    basis = bits(12)
    recovery = recover(basis, *sample(basis, PLANTED, 120, seed=0), degree=3, sparsity=5)
    assert members(recovery) == [(0, 1), (2,), (3, 4, 5)]
    assert [t.weight for t in recovery.terms] == pytest.approx([3, -2, 1.5], abs=0.2)
    assert recovery.variables == (0, 1, 2, 3, 4, 5)
    assert recovery.r2 > 0.97
    assert recovery.products == 12 + 66 + 220


def test_planted_terms_are_found_among_mixed_bases() -> None:
    basis = Basis([4, 3, 2, 5, 3, 2, 4, 2], [True, False, True, True, True, True, False, True])
    planted = {(0, 1), (3,), (2, 5)}
    with_others = 0
    for seed in range(20):
        levels, scores = sample(basis, {(0, 1): 2.0, (3,): 1.5, (2, 5): 1.0}, 150, seed)
        found = set(members(recover(basis, levels, scores, 2, 4)))
        assert found >= planted
        with_others += found > planted
    assert with_others <= 2  # expected in a twentieth of them


@pytest.mark.parametrize("samples", [20, 60])
def test_the_shares_of_the_terms_add_up_to_what_is_explained(samples: int) -> None:
    """Few samples have correlated columns: squared coefficients would add up to more."""
    for seed in range(6):
        recovery = recover(bits(8), *sample(bits(8), PLANTED, samples, seed, noise=0.0), 3, 5)
        shares = [term.share for term in recovery.terms]
        assert all(share >= 0 for share in shares)
        assert sum(shares) == pytest.approx(recovery.r2)
        assert recovery.r2 <= 1 + 1e-12


@pytest.mark.parametrize("weight", [0.0, 0.3, 0.5])
def test_the_p_value_that_is_told_is_the_one_that_decided(weight: float) -> None:
    for seed in range(10):
        found = recover(bits(30), *sample(bits(30), {(0,): weight}, 60, seed, noise=1.0), 2, 5)
        assert all(term.log_p <= np.log(0.05) for term in found.terms)
        assert all(np.log(0.05) < term.log_p <= 0 for term in found.rejected)


def test_the_prediction_is_the_planted_polynomial() -> None:
    basis = Basis([4, 3, 2, 2], [True, False, True, True])
    levels, scores = sample(basis, {(0, 1): 2.0, (2,): 1.0}, 150, seed=1, noise=0.0)
    recovery = recover(basis, levels, scores + 5, 2, 3)
    np.testing.assert_allclose(recovery.predict(basis, levels), scores + 5, atol=1e-8)


def test_never_more_terms_than_asked_for() -> None:
    basis = bits(8)
    levels, scores = sample(basis, {(v,): 1.0 + v / 8 for v in range(6)}, 150, seed=2, noise=0.1)
    assert len(recover(basis, levels, scores, 2, 6).terms) == 6
    assert len(recover(basis, levels, scores, 2, 4).terms) <= 4


def test_zero_coefficients_are_never_kept() -> None:
    """Room for ten terms, but two are enough: the other eight would have coefficient 0."""
    basis = bits(10)
    levels, scores = sample(basis, {(0,): 2.0, (1, 2): 1.0}, 100, seed=3, noise=0.0)
    recovery = recover(basis, levels, scores, 2, 10)
    assert sorted(members(recovery)) == [(0,), (1, 2)]
    assert all(abs(term.weight) > 0.5 for term in recovery.terms)


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_scores_that_are_not_finite_are_refused(wrong: float) -> None:
    levels, scores = sample(bits(5), {}, 40, seed=0)
    scores[7] = wrong
    with pytest.raises(ValueError, match="finite"):
        recover(bits(5), levels, scores, 2, 4)


def test_shapes_that_do_not_agree_are_refused() -> None:
    levels, scores = sample(bits(5), {}, 40, seed=0)
    with pytest.raises(ValueError, match="levels has shape"):
        recover(bits(5), levels, scores[1:], 2, 4)


@pytest.mark.parametrize("scale", [1e-6, 1e6, 1e-150, 1e150])
def test_the_unit_of_the_metric_does_not_matter(scale: float) -> None:
    basis = bits(12)
    levels, scores = sample(basis, PLANTED, 120, seed=4, noise=1.0)
    recovery = recover(basis, levels, scores, 3, 5)
    scaled = recover(basis, levels, scores * scale, 3, 5)
    assert members(scaled) == members(recovery) == [(0, 1), (2,), (3, 4, 5)]
    assert [t.weight / scale for t in scaled.terms] == pytest.approx(
        [t.weight for t in recovery.terms]
    )


def test_the_origin_of_the_metric_does_not_matter() -> None:
    basis = bits(12)
    levels, scores = sample(basis, PLANTED, 120, seed=4, noise=1.0)
    shifted = recover(basis, levels, scores + 1e3, 3, 5)
    assert members(shifted) == members(recover(basis, levels, scores, 3, 5))
    assert shifted.intercept == pytest.approx(1e3, abs=1)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_finite_but_astronomic_metric_leaves_every_number_finite() -> None:
    """A diverged training may return 1e200; infinite numbers cannot be written as JSON."""
    levels, scores = sample(bits(6), {(0,): 1.0}, 60, seed=0)
    scores[3] = 1e200
    recovery = recover(bits(6), levels, scores, 2, 3)
    assert np.isfinite([recovery.intercept, recovery.r2]).all()
    assert recovery.r2 < 1


def test_the_same_effect_needs_more_evidence_in_a_set_of_more_variables() -> None:
    basis = bits(20)

    def found(planted: tuple[int, ...]) -> int:
        draws = (sample(basis, {planted: 0.5}, 100, seed, noise=1.0) for seed in range(30))
        return sum(planted in members(recover(basis, *drawn, 3, 3)) for drawn in draws)

    single, pair, triple = found((0,)), found((0, 1)), found((0, 1, 2))
    assert single > pair > triple


def test_the_correction_counts_the_sets_of_the_same_size() -> None:
    """The same scores among more variables: the evidence falls by the logarithm of the number."""
    levels, scores = sample(bits(20), {(0,): 0.6}, 100, seed=0, noise=1.0)
    few = recover(bits(5), levels[:, :5], scores, 1, 1).terms[0]
    many = recover(bits(20), levels, scores, 1, 1).terms[0]
    assert few.members == many.members == (0,)
    assert many.log_p - few.log_p == pytest.approx(np.log(20 / 5))


def test_what_was_refused_is_told_with_its_p_value() -> None:
    levels, scores = sample(bits(10), {(0,): 0.8}, 60, seed=1, noise=1.0)
    recovery = recover(bits(10), levels, scores, 1, 5)
    assert members(recovery) == [(0,)]
    assert recovery.rejected
    assert all(np.log(0.05) < term.log_p <= 0 for term in recovery.rejected)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"degree": 0}, "degree is 0"),
        ({"degree": 6}, "degree is 6"),
        ({"sparsity": 0}, "sparsity is 0"),
        ({"selection": "magic"}, "selection is 'magic', must be one of beam, lasso"),
    ],
)
def test_arguments_out_of_range_are_named(arguments: dict[str, object], message: str) -> None:
    levels, scores = sample(bits(5), {}, 40, seed=0)
    with pytest.raises(ValueError, match=message):
        recover(bits(5), levels, scores, **{"degree": 2, "sparsity": 2, **arguments})


def test_fewer_than_ten_samples_are_refused() -> None:
    levels, scores = sample(bits(5), {}, 9, seed=0)
    with pytest.raises(ValueError, match="scores has 9 entries"):
        recover(bits(5), levels, scores, 2, 2)


def test_the_beam_finds_what_the_lasso_misses_with_few_samples() -> None:
    """Five cubic terms of 25 bits from 60 samples, ten times."""
    planted = {(0, 1, 2): 1.5, (2, 3, 4): -1.4, (5, 6, 7): 1.3, (8, 9): 1.2, (10, 11, 12): 1.1}
    found = {
        selection: sum(
            set(members(recover(bits(25), *sample(bits(25), planted, 60, s), 3, 5, selection)))
            == set(planted)
            for s in range(10)
        )
        for selection in ("beam", "lasso")
    }
    assert found["beam"] == 10
    assert found["lasso"] < 8


@pytest.mark.parametrize("selection", ["beam", "lasso"])
def test_constant_and_duplicate_variables_do_no_harm(selection: str) -> None:
    levels, scores = sample(bits(8), {(0, 1): 2.0, (2,): 1.0}, 100, seed=1)
    levels[:, 5], levels[:, 6] = 1, levels[:, 2]
    recovery = recover(bits(8), levels, scores, 3, 5, selection)
    assert recovery.r2 > 0.9
    assert len(recovery.terms) == 2


def test_standard_errors_are_those_of_repeated_draws() -> None:
    basis = Basis([2, 3, 2], [True, False, True])
    drawn = [recover(basis, *sample(basis, {(0,): 2.0, (1,): 1.0}, 80, s), 2, 2) for s in range(60)]
    for members_ in ((0,), (1,)):
        terms = [next(t for t in r.terms if t.members == members_) for r in drawn]
        spread = np.std([term.weight for term in terms])
        assert spread == pytest.approx(np.mean([t.standard_error for t in terms]), rel=0.35)


def test_single_effects_are_those_of_variables_in_no_term() -> None:
    basis = bits(6)
    levels, scores = sample(basis, {(0, 1): 2.0}, 100, seed=0)
    recovery = recover(basis, levels, scores, 2, 3)
    singles = single_effects(basis, levels, scores, recovery)
    assert [term.members for term in singles] == [(2,), (3,), (4,), (5,)]
    assert all(abs(term.weight) < 5 * term.standard_error for term in singles)
    assert single_effects(basis, levels, np.ones(100), recovery) == []


@pytest.mark.parametrize("noise", [1e-3, 1e-5])
def test_an_almost_exact_polynomial_is_found_in_finite_time(noise: float) -> None:
    """Differences of almost equal costs must not make the beam exchange sets for ever."""
    planted = {(0, 1): 1.0, (2,): 0.5}
    for seed in range(3):
        recovery = recover(bits(10), *sample(bits(10), planted, 50, seed, noise), 2, 5)
        assert set(planted) <= set(members(recovery))


def test_success_or_failure_with_enough_samples_is_explained() -> None:
    levels, scores = sample(bits(20), {(0, 1): 1.0, (2,): 0.7}, 120, seed=0, noise=0.5)
    recovery = recover(bits(20), levels, (scores > 0).astype(float), 2, 3)
    assert {(0, 1), (2,)} <= set(members(recovery))
