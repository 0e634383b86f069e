"""The grids of the kinds of parameter, and their continuous ranges."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError
from space_support import entries, floats, integers, parameter

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.space.parameters import KINDS

positions = st.floats(0, 1, exclude_max=True)


@given(entries)
def test_a_grid_has_at_least_two_different_levels(entry: dict[str, object]) -> None:
    grid = parameter(**entry).grid()
    assert len({(type(value), value) for value in grid}) == len(grid) >= 2


@given(entries)
def test_the_levels_of_a_range_increase_from_its_low_to_its_high(entry: dict[str, object]) -> None:
    if entry["type"] in ("int", "float"):
        grid = parameter(**entry).grid()
        assert list(grid) == sorted(grid)
        assert (grid[0], grid[-1]) == pytest.approx((entry["low"], entry["high"]), rel=1e-11)


@given(integers() | floats(), positions)
@example({"type": "int", "low": 5, "high": 6, "log": True}, 0.0)  # exp(log(5)) is below 5
def test_a_value_between_the_levels_stays_in_the_range(
    entry: dict[str, object], position: float
) -> None:
    value = parameter(**entry).between(position)
    assert entry["low"] <= value <= entry["high"]
    assert type(value) is (int if entry["type"] == "int" else float)


@given(integers() | floats())
def test_the_ends_of_all_positions_are_those_of_the_range(entry: dict[str, object]) -> None:
    assert parameter(**entry).ends(0.0, 1.0) == (entry["low"], entry["high"])


@given(integers() | floats(), st.data())
def test_the_ends_of_an_interval_are_in_order_and_near_its_positions(
    entry: dict[str, object], data: st.DataObject
) -> None:
    found = parameter(**entry)
    start = data.draw(st.floats(0, 0.98))
    stop = data.draw(st.floats(start + 0.01, 1.0))
    low, high = found.ends(start, stop)
    assert entry["low"] <= low <= high <= entry["high"]
    if entry["type"] == "float":
        assert found.span(low, high) == pytest.approx((start, stop), abs=(stop - start) / 500)


def test_the_ends_of_an_interval_have_few_digits() -> None:
    rate = parameter(type="float", low=1e-4, high=1e-1, log=True)
    assert rate.ends(1 / 3, 2 / 3) == (0.001, 0.01)
    assert rate.ends(0.21, 0.25) == (0.0004266, 0.0005623)
    width = parameter(type="int", low=1, high=12, levels=3)
    assert [width.ends(i / 3, (i + 1) / 3) for i in range(3)] == [(1, 4), (5, 8), (9, 12)]


@pytest.mark.parametrize(
    ("entry", "grid"),
    [
        ({"type": "bool"}, (False, True)),
        ({"type": "categorical", "values": ["b", 1, True]}, ("b", 1, True)),
        ({"type": "ordinal", "values": [4, 8, 16]}, (4, 8, 16)),
        ({"type": "int", "low": -1, "high": 2}, (-1, 0, 1, 2)),
        ({"type": "int", "low": 0, "high": 100, "levels": 5}, (0, 25, 50, 75, 100)),
        ({"type": "int", "low": 1, "high": 1000, "levels": 4, "log": True}, (1, 10, 100, 1000)),
        ({"type": "float", "low": 0, "high": 0.3}, (0.0, 0.1, 0.2, 0.3)),
        ({"type": "float", "low": 1e-4, "high": 0.1, "log": True}, (0.0001, 0.001, 0.01, 0.1)),
    ],
)
def test_grids_are_tidy_numbers(entry: dict[str, object], grid: tuple[object, ...]) -> None:
    found = parameter(**entry).grid()
    assert [repr(value) for value in found] == [repr(value) for value in grid]


def test_every_whole_number_of_a_range_is_equally_likely_between_levels() -> None:
    dice = parameter(type="int", low=1, high=6)
    thrown = [dice.between((i + 0.5) / 600) for i in range(600)]
    assert [thrown.count(n) for n in range(1, 7)] == [100] * 6


def test_a_log_range_spends_half_its_positions_below_the_geometric_mean() -> None:
    rate = parameter(type="float", low=1e-4, high=1e-2, log=True)
    assert rate.between(0.5) == pytest.approx(1e-3)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"type": "float", "low": 2, "high": 1}, "low must be below high, got 2.0 and 1.0"),
        ({"type": "float", "low": 0, "high": 1, "log": True}, "log: true needs low > 0, got 0.0"),
        ({"type": "float", "low": 0, "high": float("nan")}, "should be a finite number"),
        ({"type": "float", "low": 0, "high": 1e16}, "low and high must be finite and within"),
        ({"type": "int", "low": 0, "high": 16}, "17 values are too many to try each"),
        ({"type": "int", "low": 0, "high": 3, "levels": 5}, "levels: 5 do not fit between 0 and 3"),
        (
            {"type": "int", "low": 1, "high": 9, "log": True, "levels": 8},
            "levels: 8 do not fit between 1 and 9",
        ),
        ({"type": "ordinal", "values": ["a", "a"]}, "value 'a' is listed twice"),
        ({"type": "ordinal", "values": ["a"]}, "at least 2 items"),
    ],
)
def test_a_wrong_parameter_is_refused(entry: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        parameter(**entry)
    assert message in str(caught.value)


@pytest.mark.parametrize("values", [[1, 1.0], [float("nan"), 1.0], [float("inf"), 1.0]])
def test_values_that_no_file_can_tell_apart_or_hold_are_refused(values: list[float]) -> None:
    with pytest.raises(ValidationError):
        parameter(type="categorical", values=values)


@pytest.mark.parametrize(
    "entry",
    [
        {"type": "float", "low": 1.0, "high": 1 + 1e-13},
        {"type": "float", "low": -1e308, "high": 1e308},
        {"type": "int", "low": 0, "high": 10**30, "levels": 4},
    ],
    ids=["narrower than twelve digits", "wider than a double", "wider than 64 bits"],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_range_without_distinct_representable_levels_is_refused(
    entry: dict[str, object],
) -> None:
    with pytest.raises(ValidationError):
        parameter(**entry)


@given(entries)
def test_every_level_is_a_value_of_its_kind(entry: dict[str, object]) -> None:
    found = parameter(**entry)
    for value in found.grid():
        assert (type(found.spelled(value)), found.spelled(value)) == (type(value), value)


@pytest.mark.parametrize(
    ("entry", "value", "spelled"),
    [
        ({"type": "int", "low": 1, "high": 4}, 2.0, 2),
        ({"type": "int", "low": 1, "high": 90, "levels": 4}, 33.0, 33),
        ({"type": "float", "low": 0, "high": 4}, 1, 1.0),
        ({"type": "ordinal", "values": [1, 2.5]}, 1.0, 1),
        ({"type": "categorical", "values": [True, 1]}, 1.0, 1),
    ],
)
def test_a_value_is_spelled_as_the_parameter_has_it(
    entry: dict[str, object], value: object, spelled: object
) -> None:
    found = parameter(**entry).spelled(value)
    assert (type(found), found) == (type(spelled), spelled)


@pytest.mark.parametrize(
    ("entry", "value", "problem"),
    [
        ({"type": "int", "low": 1, "high": 4}, 2.5, "2.5 is not a whole number"),
        ({"type": "int", "low": 1, "high": 4}, 7, "7 is not in the range from 1 to 4"),
        ({"type": "float", "low": 0, "high": 4}, True, "True is not a number"),
        ({"type": "bool"}, 1, "has no value 1"),
        ({"type": "ordinal", "values": ["low", "high"]}, "hihg", "has no value 'hihg'.*'high'"),
    ],
)
def test_a_value_that_the_parameter_cannot_have_is_refused(
    entry: dict[str, object], value: object, problem: str
) -> None:
    with pytest.raises(HarmonicaError, match=problem):
        parameter(**entry).spelled(value)


def test_the_table_has_every_kind_by_its_name() -> None:
    assert list(KINDS) == ["bool", "categorical", "ordinal", "int", "float"]
