"""Draws: valid, uniform, and a pure function of what they should depend on."""

from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare
from search_support import bits, samples_of, space

from harmonica_steps.search.draw import UNIFORM, draw, draws
from harmonica_steps.search.restriction import Candidate, Restriction
from harmonica_steps.space import Interval, Region

MIXED = space(
    switch={"type": "bool"},
    kind={"type": "categorical", "values": ["x", "y", 3]},
    size={"type": "ordinal", "values": [4, 8, 16, 32]},
    count={"type": "int", "low": 1, "high": 100, "log": True, "levels": 3},
    rate={"type": "float", "low": 0.001, "high": 1.0, "log": True, "levels": 5},
    child={"type": "bool", "when": {"switch": True}},
)
TWO = Restriction(
    (Candidate({"kind": "x", "rate": 0.001}), Candidate({"kind": 3, "rate": 1.0})),
)
NARROW = Restriction(
    (Candidate({"size": Interval(8, 32), "count": Interval(2, 9), "rate": Interval(0.01, 0.1)}),)
)


@settings(deadline=None)
@given(st.integers(0, 2**63), st.integers(1, 9), st.sampled_from([Restriction(), TWO, NARROW]))
def test_every_draw_is_a_configuration_of_the_restricted_space(
    seed: int, number: int, restriction: Restriction
) -> None:
    for sample in draw(MIXED, restriction, seed, number, 8):
        at = MIXED.point(sample.configuration)
        assert MIXED.decode(sample.point) == MIXED.decode(at) == sample.configuration
        for name, value in restriction.candidates[sample.candidate].assignment.items():
            found = sample.configuration[name]
            inside = isinstance(value, Interval) and value.low <= found <= value.high
            assert inside or found == value
        assert sample.origin == UNIFORM
        assert 0 <= sample.seed < 2**31


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_every_level_is_drawn_with_the_same_probability(seed: int) -> None:
    drawn = samples_of(MIXED, Restriction(), 2000, seed)
    levels = Region.whole(MIXED).levels(np.array([sample.point for sample in drawn]))
    for column, size in zip(levels.T, MIXED.sizes, strict=True):
        counts = np.bincount(column, minlength=size)
        assert len(counts) == size
        assert chisquare(counts).pvalue > 1e-3


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_pairs_of_parameters_are_drawn_independently(seed: int) -> None:
    drawn = samples_of(MIXED, Restriction(), 3000, seed)
    levels = Region.whole(MIXED).levels(np.array([sample.point for sample in drawn]))
    counts = np.zeros((4, 5))
    np.add.at(counts, (levels[:, 2], levels[:, 4]), 1)
    assert chisquare(counts.ravel()).pvalue > 1e-3


def test_the_candidates_are_drawn_with_the_same_probability() -> None:
    drawn = samples_of(MIXED, TWO, 1000)
    assert chisquare(np.bincount([sample.candidate for sample in drawn])).pvalue > 1e-3


def test_a_longer_list_of_samples_starts_with_the_shorter() -> None:
    assert samples_of(MIXED, TWO, 50)[:7] == samples_of(MIXED, TWO, 7)


def test_drawing_twice_gives_the_same_whatever_was_drawn_in_between() -> None:
    first = samples_of(MIXED, TWO, 9)
    np.random.default_rng().random(5)
    samples_of(MIXED, Restriction(), 30, seed=99)
    assert samples_of(MIXED, TWO, 9) == first


def test_freezing_does_not_move_the_draws_of_what_is_free() -> None:
    one = Restriction((Candidate({"kind": "y"}),))
    for free, frozen in zip(
        samples_of(MIXED, Restriction(), 20), samples_of(MIXED, one, 20), strict=True
    ):
        assert frozen.configuration == {**free.configuration, "kind": "y"}
        assert frozen.seed == free.seed


def test_seed_and_part_give_independent_draws_and_training_seeds() -> None:
    where = bits(30)
    drawn = [
        samples_of(where, Restriction(), 20, seed=seed, number=number)
        for seed in (0, 1)
        for number in (1, 2, 3)
    ]
    seeds = {sample.seed for part in drawn for sample in part}
    points = {sample.point for part in drawn for sample in part}
    assert len(seeds) == len(points) == 6 * 20


def test_seed_zero_is_honoured() -> None:
    """A public Harmonica took seed 0 for no seed."""
    assert samples_of(MIXED, Restriction(), 20, seed=0) == samples_of(
        MIXED, Restriction(), 20, seed=0
    )
    assert samples_of(MIXED, Restriction(), 20, seed=0) != samples_of(
        MIXED, Restriction(), 20, seed=1
    )


def test_the_draws_are_those_of_every_earlier_version() -> None:
    """A change of these numbers makes every search in the world another one."""
    sample = samples_of(MIXED, Restriction(), 3, seed=7)[2]
    assert sample.point == pytest.approx((1, 1, 1, 0.9384648625, 0.4573821415, 1))
    assert sample.seed == 926123091


def test_numbers_are_drawn_from_their_whole_range() -> None:
    drawn = samples_of(MIXED, Restriction(), 400)
    rates = np.array([sample.configuration["rate"] for sample in drawn])
    counts = {sample.configuration["count"] for sample in drawn}
    assert rates.min() >= 0.001
    assert rates.max() <= 1.0
    assert len(set(rates)) == 400
    assert counts <= set(range(1, 101))
    assert len(counts) > 30
    quarters = np.histogram(np.log10(rates), bins=4, range=(-3, 0))[0]
    assert chisquare(quarters).pvalue > 1e-3


def test_a_narrowed_parameter_is_drawn_uniformly_from_its_interval() -> None:
    drawn = samples_of(MIXED, NARROW, 600)
    rates = [np.log10(sample.configuration["rate"]) for sample in drawn]
    assert chisquare(np.histogram(rates, bins=5, range=(-2, -1))[0]).pvalue > 1e-3
    sizes = [sample.configuration["size"] for sample in drawn]
    assert chisquare([sizes.count(size) for size in (8, 16, 32)]).pvalue > 1e-3
    counts = np.array([sample.configuration["count"] for sample in drawn])
    assert set(counts) == set(range(2, 10))
    edges = np.log(np.arange(2, 11))
    expected = 600 * np.diff(edges) / (edges[-1] - edges[0])
    assert chisquare(np.bincount(counts)[2:], expected).pvalue > 1e-3


def test_what_is_frozen_is_exactly_its_value() -> None:
    for sample in draw(MIXED, TWO, 0, 1, 20):
        assert sample.configuration["rate"] in (0.001, 1.0)


def test_others_in_the_place_of_a_sample_are_drawn_alike() -> None:
    others = list(islice(draws(MIXED, TWO, 0, 1, 3), 500))
    assert others[0] == samples_of(MIXED, TWO, 4)[3]
    assert {(other.trial, other.seed) for other in others} == {(3, others[0].seed)}
    assert len({other.point for other in others}) > 400
    assert chisquare(np.bincount([other.candidate for other in others])).pvalue > 1e-3
