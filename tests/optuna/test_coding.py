"""Distributions of Optuna as parameters, and back."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from harmonica_steps.optuna.coding import Coding, code_of
from harmonica_steps.space import Region

DISTRIBUTIONS = {
    "choice": CategoricalDistribution(["a", None, 2, False]),
    "few": IntDistribution(-3, 3),
    "spaced": IntDistribution(10, 100, step=10),
    "many": IntDistribution(-500, 500),
    "logint": IntDistribution(1, 3, log=True),
    "real": FloatDistribution(-1.5, 2.5),
    "rate": FloatDistribution(1e-6, 1.0, log=True),
    "tenths": FloatDistribution(-10.2, 10.2, step=0.1),
}
CODING = Coding(DISTRIBUTIONS)


@settings(deadline=None)
@given(st.integers(0, 2**31))
def test_every_point_is_a_value_of_each_distribution_and_comes_back(seed: int) -> None:
    (point,) = Region.whole(CODING.space).draw(np.random.default_rng(seed))
    params = CODING.params(point)
    for name, distribution in DISTRIBUTIONS.items():
        assert distribution._contains(distribution.to_internal_repr(params[name]))
        number = {FloatDistribution: float, IntDistribution: int}.get(type(distribution))
        assert number is None or type(params[name]) is number
    again = CODING.point(params)
    assert again is not None
    assert CODING.params(again) == pytest.approx(params)


def test_all_values_of_a_few_are_drawn_equally_often() -> None:
    points = Region.whole(CODING.space).draw(np.random.default_rng(0), 3000)
    drawn = [CODING.params(point) for point in points]
    for name, values in {"few": range(-3, 4), "spaced": range(10, 101, 10)}.items():
        counts = [[params[name] for params in drawn].count(value) for value in values]
        assert min(counts) > 0.75 * max(counts)


def test_a_logarithmic_range_is_drawn_on_its_scale() -> None:
    points = Region.whole(CODING.space).draw(np.random.default_rng(0), 2000)
    rates = [CODING.params(point)["rate"] for point in points]
    assert np.median(rates) == pytest.approx(1e-3, rel=0.5)


@pytest.mark.parametrize(
    "distribution",
    [
        IntDistribution(3, 3),
        CategoricalDistribution(["only"]),
        FloatDistribution(1.0, 1.0),
        IntDistribution(0, 10**17),
        FloatDistribution(-1e300, 1e300),
        FloatDistribution(1.0, math.nextafter(1.0, 2.0)),
    ],
)
def test_one_value_or_a_range_beyond_a_parameter_is_left_to_others(
    distribution: BaseDistribution,
) -> None:
    assert code_of(distribution) is None


@pytest.mark.parametrize(
    "changed", [{"real": 2.6}, {"few": -4}, {"spaced": 110}, {"choice": "unknown"}]
)
def test_a_trial_outside_of_a_range_has_no_point(changed: dict[str, Any]) -> None:
    inside = CODING.params(np.zeros(len(DISTRIBUTIONS)))
    assert CODING.point(inside) is not None
    assert CODING.point({**inside, **changed}) is None
    assert CODING.point({name: inside[name] for name in inside if name not in changed}) is None
    assert CODING.point({**inside, "another": 1}) is not None
