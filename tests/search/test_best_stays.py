"""The best training stays in the space."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from search_support import CONDITIONAL, bits, evaluate, fitted, samples_of, space, stage

from harmonica_steps.config import Stage
from harmonica_steps.search.design import Design, fit
from harmonica_steps.search.draw import UNIFORM
from harmonica_steps.search.freeze import freeze, incumbent
from harmonica_steps.search.restriction import Candidate, Restriction
from harmonica_steps.search.samples import Samples, consistent, observed, pooled
from harmonica_steps.space import Interval

BITS = bits(12)
NUMBERS = space(
    rate={"type": "float", "low": 1e-4, "high": 1.0, "log": True, "levels": 4},
    width={"type": "int", "low": 1, "high": 100, "levels": 4},
    size={"type": "ordinal", "values": [4, 8, 16, 32, 64, 128]},
    kind={"type": "categorical", "values": ["a", "b", "c"]},
)


def known(points: list[np.ndarray], scores: list[float], origin: str = UNIFORM) -> Samples:
    origins = np.array([origin] * len(scores), dtype=object)
    return Samples(np.zeros(len(scores), dtype=int), np.array(points), np.array(scores), origins)


def planted(x: dict[str, object]) -> float:
    """Best is p0 == p1, p2 = -1, then p3 = 1."""
    return -2.0 * x["p0"] * x["p1"] + 1.5 * x["p2"] - 1.0 * x["p3"]


@pytest.mark.parametrize("before", [(Candidate({}),), (Candidate({"p2": -1}, 0.5),)])
def test_the_incumbent_is_a_candidate_although_the_polynomial_excludes_it(
    before: tuple[Candidate, ...],
) -> None:
    restriction = Restriction(before)
    samples = samples_of(BITS, restriction, 100)
    rng = np.random.default_rng(0)
    scores = evaluate(planted, samples) + 0.3 * rng.normal(size=100)
    lucky = next(i for i, s in enumerate(samples) if s.configuration["p0"] != s.configuration["p1"])
    scores[lucky] = scores.min() - 0.1
    alone = stage(BITS, restriction, samples, scores)
    after = stage(BITS, restriction, samples, scores, incumbent=True)
    assert after.candidates[:-1] == alone.candidates
    added, best = after.candidates[-1], samples[lucky].configuration
    assert added.assignment == {name: best[name] for name in alone.frozen}
    # No polynomial has chosen it.
    assert added.predicted is None


def test_an_incumbent_that_the_kept_candidates_leave_as_it_is_adds_none() -> None:
    """Also if it has other values of frozen parameters that its training was not given."""
    where = space(
        kind={"type": "categorical", "values": ["x", "y"]},
        rate={"type": "ordinal", "values": [1, 2, 3], "when": {"kind": "x"}},
        size={"type": "ordinal", "values": [1, 2, 3]},
    )
    best = where.point({"kind": "y", "rate": 3, "size": 1})
    samples = known([np.zeros(3), best], [1.0, 0.5])
    for rate in (1, 2, 3):
        kept = Restriction((Candidate({"kind": "y", "rate": rate}),))
        assert incumbent(kept, where, samples) is None
    other = Restriction((Candidate({"kind": "x", "rate": 3}),))
    assert incumbent(other, where, samples) == Candidate({"kind": "y", "rate": 3})


KEPT = Restriction(
    (
        Candidate(
            {
                "rate": Interval(0.01, 0.1),
                "width": Interval(20, 39),
                "size": Interval(8, 32),
                "kind": "a",
            }
        ),
    )
)


def with_incumbent(best: dict[str, object]) -> Restriction:
    samples = known([NUMBERS.point(best), NUMBERS.point({**best, "kind": "c"})], [0.0, 9.0])
    extra = incumbent(KEPT, NUMBERS, samples)
    return KEPT.extended(extra) if extra else KEPT


def test_an_incumbent_brings_intervals_around_it_that_are_as_wide() -> None:
    after = with_incumbent({"rate": 0.001, "width": 70, "size": 64, "kind": "b"})
    found = after.candidates[1].assignment
    assert list(found) == ["rate", "width", "size", "kind"]
    assert found["rate"] == pytest.approx((0.001 / 10**0.5, 0.001 * 10**0.5), rel=0.01)
    low, high = found["width"]
    assert (low, high) == pytest.approx((60, 80), abs=1)
    assert (found["size"], found["kind"]) == (Interval(32, 128), "b")
    assert all(type(end) is int for end in (*found["width"], *found["size"]))
    # The candidates of a restriction have equally many values: it can be read again.
    written = {
        "candidates": [
            {"assignment": {n: v._asdict() if isinstance(v, Interval) else v for n, v in a.items()}}
            for a in (c.assignment for c in after.candidates)
        ]
    }
    assert [c.assignment for c in Restriction.parse(written, NUMBERS).candidates] == [
        c.assignment for c in after.candidates
    ]


@pytest.mark.parametrize("best", [{"rate": 1e-4, "width": 1}, {"rate": 1.0, "width": 100}])
def test_at_the_edge_of_the_space_the_intervals_end_there(best: dict[str, object]) -> None:
    size = 4 if best["width"] == 1 else 128
    after = with_incumbent({**best, "size": size, "kind": "a"})
    found = after.candidates[1].assignment
    assert (best["rate"] in found["rate"], best["width"] in found["width"]) == (True, True)
    assert size in found["size"]
    assert np.log10(found["rate"].high / found["rate"].low) == pytest.approx(1, abs=0.01)


def test_an_incumbent_inside_the_intervals_adds_none() -> None:
    assert with_incumbent({"rate": 0.05, "width": 39, "size": 8, "kind": "a"}) is KEPT
    assert with_incumbent({"rate": 0.05, "width": 40, "size": 8, "kind": "a"}) is not KEPT


@settings(max_examples=50, deadline=None)
@given(
    rate=st.floats(1e-4, 1.0),
    width=st.integers(1, 100),
    size=st.sampled_from([4, 8, 16, 32, 64, 128]),
    kind=st.sampled_from(["a", "b", "c"]),
)
def test_the_best_is_always_inside_one_of_the_candidates(**best: object) -> None:
    after = with_incumbent(best)
    point = NUMBERS.point(best)
    assert len(consistent(NUMBERS, after, known([point], [0.0])).scores) == 1


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**31), sparsity=st.integers(1, 4))
def test_the_best_training_never_leaves_the_space(seed: int, sparsity: int) -> None:
    rng = np.random.default_rng(seed)
    where, restriction = bits(8), Restriction()
    table = rng.normal(size=(2,) * 8)
    for number in (1, 2, 3):
        samples = samples_of(where, restriction, 40, seed, number)
        scores = np.array([table[tuple(int(at) for at in s.point)] for s in samples])
        restriction = stage(where, restriction, samples, scores, sparsity=sparsity, incumbent=True)
        best = samples[int(np.argmin(scores))].configuration
        assert any(c.assignment.items() <= best.items() for c in restriction.candidates)


def test_a_guided_training_may_be_the_incumbent() -> None:
    samples = samples_of(BITS, Restriction(), 100)
    scores = evaluate(planted, samples)
    found = fitted(BITS, Restriction(), samples, scores)
    kept = freeze(found, 1)
    (first,) = kept.candidates
    better = {**samples[0].configuration, **first.assignment, "p3": -first.assignment["p3"]}
    guided = known([BITS.point(better)], [-99.0], "guided")
    extra = incumbent(kept, BITS, pooled([observed(samples, scores), guided]))
    assert extra
    assert extra.assignment["p3"] == better["p3"]


def test_an_incumbent_with_other_values_of_what_it_was_not_given_stays() -> None:
    """A stage has frozen `rate`, which the best training was not given; the next freezes `kind`."""
    restriction = Restriction((Candidate({"rate": 1}),))
    best = CONDITIONAL.point(
        {"kind": "z", "rate": 3, "more": True, "size": 1, "other": True, "last": False}
    )
    earlier = known([best], [-9.0])
    drawn = samples_of(CONDITIONAL, restriction, 60)
    scores = evaluate(lambda x: 5.0 * (x["kind"] != "x") + x["size"], drawn)
    used = pooled([observed(drawn, scores), consistent(CONDITIONAL, restriction, earlier)])
    found = fit(Design(CONDITIONAL, restriction), Stage(samples=60, sparsity=2), used)
    kept = freeze(found, keep=1)
    assert [candidate.assignment["kind"] for candidate in kept.candidates] == ["x"]
    added = incumbent(kept, CONDITIONAL, used)
    assert added
    assert added.assignment["kind"] == "z"
