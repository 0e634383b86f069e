"""Values between the levels."""

import numpy as np
import pytest
from harmonica_steps.space.cells import cell
from hypothesis import given
from hypothesis import strategies as st
from space_support import space

from harmonica_steps.errors import HarmonicaError

SPACE = space(
    linear={"type": "float", "low": -1.0, "high": 2.0, "levels": 4},
    log={"type": "float", "low": 1e-4, "high": 1e-1, "log": True, "levels": 5},
    whole={"type": "int", "low": 1, "high": 12, "levels": 3},
    width={"type": "int", "low": 8, "high": 512, "log": True, "levels": 4},
    kind={"type": "categorical", "values": ["x", 1, True]},
)
RANGES = ["linear", "log", "whole", "width"]


@pytest.mark.parametrize("name", SPACE.names)
def test_a_level_is_in_its_own_cell(name: str) -> None:
    for index, value in enumerate(SPACE.grids[name]):
        assert cell(SPACE, name, value) == index


@given(st.integers(2, 16), st.integers(1, 50), st.integers(16, 2000), st.booleans())
def test_values_beside_a_level_share_its_cell(levels: int, low: int, width: int, log: bool) -> None:
    """Or the order of values would not be that of their cells."""
    found = space(
        x={"type": "float", "low": low, "high": low + width, "log": log, "levels": levels}
    )
    for index, value in enumerate(found.grids["x"]):
        beside = min(float(value) * (1 + 1e-9), float(low + width))
        assert cell(found, "x", beside) == index


@pytest.mark.parametrize("name", RANGES)
def test_uniform_values_are_uniform_over_the_levels(name: str) -> None:
    parameter, count = SPACE.parameters[name], len(SPACE.grids[name])
    positions = (np.arange(6000) + 0.5) / 6000
    found = [cell(SPACE, name, parameter.between(float(p))) for p in positions]
    assert np.bincount(found, minlength=count) / 6000 == pytest.approx(
        np.full(count, 1 / count), abs=0.015
    )


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("linear", 2.5, "linear: 2.5 is not in the range from -1.0 to 2.0"),
        ("linear", float("nan"), "is not in the range"),
        ("whole", 2.5, "whole: 2.5 is no whole number"),
        ("log", "a", "log: 'a' is no number"),
        ("log", True, "log: True is no number"),
        ("kind", "y", "kind: has no level 'y'"),
    ],
)
def test_what_is_no_value_is_refused(name: str, value: object, message: str) -> None:
    with pytest.raises(HarmonicaError, match=message):
        cell(SPACE, name, value)
