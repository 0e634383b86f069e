"""A space: encoding, conditions, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from space_support import points, space, spaces

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.space import Space, Value

BOOL = {"type": "bool"}


def assert_same(found: dict[str, Value], expected: dict[str, Value]) -> None:
    """Equal but for the last digits of real numbers."""
    assert list(found) == list(expected)
    for name, value in expected.items():
        assert type(found[name]) is type(value)
        assert found[name] == (
            pytest.approx(value, rel=1e-9, abs=1e-7) if type(value) is float else value
        )


@given(spaces(), st.data())
def test_decode_undoes_point_for_every_configuration(drawn: Space, data: st.DataObject) -> None:
    at = data.draw(points(drawn))
    configuration = drawn.decode(at)
    assert list(configuration) == list(drawn.names)
    again = drawn.point(configuration)
    assert again[~drawn.numeric].tolist() == at[~drawn.numeric].tolist()
    assert_same(drawn.decode(again), configuration)


@given(spaces(), st.data())
def test_every_value_of_a_grid_has_a_coordinate(drawn: Space, data: st.DataObject) -> None:
    configuration = {name: data.draw(st.sampled_from(grid)) for name, grid in drawn.grids.items()}
    at = drawn.point(configuration)
    assert ((at >= 0) & (at <= np.where(drawn.numeric, 1 + 1e-9, drawn.sizes - 1))).all()
    assert_same(drawn.decode(at), configuration)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("rate", 2.5, "rate: 2.5 is not in the range from -1.0 to 2.0"),
        ("rate", float("nan"), "rate: nan is not in the range from -1.0 to 2.0"),
        ("rate", "a", "rate: 'a' is not a number"),
        ("rate", True, "rate: True is not a number"),
        ("whole", 2.5, "whole: 2.5 is not a whole number"),
        ("whole", 13, "whole: 13 is not in the range from 1 to 12"),
        ("kind", "y", "kind: has no value 'y'; allowed: x, 1, True"),
        ("knd", "y", "knd: no such parameter, did you mean 'kind'?"),
    ],
)
def test_what_is_not_a_value_has_no_coordinate(name: str, value: object, message: str) -> None:
    found = space(
        rate={"type": "float", "low": -1.0, "high": 2.0, "levels": 4},
        whole={"type": "int", "low": 1, "high": 12, "levels": 3},
        kind={"type": "categorical", "values": ["x", 1, True]},
    )
    with pytest.raises(HarmonicaError) as caught:
        found.coordinate(name, value)
    assert str(caught.value) == message


@given(spaces(), st.data())
def test_active_parameters_are_those_whose_whole_ancestry_holds(
    drawn: Space, data: st.DataObject
) -> None:
    at = data.draw(points(drawn))
    configuration = drawn.decode(at)

    def is_active(name: str) -> bool:
        for parent, wanted in drawn.parameters[name].when.items():
            allowed = wanted if isinstance(wanted, list) else [wanted]
            spelled = [repr(value) for value in allowed]
            if repr(configuration[parent]) not in spelled or not is_active(parent):
                return False
        return True

    expected = {name: v for name, v in configuration.items() if is_active(name)}
    assert drawn.active(configuration) == expected
    (of_point,) = drawn.active_at(np.array([at]))
    assert of_point.tolist() == [name in expected for name in drawn.names]


def test_true_is_not_one() -> None:
    both = space(x={"type": "categorical", "values": [1, True, 0, False]})
    assert [both.level("x", value) for value in (1, True, 0, False)] == [0, 1, 2, 3]
    with pytest.raises(HarmonicaError, match="x: has no value True"):
        space(x={"type": "int", "low": 0, "high": 1}).level("x", True)
    with pytest.raises(HarmonicaError, match="x: has no value 1"):
        space(x=BOOL).level("x", 1)


def test_one_is_one_point_zero_as_in_every_file_format() -> None:
    assert space(x={"type": "int", "low": 0, "high": 3}).level("x", 1.0) == 1
    assert space(x={"type": "float", "low": 0, "high": 3}).level("x", 1) == 1


def test_a_child_of_an_inactive_parent_is_inactive() -> None:
    nested = space(
        grandchild={"type": "bool", "when": {"child": True}},
        child={"type": "bool", "when": {"parent": "on"}},
        parent={"type": "categorical", "values": ["on", "off"]},
    )
    configuration = {"grandchild": False, "child": True, "parent": "off"}
    assert nested.active(configuration) == {"parent": "off"}
    assert nested.active({**configuration, "parent": "on"}) == {**configuration, "parent": "on"}
    without = {"grandchild": False, "child": False, "parent": "on"}
    assert list(nested.active(without)) == ["child", "parent"]


def test_all_conditions_must_hold_and_a_list_means_any_of_it() -> None:
    both = space(
        a=BOOL,
        n={"type": "int", "low": 1, "high": 3},
        x={"type": "bool", "when": {"a": True, "n": [1, 3]}},
    )

    def has_x(a: bool, n: int) -> bool:
        return "x" in both.active({"a": a, "n": n, "x": True})

    assert [has_x(True, n) for n in (1, 2, 3)] == [True, False, True]
    assert not has_x(False, 1)


@pytest.mark.parametrize(
    ("when", "message"),
    [
        ({"kidn": "sgd"}, "space.x.when.kidn: no such parameter, did you mean 'kind'?"),
        ({"kind": "adm"}, "space.x.when.kind: has no value 'adm', did you mean 'adam'?"),
        ({"kind": ["sgd", 7]}, "space.x.when.kind: has no value 7; allowed: sgd, adam"),
        ({"x": True}, "space.x.when: cyclic conditions (x)."),
        (
            {"rate": 0.5},
            "space.x.when.rate: any number of a range may be drawn, so a condition cannot name "
            "one; make the parent ordinal and list its values",
        ),
    ],
)
def test_an_impossible_condition_is_refused(when: dict[str, object], message: str) -> None:
    with pytest.raises(HarmonicaError) as caught:
        space(
            kind={"type": "categorical", "values": ["sgd", "adam"]},
            rate={"type": "float", "low": 0, "high": 1, "levels": 3},
            x={"type": "bool", "when": when},
        )
    assert str(caught.value) == message


def test_a_circle_of_conditions_is_refused_with_its_members() -> None:
    with pytest.raises(HarmonicaError, match=r"cyclic conditions \(a, b, c\)"):
        space(
            free=BOOL,
            a={"type": "bool", "when": {"c": True}},
            b={"type": "bool", "when": {"a": True}},
            c={"type": "bool", "when": {"b": True}},
        )


def test_an_incomplete_configuration_is_refused() -> None:
    with pytest.raises(HarmonicaError, match="b: missing from the configuration"):
        space(a=BOOL, b=BOOL).point({"a": True})


def test_an_empty_space_is_refused() -> None:
    with pytest.raises(HarmonicaError, match="space: is empty"):
        Space({})


def test_different_trainings_are_counted_where_they_can_be() -> None:
    nested = {
        "kind": {"type": "categorical", "values": ["with", "without"]},
        "x": {"type": "ordinal", "values": [1, 2, 3], "when": {"kind": "with"}},
        "other": BOOL,
    }
    found = space(**nested)
    assert found.count(12) == (3 + 1) * 2
    assert found.count(11) is None
    assert Space(found.parameters, [{"x": 1}, {"other": True, "x": 2}]).count(12) == 2 + 2 + 1
    assert space(**nested, rate={"type": "float", "low": 0, "high": 1}).count(10**9) is None
