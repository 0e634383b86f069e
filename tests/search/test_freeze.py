"""From the scores of a stage to the restriction of the next."""

import numpy as np
import pytest
from search_support import bits, evaluate, fitted, samples_of, space, stage

from harmonica_steps.search.design import Design
from harmonica_steps.search.freeze import freeze
from harmonica_steps.search.restriction import CANDIDATE, Candidate, Restriction
from harmonica_steps.space import Space

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


@pytest.mark.parametrize(("sign", "cell"), [(-1, [(-1, -1), (1, 1)]), (1, [(-1, 1), (1, -1)])])
@pytest.mark.parametrize("better", [0, 1])
def test_of_two_equal_cells_of_a_pair_the_one_with_the_better_samples_is_frozen(
    sign: int, cell: list[tuple[int, int]], better: int
) -> None:
    """The difference is too small to be a term, but the samples know it."""
    lift = 0.25 * (1 if cell[better][0] > 0 else -1)
    rng = np.random.default_rng(1)
    samples = samples_of(BITS, Restriction(), 60)
    scores = evaluate(lambda x: 2.0 * sign * x["p0"] * x["p1"] - lift * x["p0"], samples)
    scores += 1.0 * rng.normal(size=60)
    found = fitted(BITS, Restriction(), samples, scores, sparsity=1)
    assert [term.members for term in found.recovery.terms] == [(0, 1)]
    for keep in (1, 2):
        kept = freeze(found, keep).candidates
        pairs = [(c.assignment["p0"], c.assignment["p1"]) for c in kept]
        assert pairs[0] == cell[better]
        assert sorted(pairs) == sorted(cell[:2] if keep == 2 else [cell[better]])


def test_an_assignment_that_is_forbidden_whatever_is_free_is_not_kept() -> None:
    where = Space(BITS.parameters, [{"p2": -1, "p3": 1}])
    samples = [
        s for s in samples_of(where, Restriction(), 200) if not where.forbids(s.configuration)
    ]
    after = stage(where, Restriction(), samples, noisy(samples), keep=3)
    for candidate in after.candidates:
        assert not {"p2": -1, "p3": 1}.items() <= candidate.assignment.items()
    (best, *_) = after.candidates
    assert (best.assignment["p2"], best.assignment["p3"]) == (-1, -1)


def test_samples_without_a_score_are_left_out() -> None:
    samples = samples_of(BITS, Restriction(), 100)
    scores = noisy(samples)
    scores[::5] = np.nan
    restriction = stage(BITS, Restriction(), samples, scores)
    assert restriction.frozen == ("p0", "p1", "p2", "p3")


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
