"""Which configurations clauses forbid, and which clauses are refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from space_support import points, space, spaces

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.space import Space, Value
from harmonica_steps.space.forbidden import Clause

PARAMETERS = space(
    optimiser={"type": "categorical", "values": ["sgd", "adam"]},
    momentum={"type": "ordinal", "values": [0.0, 0.9, 0.99], "when": {"optimiser": "sgd"}},
    rate={"type": "float", "low": 1e-4, "high": 1.0, "log": True, "levels": 5},
    width={"type": "int", "low": 1, "high": 100, "levels": 4},
    bias={"type": "bool"},
    mixed={"type": "ordinal", "values": [1, True, "1"]},
).parameters
ANY: dict[str, Value] = {
    **{"optimiser": "sgd", "momentum": 0.0, "rate": 0.01, "width": 34, "bias": False, "mixed": 1}
}


def forbids(clause: dict[str, object], **changed: Value) -> bool:
    return Space(PARAMETERS, [clause]).forbids({**ANY, **changed})


def test_all_entries_of_a_clause_must_hold_and_a_list_means_any_of_it() -> None:
    clause = {"momentum": [0.9, 0.99], "bias": True}
    assert forbids(clause, momentum=0.9, bias=True)
    assert forbids(clause, momentum=0.99, bias=True)
    assert not forbids(clause, momentum=0.9)
    assert not forbids(clause, bias=True)


def test_low_and_high_are_included_and_apply_to_any_value_of_a_range() -> None:
    clause = {"rate": {"low": 0.01, "high": 0.1}}
    values = (0.00999, 0.01, 0.05, 0.1, 0.11)
    assert [forbids(clause, rate=rate) for rate in values] == [False, True, True, True, False]
    assert [forbids({"rate": {"low": 0.1}}, rate=r) for r in (0.05, 1.0)] == [False, True]
    assert [forbids({"width": {"high": 40}}, width=w) for w in (40, 41)] == [True, False]
    assert [forbids({"width": [7, 8]}, width=w) for w in (7, 9)] == [True, False]


def test_bounds_of_an_ordinal_follow_its_order() -> None:
    sizes = space(x={"type": "ordinal", "values": ["s", "m", "l"]}).parameters
    found = Space(sizes, [{"x": {"low": "m"}}])
    assert [found.forbids({"x": size}) for size in ("s", "m", "l")] == [False, True, True]
    found = Space(sizes, [{"x": {"low": "s", "high": "m"}}])
    assert [found.forbids({"x": size}) for size in ("s", "m", "l")] == [True, True, False]


def test_one_is_not_true_and_not_a_text() -> None:
    values: tuple[Value, ...] = (1, True, "1")
    for wanted in values:
        found = [forbids({"mixed": wanted}, mixed=value) for value in values]
        assert found == [value is wanted for value in values]
    assert [forbids({"mixed": {"low": True}}, mixed=v) for v in values] == [False, True, True]


def test_an_inactive_parameter_never_matches() -> None:
    assert forbids({"momentum": 0.9}, momentum=0.9)
    assert not forbids({"momentum": 0.9}, momentum=0.9, optimiser="adam")


def test_a_clause_may_be_parsed_before() -> None:
    clause = Clause.parse({"bias": True}, PARAMETERS)
    assert Space(PARAMETERS, [clause, {"width": 1}]).forbidden[0] is clause


def test_nothing_is_forbidden_without_clauses() -> None:
    found = Space(PARAMETERS)
    assert not found.forbids(ANY)
    assert not found.forbids_at(np.zeros((3, len(found)))).any()


@st.composite
def spaces_with_clauses(draw: st.DrawFn) -> tuple[Space, list[dict[str, object]]]:
    drawn = draw(spaces())
    clauses = []
    for _ in range(draw(st.integers(1, 4))):
        clause: dict[str, object] = {}
        for name in draw(st.lists(st.sampled_from(drawn.names), min_size=1, unique=True)):
            value = st.sampled_from(drawn.grids[name])
            entry: object = draw(value | st.lists(value, min_size=1, max_size=4))
            if drawn.parameters[name].type in ("int", "float", "ordinal") and draw(st.booleans()):
                low, high = sorted(drawn.level(name, draw(value)) for _ in range(2))
                ends = {"low": drawn.grids[name][low], "high": drawn.grids[name][high]}
                kept = draw(st.sampled_from([("low",), ("high",), ("low", "high")]))
                entry = {key: ends[key] for key in kept}
            clause[name] = entry
        clauses.append(clause)
    return Space(drawn.parameters, clauses), clauses


@given(spaces_with_clauses(), st.data())
def test_a_configuration_is_forbidden_when_all_entries_of_a_clause_hold(
    drawn: tuple[Space, list[dict[str, object]]], data: st.DataObject
) -> None:
    """Evaluated from the clauses as they are written, by the texts and places of values."""
    found, clauses = drawn
    configuration = found.decode(data.draw(points(found)))
    for name in data.draw(st.sets(st.sampled_from(found.names))):
        configuration[name] = data.draw(st.sampled_from(found.grids[name]))
    active = found.active(configuration)

    def place(name: str, value: object) -> float:
        if found.parameters[name].numeric:
            return value
        return [repr(v) for v in found.grids[name]].index(repr(value))

    def holds(name: str, entry: object) -> bool:
        at = place(name, configuration[name])
        if isinstance(entry, dict):
            after = "low" not in entry or place(name, entry["low"]) <= at
            return after and ("high" not in entry or at <= place(name, entry["high"]))
        return at in {place(name, v) for v in (entry if isinstance(entry, list) else [entry])}

    expected = False
    for clause in clauses:
        missing = [n for n, entry in clause.items() if n not in active or not holds(n, entry)]
        expected = expected or not missing
    assert found.forbids(configuration) == expected
    assert found.forbids_at(found.point(configuration)[None]).tolist() == [expected]


@pytest.mark.parametrize(
    ("clause", "message"),
    [
        ({}, "forbidden.2: is empty; name the parameters and values to forbid."),
        ([1], "forbidden.2: must be a mapping of parameters to values, got [1]"),
        (
            {"optimizer": "adam"},
            "forbidden.2.optimizer: no such parameter, did you mean 'optimiser'?",
        ),
        ({"optimiser": []}, "forbidden.2.optimiser: names no value."),
        ({"optimiser": "adm"}, "forbidden.2.optimiser: has no value 'adm', did you mean 'adam'?"),
        ({"momentum": 0.5}, "forbidden.2.momentum: has no value 0.5; allowed: 0.0, 0.9, 0.99"),
        ({"momentum": [0.9, None]}, "forbidden.2.momentum: has no value None; allowed: 0.0, 0.9"),
        (
            {"momentum": "0.9"},
            "forbidden.2.momentum: has no value '0.9', which is a string; the value is not: "
            "remove the quotes (0.9)",
        ),
        ({"bias": 1}, "forbidden.2.bias: has no value 1; allowed: False, True"),
        ({"rate": 2}, "forbidden.2.rate: 2 is not in the range from 0.0001 to 1.0"),
        ({"rate": float("nan")}, "forbidden.2.rate: nan is not in the range from 0.0001 to 1.0"),
        ({"rate": True}, "forbidden.2.rate: True is not a number"),
        ({"rate": "fast"}, "forbidden.2.rate: 'fast' is not a number"),
        (
            {"rate": ["1e-2"]},
            "forbidden.2.rate: YAML reads 1e-2 as text, not as a number: write 1.0e-2",
        ),
        ({"width": 2.5}, "forbidden.2.width: 2.5 is not a whole number"),
        ({"width": [5, 101]}, "forbidden.2.width: 101 is not in the range from 1 to 100"),
        ({"rate": {}}, "forbidden.2.rate: names neither low nor high."),
        (
            {"rate": {"lo": 0.1}},
            "forbidden.2.rate.lo: unknown key, did you mean 'low'?",
        ),
        ({"rate": {"low": 0.2, "high": 0.1}}, "forbidden.2.rate: low (0.2) is above high (0.1)"),
        (
            {"momentum": {"low": 0.99, "high": 0.9}},
            "forbidden.2.momentum: low (0.99) is above high (0.9)",
        ),
        ({"rate": {"low": 2.0}}, "forbidden.2.rate.low: 2.0 is not in the range from 0.0001"),
        ({"momentum": {"high": 0.5}}, "forbidden.2.momentum.high: has no value 0.5; allowed: 0.0"),
        (
            {"optimiser": {"low": "sgd"}},
            "forbidden.2.optimiser: low and high are for ordinal, int and float; list the values "
            "of a categorical instead",
        ),
        ({"bias": {"low": True}}, "forbidden.2.bias: low and high are for ordinal, int and float"),
    ],
    ids=str,
)
def test_a_wrong_clause_is_refused_with_its_key(clause: dict[str, object], message: str) -> None:
    with pytest.raises(HarmonicaError) as caught:
        Space(PARAMETERS, [{"bias": True}, clause])
    assert str(caught.value).startswith(message)
