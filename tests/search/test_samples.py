"""Which samples a stage's regression uses, and on what scale."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from search_support import CONDITIONAL, bits, samples_of, space

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.search.draw import UNIFORM
from harmonica_steps.search.restriction import Candidate, Restriction
from harmonica_steps.search.samples import (
    Samples,
    consistent,
    observed,
    pooled,
    transformed,
    usable,
)
from harmonica_steps.search.transforms import normal_scores
from harmonica_steps.space import Interval, Space

BITS = bits(4)


def some(where: Space, count: int, seed: int) -> Samples:
    drawn = samples_of(where, Restriction(), count, seed)
    return observed(drawn, np.arange(float(count)))


@given(st.integers(0, 50), st.integers(1, 4))
def test_consistent_samples_are_those_that_carry_a_candidate(seed: int, kept: int) -> None:
    rng = np.random.default_rng(seed)
    pairs = rng.permutation([(-1, -1), (-1, 1), (1, -1), (1, 1)])[:kept]
    restriction = Restriction(tuple(Candidate({"p0": int(a), "p2": int(b)}) for a, b in pairs))
    earlier = some(BITS, 40, seed)
    found = consistent(BITS, restriction, earlier)
    expected = [
        (number, score)
        for point, score in zip(earlier.points, earlier.scores, strict=True)
        for number, (a, b) in enumerate(pairs)
        if (2 * point[0] - 1, 2 * point[2] - 1) == (a, b)
    ]
    assert list(zip(found.candidate, found.scores, strict=True)) == expected


@given(st.integers(0, 50), st.integers(1, 4))
def test_what_a_condition_withholds_need_not_agree(seed: int, kept: int) -> None:
    rng = np.random.default_rng(seed)
    drawn = samples_of(CONDITIONAL, Restriction(), 60, seed)
    earlier = observed(drawn, np.arange(60.0))
    names = [name for name in CONDITIONAL.names if rng.random() < 0.6]
    chosen = (CONDITIONAL.decode(rng.integers(CONDITIONAL.sizes)) for _ in range(kept))
    restriction = Restriction(
        tuple(Candidate({name: values[name] for name in names}) for values in chosen)
    )
    found = consistent(CONDITIONAL, restriction, earlier)
    active = CONDITIONAL.active
    expected = {
        float(sample.trial): [
            number
            for number, candidate in enumerate(restriction.candidates)
            if active({**sample.configuration, **candidate.assignment})
            == active(sample.configuration)
        ]
        for sample in drawn
    }
    assert {
        score: int(candidate)
        for candidate, score in zip(found.candidate, found.scores, strict=True)
    } == {trial: numbers[0] for trial, numbers in expected.items() if numbers}


@given(st.integers(0, 50))
def test_a_narrowed_parameter_agrees_inside_the_interval(seed: int) -> None:
    where = space(
        rate={"type": "float", "low": 1e-4, "high": 1.0, "log": True},
        size={"type": "ordinal", "values": [4, 8, 16, 32, 64]},
        width={"type": "int", "low": 1, "high": 100, "levels": 4},
    )
    first = {"rate": Interval(0.001, 0.1), "size": Interval(8, 32), "width": Interval(20, 80)}
    second = {"rate": Interval(0.01, 1.0), "size": Interval(16, 64), "width": Interval(1, 60)}
    drawn = samples_of(where, Restriction(), 100, seed)
    found = consistent(
        where, Restriction((Candidate(first), Candidate(second))), some(where, 100, seed)
    )
    expected = {}
    for sample in drawn:
        for number, assignment in ((1, second), (0, first)):
            values = [(sample.configuration[name], a) for name, a in assignment.items()]
            if all(low <= value <= high for value, (low, high) in values):
                expected[float(sample.trial)] = number
    assert dict(zip(found.scores, found.candidate, strict=True)) == expected


def test_only_uniform_samples_are_for_a_regression() -> None:
    earlier = some(BITS, 6, 0)
    origin = np.array([UNIFORM, "guided", UNIFORM, "child", "asked", UNIFORM], dtype=object)
    mixed = earlier._replace(origin=origin)
    assert usable(BITS, Restriction(), mixed).scores.tolist() == [0.0, 2.0, 5.0]
    assert consistent(BITS, Restriction(), mixed).scores.tolist() == [*range(6)]


@given(st.lists(st.integers(-3, 3), min_size=1))
def test_normal_scores_are_scipys(values: list[int]) -> None:
    expected = stats.norm.ppf((stats.rankdata(values) - 0.5) / len(values))
    assert normal_scores(np.array(values, dtype=float)).tolist() == expected.tolist()


def test_normal_scores_are_those_of_any_increasing_function() -> None:
    values = np.random.default_rng(0).normal(size=30)
    ranked = normal_scores(values)
    assert ranked == pytest.approx(normal_scores(np.exp(3 * values) + 5), abs=0)
    assert ranked.mean() == pytest.approx(0, abs=1e-12)
    assert (
        normal_scores(np.array([1.0, 1.0, 2.0]))[0] == normal_scores(np.array([3.0, 3.0, 9.0]))[1]
    )


def test_without_a_restriction_everything_is_consistent() -> None:
    earlier = some(BITS, 20, 0)
    found = pooled([earlier, consistent(BITS, Restriction(), earlier)])
    assert found.scores.tolist() == [*range(20), *range(20)]


def scores(values: list[float], transform: str, direction: str = "minimize") -> list[float]:
    sign = -1 if direction == "maximize" else 1
    samples = some(BITS, len(values), 0)._replace(scores=sign * np.array(values))
    return transformed(samples, transform, direction).scores.tolist()


def test_failures_that_are_left_out_are_left_out() -> None:
    assert scores([1.0, np.nan, 3.0], "none") == [1.0, 3.0]


def test_the_logarithm_is_that_of_the_metric_in_both_directions() -> None:
    assert scores([1.0, 10.0], "log") == pytest.approx([0.0, np.log(10)])
    assert scores([1.0, 10.0], "log", "maximize") == pytest.approx([0.0, -np.log(10)])


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_the_logarithm_needs_a_positive_metric(direction: str) -> None:
    with pytest.raises(HarmonicaError, match=r"there is the value -2; use rank or none"):
        scores([1.0, -2.0], "log", direction)


@given(st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=20, unique=True))
def test_ranks_do_not_see_the_scale(values: list[float]) -> None:
    ranked = scores(values, "rank")
    assert np.argsort(ranked).tolist() == np.argsort(values).tolist()
    assert scores([2 * v + 7 for v in range(5)], "rank") == scores([0, 1, 2, 3, 1e9], "rank")
    assert sum(ranked) == pytest.approx(0, abs=1e-9)
