"""Boxes of a space: their levels, what they contain, and how they are written."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import chisquare
from space_support import points, space, spaces

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.space import Assigned, Interval, Region, Space

SPACE = space(
    linear={"type": "float", "low": -1.0, "high": 2.0, "levels": 4},
    log={"type": "float", "low": 1e-4, "high": 1e-1, "log": True, "levels": 5},
    whole={"type": "int", "low": 1, "high": 12, "levels": 3},
    width={"type": "int", "low": 8, "high": 512, "log": True, "levels": 4},
    size={"type": "ordinal", "values": [4, 8, 16, 32, 64]},
    count={"type": "int", "low": 1, "high": 6},
    kind={"type": "categorical", "values": ["x", 1, True]},
    switch={"type": "bool"},
)
NUMBERS = ["linear", "log", "whole", "width"]
WHOLE = Region.whole(SPACE)


def column(name: str) -> int:
    return SPACE.names.index(name)


def shown(region: Region, name: str) -> list[Assigned]:
    """The values of every level of a parameter."""
    return [region.cell(name, level) for level in range(region.sizes()[column(name)])]


@st.composite
def assignments(draw: st.DrawFn, where: Space) -> dict[str, Assigned]:
    """Some parameters restricted to a value or, where they have an order, to an interval."""
    found: dict[str, Assigned] = {}
    for name in draw(st.sets(st.sampled_from(where.names))):
        grid, parameter = where.grids[name], where.parameters[name]
        first = draw(st.integers(0, len(grid) - 1))
        last = draw(st.integers(first, len(grid) - 1)) if parameter.ordered else first
        found[name] = grid[first] if first == last else Interval(grid[first], grid[last])
    return found


def test_the_whole_of_a_space_has_the_levels_of_the_space() -> None:
    assert WHOLE.sizes().tolist() == SPACE.sizes.tolist() == [4, 5, 3, 4, 5, 6, 3, 2]
    assert not WHOLE.single.any()
    assert WHOLE.sizes(8).tolist() == [8, 8, 8, 8, 5, 6, 3, 2]


def test_levels_are_values_of_a_list_and_cells_of_a_range() -> None:
    assert shown(WHOLE, "kind") == ["x", 1, True]
    assert shown(WHOLE, "size") == [4, 8, 16, 32, 64]
    assert shown(WHOLE, "whole") == [(1, 4), (5, 8), (9, 12)]
    assert shown(WHOLE, "linear") == [(-1.0, -0.25), (-0.25, 0.5), (0.5, 1.25), (1.25, 2.0)]
    assert [str(cell) for cell in shown(WHOLE, "log")][1:3] == [
        "0.0003981 to 0.001585",
        "0.001585 to 0.00631",
    ]
    first, *_, last = shown(WHOLE, "width")
    assert (first[0], last[1]) == (8, 512)


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_is_in_the_cell_that_shows_it(name: str) -> None:
    for level, (low, high) in enumerate(shown(WHOLE, name)):
        middle = (low + high) / 2 if name in ("linear", "log") else (low + high) // 2
        at = SPACE.point({**SPACE.decode(WHOLE.low), name: middle})
        assert WHOLE.levels(at[None])[0, column(name)] == level


@pytest.mark.parametrize(
    "assignment",
    [
        {},
        {"linear": Interval(0.0, 0.5), "whole": Interval(3, 9), "size": Interval(8, 32)},
        {"log": Interval(0.001, 0.01), "width": Interval(16, 64), "count": Interval(2, 4)},
        {"kind": 1, "switch": True, "linear": 0.1, "width": 100},
    ],
    ids=["whole", "one", "two", "values"],
)
def test_uniform_points_are_inside_and_uniform_over_the_levels(
    assignment: dict[str, Assigned],
) -> None:
    region = Region.of(SPACE, assignment)
    drawn = region.draw(np.random.default_rng(0), 6000)
    assert region.contains(drawn).all()
    levels = region.levels(drawn)
    for at, (name, size) in enumerate(zip(SPACE.names, region.sizes(), strict=True)):
        counts = np.bincount(levels[:, at], minlength=size)
        assert len(counts) == size
        assert size == 1 or chisquare(counts).pvalue > 1e-3, name


@pytest.mark.parametrize("log", [False, True])
def test_every_whole_number_of_an_interval_is_drawn_as_often_as_of_the_range(log: bool) -> None:
    where = space(x={"type": "int", "low": 1, "high": 12, "log": log, "levels": 3})
    region = Region.of(where, {"x": Interval(3, 5)})
    drawn = region.draw(np.random.default_rng(0), 3000)
    values = [where.decode(point)["x"] for point in drawn]
    edges = np.log([3, 4, 5, 6]) if log else np.arange(4)
    shares = np.diff(edges) / (edges[-1] - edges[0])
    assert set(values) == {3, 4, 5}
    assert chisquare([values.count(n) for n in (3, 4, 5)], 3000 * shares).pvalue > 1e-3


def test_a_restriction_does_not_move_the_draws_of_other_parameters() -> None:
    free = WHOLE.draw(np.random.default_rng(1), 20)
    region = Region.of(SPACE, {"linear": 0.5, "kind": "x", "size": Interval(8, 32)})
    same = [c for c, name in enumerate(SPACE.names) if name not in ("linear", "kind", "size")]
    assert region.draw(np.random.default_rng(1), 20)[:, same].tolist() == free[:, same].tolist()


@given(spaces(), st.data())
def test_an_assignment_is_what_its_region_says(drawn: Space, data: st.DataObject) -> None:
    assignment = data.draw(assignments(drawn))
    region = Region.of(drawn, assignment)
    for name, assigned in assignment.items():
        at = drawn.names.index(name)
        low, high = float(region.low[at]), float(region.high[at])
        again = region.restricted(name, low, high)
        assert isinstance(again, Interval) == isinstance(assigned, Interval)
        assert region.single[at] == (not isinstance(assigned, Interval))
        found = again if isinstance(again, Interval) else (again,)
        expected = assigned if isinstance(assigned, Interval) else (assigned,)
        assert [type(end) for end in found] == [type(end) for end in expected]
        if drawn.parameters[name].type == "float":  # but for digits that make no difference
            ends = drawn.parameters[name].span(found[0], found[-1])
            assert ends == pytest.approx((low, high), abs=max((high - low) / 500, 1e-9))
        else:
            assert found == expected


@given(spaces(), st.data())
def test_what_a_region_contains_are_the_values_of_the_assignment(
    drawn: Space, data: st.DataObject
) -> None:
    assignment = data.draw(assignments(drawn))
    at = data.draw(points(drawn))
    region, configuration = Region.of(drawn, assignment), drawn.decode(at)
    (contained,) = region.contains(at[None])
    for name, inside in zip(drawn.names, contained, strict=True):
        assigned, value = assignment.get(name), configuration[name]
        if assigned is None:
            assert inside
            continue
        low, high = assigned if isinstance(assigned, Interval) else (assigned, assigned)
        if drawn.parameters[name].numeric:
            edges = [
                *drawn.parameters[name].span(low, low),
                *drawn.parameters[name].span(high, high),
            ]
            assume(min(abs(at[drawn.names.index(name)] - edge) for edge in edges) > 1e-6)
            # A whole number frozen to one value is its middle, and no other position.
            single = low == high
            assert inside == (False if single else low <= value <= high)
        else:
            places = [drawn.level(name, end) for end in (low, high)]
            assert inside == (places[0] <= drawn.level(name, value) <= places[1])


@given(spaces(), st.data())
def test_a_point_outside_has_the_nearest_level(drawn: Space, data: st.DataObject) -> None:
    region = Region.of(drawn, data.draw(assignments(drawn)))
    at = data.draw(points(drawn))
    levels, sizes = region.levels(at[None])[0], region.sizes()
    assert ((levels >= 0) & (levels < sizes)).all()
    assert (levels[at < region.low] == 0).all()
    beyond = np.where(drawn.numeric, at > region.high, at >= region.high)
    assert (levels[beyond] == sizes[beyond] - 1).all()


def test_the_levels_of_an_interval_are_relative_to_it() -> None:
    region = Region.of(SPACE, {"linear": Interval(0.0, 0.4), "size": Interval(16, 64)})
    assert region.sizes()[[column("linear"), column("size")]].tolist() == [4, 3]
    assert shown(region, "linear") == [(0.0, 0.1), (0.1, 0.2), (0.2, 0.3), (0.3, 0.4)]
    assert shown(region, "size") == [16, 32, 64]
    at = SPACE.point({**SPACE.decode(WHOLE.low), "linear": 0.25, "size": 32})
    found = region.levels(at[None])[0]
    assert (found[column("linear")], found[column("size")]) == (2, 1)


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ({"knd": 1}, "knd: no such parameter, did you mean 'kind'?"),
        ({"linear": 2.5}, "linear: 2.5 is not in the range from -1.0 to 2.0"),
        ({"whole": Interval(0, 4)}, "whole: 0 is not in the range from 1 to 12"),
        ({"kind": Interval("x", 1)}, "kind: has no order, so it cannot have low and high; give a"),
        ({"size": Interval(8, 9)}, "size: has no value 9; allowed: 4, 8, 16, 32, 64"),
        (
            {"size": Interval(16, 8)},
            "size: low must come before high, got 16 and 8; for a single value give the value",
        ),
        ({"whole": Interval(4, 4)}, "whole: low must come before high, got 4 and 4; for a single"),
        ({"whole": Interval(5, 4)}, "whole: low must come before high, got 5 and 4; for a single"),
        ({"log": Interval(0.1, 0.01)}, "log: low must come before high, got 0.1 and 0.01"),
    ],
    ids=str,
)
def test_what_is_not_an_assignment_is_refused(
    assignment: dict[str, Assigned], message: str
) -> None:
    with pytest.raises(HarmonicaError) as caught:
        Region.of(SPACE, assignment)
    assert str(caught.value).startswith(message)
