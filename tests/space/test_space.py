"""A space: encoding, conditions, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from space_support import space, spaces

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.space import Space

BOOL = {"type": "bool"}


@given(spaces(), st.data())
def test_decode_undoes_encode_for_every_level(drawn: Space, data: st.DataObject) -> None:
    levels = [data.draw(st.integers(0, int(size) - 1)) for size in drawn.sizes]
    configuration = drawn.decode(levels)
    assert list(configuration) == list(drawn.names)
    assert drawn.encode(configuration).tolist() == levels


@given(spaces(), st.data())
def test_active_parameters_are_those_whose_whole_ancestry_holds(
    drawn: Space, data: st.DataObject
) -> None:
    levels = [data.draw(st.integers(0, int(size) - 1)) for size in drawn.sizes]
    configuration = drawn.decode(levels)

    def is_active(name: str) -> bool:
        for parent, wanted in drawn.parameters[name].when.items():
            allowed = wanted if isinstance(wanted, list) else [wanted]
            spelled = [repr(value) for value in allowed]
            if repr(configuration[parent]) not in spelled or not is_active(parent):
                return False
        return True

    expected = {name: v for name, v in configuration.items() if is_active(name)}
    assert drawn.active(configuration) == expected
    (of_levels,) = drawn.active_levels(np.array([levels]))
    assert of_levels.tolist() == [name in expected for name in drawn.names]


def test_true_is_not_one() -> None:
    both = space(x={"type": "categorical", "values": [1, True, 0, False]})
    assert [both.level("x", value) for value in (1, True, 0, False)] == [0, 1, 2, 3]
    with pytest.raises(HarmonicaError, match="x: has no level True"):
        space(x={"type": "int", "low": 0, "high": 1}).level("x", True)
    with pytest.raises(HarmonicaError, match="x: has no level 1"):
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
        ({"kind": "adm"}, "space.x.when.kind: has no level 'adm', did you mean 'adam'?"),
        ({"kind": ["sgd", 7]}, "space.x.when.kind: has no level 7; allowed: sgd, adam"),
        ({"x": True}, "space.x.when: the conditions go round in a circle (x)."),
    ],
)
def test_an_impossible_condition_is_refused(when: dict[str, object], message: str) -> None:
    with pytest.raises(HarmonicaError) as caught:
        space(
            kind={"type": "categorical", "values": ["sgd", "adam"]},
            x={"type": "bool", "when": when},
        )
    assert str(caught.value) == message


def test_a_circle_of_conditions_is_refused_with_its_members() -> None:
    with pytest.raises(HarmonicaError, match=r"go round in a circle \(a, b, c\)"):
        space(
            free=BOOL,
            a={"type": "bool", "when": {"c": True}},
            b={"type": "bool", "when": {"a": True}},
            c={"type": "bool", "when": {"b": True}},
        )


def test_an_incomplete_configuration_is_refused() -> None:
    with pytest.raises(HarmonicaError, match="b: the configuration gives it no value"):
        space(a=BOOL, b=BOOL).encode({"a": True})


def test_an_empty_space_is_refused() -> None:
    with pytest.raises(HarmonicaError, match="space: is empty"):
        Space({})
