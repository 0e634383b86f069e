"""The regression of a stage: its variables, their levels, and which settings it prefers."""

from dataclasses import dataclass

import numpy as np
import pytest
from search_support import bits, evaluate, fitted, samples_of, space

from harmonica_steps.config import Stage
from harmonica_steps.search.design import Design, Fit, fit
from harmonica_steps.search.draw import UNIFORM
from harmonica_steps.search.freeze import freeze
from harmonica_steps.search.restriction import CANDIDATE, Candidate, Restriction
from harmonica_steps.search.samples import Samples, observed
from harmonica_steps.space import Interval
from harmonica_steps.spectral import Term

BITS = bits(12)
MIXED = space(
    kind={"type": "categorical", "values": ["x", "y", "z"]},
    rate={"type": "float", "low": 0.0, "high": 1.0, "levels": 4},
    size={"type": "ordinal", "values": [4, 8, 16, 32, 64]},
    on={"type": "bool"},
)
NARROW = Restriction(
    (
        Candidate({"rate": Interval(0.0, 0.4), "size": Interval(4, 16), "on": True}),
        Candidate({"rate": Interval(0.5, 0.9), "size": Interval(16, 64), "on": False}),
    )
)


def samples(points: list[dict[str, object]], candidates: list[int]) -> Samples:
    return Samples(
        np.array(candidates),
        np.array([MIXED.point(point) for point in points]),
        np.arange(float(len(points))),
        np.array([UNIFORM] * len(points), dtype=object),
    )


def test_the_variables_are_what_is_drawn_narrowed_or_not() -> None:
    assert Design(MIXED, Restriction()).names == ("kind", "rate", "size", "on")
    assert Design(MIXED, NARROW).names == (CANDIDATE, "kind", "rate", "size")
    assert list(Design(MIXED, NARROW).basis.sizes) == [2, 3, 4, 3]
    one = Restriction(NARROW.candidates[:1])
    assert Design(MIXED, one).names == ("kind", "rate", "size")


def test_levels_are_relative_to_the_interval_of_the_samples_own_candidate() -> None:
    found = Design(MIXED, NARROW).levels(
        samples(
            [
                {"kind": "x", "rate": 0.05, "size": 4, "on": True},
                {"kind": "y", "rate": 0.39, "size": 16, "on": True},
                {"kind": "z", "rate": 0.55, "size": 16, "on": False},
                {"kind": "z", "rate": 0.89, "size": 64, "on": False},
            ],
            [0, 0, 1, 1],
        )
    )
    assert found.tolist() == [[0, 0, 0, 0], [0, 1, 3, 2], [1, 2, 0, 0], [1, 2, 3, 2]]


def test_a_level_is_shown_as_the_users_value_or_interval() -> None:
    design = Design(MIXED, Restriction())
    assert [design.value(0, level) for level in range(3)] == ["x", "y", "z"]
    assert [design.value(1, level) for level in (0, 3)] == [(0.0, 0.25), (0.75, 1.0)]
    assert design.value(2, 4) == 64
    assert [Design(MIXED, NARROW).value(0, level) for level in (0, 1)] == [1, 2]


def test_nothing_is_recovered_when_nothing_is_free() -> None:
    everything = Restriction((Candidate({"kind": "x", "rate": 0.5, "size": 4, "on": True}),))
    drawn = samples_of(MIXED, everything, 20)
    found = fitted(MIXED, everything, drawn, np.arange(20.0))
    assert not found.recovery.terms
    assert found.recovery.intercept == pytest.approx(9.5)


def test_a_combination_that_no_sample_has_is_not_chosen() -> None:
    """The polynomial of few samples is at its lowest where nothing holds it."""
    where = space(**{f"p{i}": {"type": "ordinal", "values": [0, 1, 2]} for i in range(3)})
    rng = np.random.default_rng(0)
    points = np.array([x for x in np.ndindex(3, 3, 3) if x[:2] != (0, 0)] * 3, dtype=float)
    scores = (points[:, 0] + points[:, 1] - points[:, 0] * points[:, 1]) + 0.01 * rng.normal(
        size=len(points)
    )
    origin = np.array([UNIFORM] * len(points), dtype=object)
    used = Samples(np.zeros(len(points), dtype=int), points, scores, origin)
    found = fit(Design(where, Restriction()), Stage(samples=60, sparsity=1), used)
    (term,) = found.recovery.terms
    assert term.members == (0, 1)
    assert found.design.basis.set_table(term.members, term.coefficients).argmin() == 0
    assert found.prefers(term) == {"p0": 2, "p1": 2}
    (best,) = freeze(found, keep=1).candidates
    assert best.assignment == {"p0": 2, "p1": 2}


@dataclass(frozen=True)
class Rounded(Fit):
    """With rounding errors in its tables."""

    rounding: float = 0.0

    def table(self, term: Term) -> np.ndarray:
        return np.asarray(super().table(term) + self.rounding * np.arange(4).reshape(2, 2))


@pytest.mark.parametrize("rounding", [-1e-15, 1e-15])
def test_of_two_equal_settings_the_one_that_is_frozen_is_told(rounding: float) -> None:
    """A product of two switches has two minima, which rounding errors make unequal."""
    drawn = samples_of(BITS, Restriction(), 100)
    scores = evaluate(lambda x: -float(x["p0"] * x["p1"]), drawn)
    found = fitted(BITS, Restriction(), drawn, scores, sparsity=1)
    rounded = Rounded(found.design, found.recovery, found.levels, found.scores, rounding)
    (term,) = found.recovery.terms
    assert rounded.prefers(term) == found.prefers(term)
    (kept,) = freeze(rounded, keep=1).candidates
    assert kept.assignment == found.prefers(term)
    assert kept.assignment["p0"] == kept.assignment["p1"]


@pytest.mark.parametrize("lift", [-0.2, 0.2])
def test_a_tie_is_broken_by_the_smaller_effects_of_the_terms_variables(lift: float) -> None:
    rng = np.random.default_rng(2)
    drawn = samples_of(BITS, Restriction(), 80)
    scores = evaluate(lambda x: -2.0 * x["p0"] * x["p1"] + lift * x["p0"], drawn)
    scores += rng.normal(size=80)
    found = fitted(BITS, Restriction(), drawn, scores, sparsity=1)
    (term,) = found.recovery.terms
    assert term.members == (0, 1)
    members = [of for of, _ in found.tables]
    assert members == [(0, 1), (0,), (1,)]
    better = -1 if lift > 0 else 1
    assert found.prefers(term) == {"p0": better, "p1": better}


def test_the_smaller_effects_never_overrule_a_term() -> None:
    """They are shrunk, and what a sample says about one setting is little against a term."""
    for seed in range(10):
        rng = np.random.default_rng(seed)
        drawn = samples_of(BITS, Restriction(), 80, seed)
        scores = evaluate(lambda x: -2.0 * x["p0"] * x["p1"], drawn) + rng.normal(size=80)
        found = fitted(BITS, Restriction(), drawn, scores, sparsity=1)
        (term,) = found.recovery.terms
        preferred = found.prefers(term)
        assert preferred["p0"] == preferred["p1"]


def test_without_pairs_the_tables_are_the_terms() -> None:
    drawn = samples_of(BITS, Restriction(), 80)
    scores = evaluate(lambda x: 1.0 * x["p3"] - 2.0 * x["p5"], drawn)
    found = fitted(BITS, Restriction(), drawn, scores, sparsity=2)
    assert sorted(of for of, _ in found.tables) == [(3,), (5,)]


def test_a_failure_is_no_sample_and_the_levels_are_those_of_the_rest() -> None:
    drawn = samples_of(BITS, Restriction(), 80)
    scores = evaluate(lambda x: 1.0 * x["p3"], drawn)
    scores[::4] = np.nan
    found = fitted(BITS, Restriction(), drawn, scores, sparsity=1)
    kept = observed(drawn, scores).where(~np.isnan(scores))
    assert found.levels.tolist() == kept.points.astype(int).tolist()
    assert found.scores.tolist() == kept.scores.tolist()
