"""From the scores of a stage to the restriction of the next."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from search_support import CONDITIONAL, bits, evaluate, samples_of, space, stage

from harmonica_steps.config import Stage
from harmonica_steps.search.freeze import Design, fit, freeze, with_incumbent
from harmonica_steps.search.restriction import CANDIDATE, Candidate, Restriction
from harmonica_steps.search.samples import Samples, consistent, pooled
from harmonica_steps.spectral import Recovery, Term

BITS = bits(12)


def planted(x: dict[str, object]) -> float:
    """Best is p0 == p1, p2 = -1, then p3 = 1."""
    return -2.0 * x["p0"] * x["p1"] + 1.5 * x["p2"] - 1.0 * x["p3"]


def noisy(samples: list, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return evaluate(planted, samples) + 0.3 * rng.normal(size=len(samples))


def first_stage(keep: int) -> Restriction:
    samples = samples_of(BITS, Restriction(), 100)
    return stage(BITS, Restriction(), samples, noisy(samples), keep)


def test_both_best_assignments_are_kept_and_are_complete() -> None:
    restriction = first_stage(keep=2)
    assert restriction.frozen == ("p0", "p1", "p2", "p3")
    kept = [tuple(candidate.assignment.values()) for candidate in restriction.candidates]
    assert sorted(kept) == [(-1, -1, -1, 1), (1, 1, -1, 1)]
    assert [c.predicted for c in restriction.candidates] == pytest.approx([-4.5] * 2, abs=0.3)


def test_the_kept_are_the_best_of_all_assignments_in_order() -> None:
    samples = samples_of(BITS, Restriction(), 100)
    restriction = stage(BITS, Restriction(), samples, evaluate(planted, samples), keep=16)
    predicted = [candidate.predicted for candidate in restriction.candidates]
    assert len({tuple(c.assignment.values()) for c in restriction.candidates}) == 16
    assert predicted == pytest.approx(
        sorted(planted(candidate.assignment) for candidate in restriction.candidates), abs=1e-6
    )


def test_nothing_recovered_leaves_the_restriction_as_it_was() -> None:
    before = Restriction((Candidate({"p0": 1}, -1.0), Candidate({"p0": -1}, -0.5)))
    samples = samples_of(BITS, before, 60)
    noise = np.random.default_rng(3).normal(size=60)
    for incumbent in (False, True):
        assert stage(BITS, before, samples, noise, keep=4, incumbent=incumbent) is before


def test_a_frozen_variable_is_never_selected_again() -> None:
    before = Restriction((Candidate({"p0": 1, "p2": -1}),))
    samples = samples_of(BITS, before, 100)
    after = stage(BITS, before, samples, noisy(samples))
    assert "p0" not in Design(BITS, before).names
    assert after.candidates[0].assignment == {"p0": 1, "p1": 1, "p2": -1, "p3": 1}


def test_each_earlier_candidate_gets_the_partner_that_fits_its_own_value() -> None:
    """The candidate is a variable of the design, so p0 x p1 is seen although p0 is frozen."""
    before = Restriction((Candidate({"p0": 1}, 0.0), Candidate({"p0": -1}, 0.0)))
    assert Design(BITS, before).names[0] == CANDIDATE
    samples = samples_of(BITS, before, 100)
    after = stage(BITS, before, samples, noisy(samples), keep=2)
    kept = {(c.assignment["p0"], c.assignment["p1"]) for c in after.candidates}
    assert kept == {(1, 1), (-1, -1)}


def test_which_earlier_candidate_is_better_is_seen_in_the_samples() -> None:
    """Whatever was predicted for them."""
    before = Restriction((Candidate({"p0": -1}, -9.0), Candidate({"p0": 1}, 0.0)))
    samples = samples_of(BITS, before, 100)
    scores = evaluate(lambda x: -1.5 * x["p0"] - 1.5 + 1.0 * x["p4"], samples)
    after = stage(BITS, before, samples, scores, keep=3, sparsity=2)
    assert [tuple(c.assignment.values()) for c in after.candidates] == [(1, -1), (1, 1), (-1, -1)]
    assert [c.predicted for c in after.candidates] == pytest.approx([-4, -2, -1], abs=1e-6)


@pytest.mark.parametrize("count", [100, 400])
def test_earlier_candidates_that_are_as_good_stay_in_their_order(count: int) -> None:
    """Also if a prediction from fewer samples was wrong by more than the error of this stage."""
    before = Restriction((Candidate({"p0": 1}, 0.0), Candidate({"p0": -1}, 0.4)))
    samples = samples_of(BITS, before, count)
    scores = evaluate(lambda x: 1.0 * x["p4"], samples) + noise(samples)
    after = stage(BITS, before, samples, scores, keep=2, sparsity=1)
    assert [tuple(c.assignment.values()) for c in after.candidates] == [(1, -1), (-1, -1)]


def test_samples_without_a_score_are_left_out() -> None:
    samples = samples_of(BITS, Restriction(), 100)
    scores = noisy(samples)
    scores[::5] = np.nan
    restriction = stage(BITS, Restriction(), samples, scores)
    assert restriction.frozen == ("p0", "p1", "p2", "p3")


def test_values_of_every_kind_are_frozen_as_the_user_spelled_them() -> None:
    where = space(
        kind={"type": "categorical", "values": ["x", "y", "z"]},
        rate={"type": "float", "low": 0.01, "high": 1.0, "log": True, "levels": 3},
        on={"type": "bool"},
        other={"type": "int", "low": 1, "high": 4},
    )
    samples = samples_of(where, Restriction(), 120)
    scores = evaluate(lambda x: 2.0 * (x["kind"] != "y") + (x["rate"] - 0.1) ** 2 * 3, samples)
    (best,) = stage(where, Restriction(), samples, scores).candidates
    assert best.assignment["kind"] == "y"
    assert best.assignment["rate"] in (0.01, 0.1)
    assert "other" not in best.assignment


@pytest.mark.parametrize("before", [(Candidate({}),), (Candidate({"p2": -1}, 0.5),)])
def test_the_incumbent_is_a_candidate_although_the_polynomial_excludes_it(
    before: tuple[Candidate, ...],
) -> None:
    restriction = Restriction(before)
    samples = samples_of(BITS, restriction, 100)
    scores = noisy(samples)
    lucky = next(i for i, s in enumerate(samples) if s.configuration["p0"] != s.configuration["p1"])
    scores[lucky] = scores.min() - 0.1
    alone = stage(BITS, restriction, samples, scores)
    after = stage(BITS, restriction, samples, scores, incumbent=True)
    assert after.candidates[:-1] == alone.candidates
    added, best = after.candidates[-1], samples[lucky].configuration
    assert added.assignment == {name: best[name] for name in alone.frozen}
    # What the polynomial says, not what the one training had.
    assert added.predicted == pytest.approx(planted(best), abs=0.7)


def test_an_incumbent_that_the_kept_candidates_leave_as_it_is_adds_none() -> None:
    """Also if it has other values of frozen parameters that its training was not given."""
    where = space(
        kind={"type": "categorical", "values": ["x", "y"]},
        rate={"type": "ordinal", "values": [1, 2, 3], "when": {"kind": "x"}},
        size={"type": "ordinal", "values": [1, 2, 3]},
    )
    best = where.encode({"kind": "y", "rate": 3, "size": 1})
    samples = Samples(np.zeros(2, dtype=int), np.array([[0, 0, 0], best]), np.array([1.0, 0.5]))
    design, nothing = Design(where, Restriction()), Recovery.nothing(0.7)
    for rate in (1, 2, 3):
        kept = Restriction((Candidate({"kind": "y", "rate": rate}),))
        assert with_incumbent(design, nothing, kept, samples) is kept
    other = Restriction((Candidate({"kind": "x", "rate": 3}),))
    after = with_incumbent(design, nothing, other, samples)
    assert after.candidates[1:] == (Candidate({"kind": "y", "rate": 3}, 0.7),)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**31), sparsity=st.integers(1, 4))
def test_the_best_training_never_leaves_the_space(seed: int, sparsity: int) -> None:
    rng = np.random.default_rng(seed)
    where, restriction = bits(8), Restriction()
    table = rng.normal(size=(2,) * 8)
    for number in (1, 2, 3):
        samples = samples_of(where, restriction, 40, seed, number)
        scores = np.array([table[s.levels] for s in samples])
        restriction = stage(where, restriction, samples, scores, sparsity=sparsity, incumbent=True)
        best = samples[int(np.argmin(scores))].configuration
        assert any(c.assignment.items() <= best.items() for c in restriction.candidates)


def test_an_incumbent_with_other_values_of_what_it_was_not_given_stays() -> None:
    """A stage has frozen `rate`, which the best training was not given; the next freezes `kind`."""
    restriction = Restriction((Candidate({"rate": 1}),))
    best = CONDITIONAL.encode(
        {"kind": "z", "rate": 3, "more": True, "size": 1, "other": True, "last": False}
    )
    earlier = Samples(np.array([0]), best[np.newaxis], np.array([-9.0]))
    drawn = samples_of(CONDITIONAL, restriction, 60)
    own = Samples(
        np.array([sample.candidate for sample in drawn]),
        np.array([sample.levels for sample in drawn]),
        evaluate(lambda x: 5.0 * (x["kind"] != "x") + x["size"], drawn),
    )
    used = pooled([own, consistent(CONDITIONAL, restriction, earlier)])
    design = Design(CONDITIONAL, restriction)
    levels = design.levels(used)
    recovery = fit(design, Stage(samples=60, sparsity=2), levels, used.scores)
    kept = freeze(design, recovery, levels, keep=1)
    assert [candidate.assignment["kind"] for candidate in kept.candidates] == ["x"]
    added = with_incumbent(design, recovery, kept, used).candidates[1:]
    assert [candidate.assignment["kind"] for candidate in added] == ["z"]


# What the public implementations get wrong, one test each.


@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e4])
def test_a_metric_of_any_size_freezes_what_matters(scale: float) -> None:
    """A fixed penalty on the raw scale made every coefficient 0 and froze p0, p1, ... instead."""
    samples = samples_of(BITS, Restriction(), 100)
    scores = evaluate(lambda x: 2.0 * x["p7"] + 1.0 * x["p9"] * x["p11"], samples) * scale
    assert stage(BITS, Restriction(), samples, scores).frozen == ("p7", "p9", "p11")


def test_room_for_more_terms_does_not_freeze_more() -> None:
    """Zero coefficients count among "the s largest" where only the number is asked for."""
    samples = samples_of(BITS, Restriction(), 100)
    scores = evaluate(lambda x: float(x["p5"]), samples)
    assert stage(BITS, Restriction(), samples, scores, sparsity=10).frozen == ("p5",)


def test_a_helpful_negative_term_outranks_a_smaller_positive_one() -> None:
    """A signed comparison keeps the largest value instead of the largest size."""
    samples = samples_of(BITS, Restriction(), 100)
    scores = evaluate(lambda x: 0.5 * x["p5"] - 2.0 * x["p6"], samples)
    (best,) = stage(BITS, Restriction(), samples, scores, sparsity=1).candidates
    assert best.assignment == {"p6": 1}


@pytest.mark.parametrize("seed", range(5))
def test_a_stage_lowers_the_mean_objective_of_the_next_samples(seed: int) -> None:
    """Where the assignment is never applied, or the surrogate is constant, nothing gets better."""
    restriction, means = Restriction(), []
    for number in (1, 2):
        samples = samples_of(BITS, restriction, 100, seed, number)
        means.append(evaluate(planted, samples).mean())
        restriction = stage(BITS, restriction, samples, noisy(samples, seed), sparsity=2)
    means.append(evaluate(planted, samples_of(BITS, restriction, 100, seed, 3)).mean())
    assert means[1] < means[0] - 2.5
    assert means[2] < means[1] - 0.5
    assert means[2] == pytest.approx(-4.5)


def test_assignments_apart_differ_in_parameters_and_not_in_candidates() -> None:
    """The candidates differ in three parameters already: the second may take the same p4."""
    before = Restriction(
        (
            Candidate({"p0": -1, "p1": -1, "p2": -1}, 0.0),
            Candidate({"p0": 1, "p1": 1, "p2": 1}, 0.1),
        )
    )
    samples = samples_of(BITS, before, 100)
    scores = evaluate(lambda x: 0.05 * x["p0"] + 1.0 * x["p4"], samples)
    design = Design(BITS, before)
    after = stage(BITS, before, samples, scores, keep=2, apart=2)
    assert design.several
    assert [c.assignment["p4"] for c in after.candidates] == [-1, -1]
    assert [c.assignment["p0"] for c in after.candidates] == [-1, 1]


def test_a_combination_that_no_sample_has_is_not_chosen() -> None:
    """The polynomial of few samples is at its lowest where nothing holds it."""
    where = space(**{f"p{i}": {"type": "ordinal", "values": [0, 1, 2, 3]} for i in range(3)})
    rng = np.random.default_rng(0)
    levels = np.array([x for x in np.ndindex(4, 4, 4) if x[:2] != (0, 0)])
    scores = (levels[:, 0] + levels[:, 1] - levels[:, 0] * levels[:, 1]) + 0.01 * rng.normal(
        size=len(levels)
    )
    design = Design(where, Restriction())
    recovery = fit(design, Stage(samples=60, sparsity=1), levels, scores)
    (term,) = recovery.terms
    assert term.members == (0, 1)
    assert design.basis().set_table(term.members, term.coefficients).argmin() == 0
    assert design.prefers(term, levels) == {"p0": 3, "p1": 3}
    (best,) = freeze(design, recovery, levels, keep=1).candidates
    assert best.assignment == {"p0": 3, "p1": 3}


@pytest.mark.parametrize("rounding", [-1e-15, 1e-15])
def test_of_two_equal_settings_the_one_that_is_frozen_is_told(rounding: float) -> None:
    """A product of two switches has two minima, which rounding errors make unequal."""
    samples = samples_of(BITS, Restriction(), 100)
    scores = evaluate(lambda x: -float(x["p0"] * x["p1"]), samples)
    design = Design(BITS, Restriction())
    levels = np.array([sample.levels for sample in samples])
    (term,) = fit(design, Stage(samples=100, sparsity=1), levels, scores).terms

    class Rounded(Design):
        def table(self, term: Term, levels: np.ndarray) -> np.ndarray:
            return np.asarray(super().table(term, levels) + rounding * np.arange(4).reshape(2, 2))

    assert Rounded(BITS, Restriction()).prefers(term, levels) == {"p0": -1, "p1": -1}


def test_kept_assignments_differ_in_what_a_training_is_given() -> None:
    where = space(
        model={"type": "categorical", "values": ["tree", "net"]},
        rate={"type": "ordinal", "values": [0.1, 0.4], "when": {"model": "net"}},
        **{f"p{i}": {"type": "bool"} for i in range(6)},
    )
    samples = samples_of(where, Restriction(), 100)

    def objective(x: dict[str, object]) -> float:
        return 0.0 if x["model"] == "tree" else {0.1: 0.5, 0.4: 2.0}[x["rate"]]  # type: ignore[index]

    scores = evaluate(objective, samples) + noise(samples)
    after = stage(where, Restriction(), samples, scores, keep=2)
    first, second = after.candidates
    assert first.assignment["model"] == "tree"
    assert second.assignment == {"model": "net", "rate": 0.1}


def noise(samples: list) -> np.ndarray:
    return 0.05 * np.random.default_rng(0).normal(size=len(samples))
