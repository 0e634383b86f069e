"""Which samples a stage's regression uses, and on what scale."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from search_support import CONDITIONAL, bits, samples_of

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.search.restriction import Candidate, Restriction
from harmonica_steps.search.samples import Samples, consistent, pooled, transformed

BITS = bits(4)


def observed(count: int, seed: int) -> Samples:
    drawn = samples_of(BITS, Restriction(), count, seed)
    levels = np.array([sample.levels for sample in drawn])
    return Samples(np.zeros(count, dtype=int), levels, np.arange(float(count)))


@given(st.integers(0, 50), st.integers(1, 4))
def test_consistent_samples_are_those_that_carry_a_candidate(seed: int, kept: int) -> None:
    rng = np.random.default_rng(seed)
    pairs = rng.permutation([(-1, -1), (-1, 1), (1, -1), (1, 1)])[:kept]
    restriction = Restriction(tuple(Candidate({"p0": int(a), "p2": int(b)}) for a, b in pairs))
    earlier = observed(40, seed)
    found = consistent(BITS, restriction, earlier)
    expected = [
        (number, score)
        for levels, score in zip(earlier.levels, earlier.scores, strict=True)
        for number, (a, b) in enumerate(pairs)
        if (2 * levels[0] - 1, 2 * levels[2] - 1) == (a, b)
    ]
    assert list(zip(found.candidate, found.scores, strict=True)) == expected


@given(st.integers(0, 50), st.integers(1, 4))
def test_what_a_condition_withholds_need_not_agree(seed: int, kept: int) -> None:
    rng = np.random.default_rng(seed)
    drawn = samples_of(CONDITIONAL, Restriction(), 60, seed)
    earlier = Samples(
        np.zeros(60, dtype=int), np.array([s.levels for s in drawn]), np.arange(float(60))
    )
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


def test_without_a_restriction_everything_is_consistent() -> None:
    earlier = observed(20, 0)
    found = pooled([earlier, consistent(BITS, Restriction(), earlier)])
    assert found.scores.tolist() == [*range(20), *range(20)]


def scores(values: list[float], transform: str, direction: str = "minimize") -> list[float]:
    sign = -1 if direction == "maximize" else 1
    levels = np.zeros((len(values), 4), dtype=int)
    samples = Samples(np.zeros(len(values), dtype=int), levels, sign * np.array(values))
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
