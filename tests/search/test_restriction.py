"""The restriction that a person may have edited."""

import json
from typing import Any

import pytest
from search_support import space

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.search.restriction import Candidate, Restriction, as_data, changed
from harmonica_steps.space import Interval

SPACE = space(
    a={"type": "bool"},
    kind={"type": "categorical", "values": ["sgd", "adam"]},
    rate={"type": "float", "low": 0.0, "high": 1.0, "levels": 3},
    size={"type": "ordinal", "values": [4, 8, 16, 32, 64]},
    width={"type": "int", "low": 8, "high": 512, "log": True, "levels": 4},
)


def candidates(*assignments: Any) -> dict[str, Any]:
    return {"candidates": [{"assignment": assignment} for assignment in assignments]}


def test_candidates_are_read_as_they_are_written_whatever_is_predicted() -> None:
    assignments = {"a": True, "rate": 0.5}, {"a": False, "rate": 0.0}
    restriction = Restriction(tuple(Candidate(assignment) for assignment in assignments))
    written = candidates(*assignments)
    written["candidates"][0]["predicted"] = 0.25
    assert Restriction.parse(written, SPACE) == restriction
    assert restriction.frozen == ("a", "rate")
    assert restriction.free(SPACE) == ("kind", "size", "width")


def test_intervals_are_read_as_they_are_written() -> None:
    assignment = {"a": True, "rate": Interval(0.25, 0.5), "width": Interval(16, 64)}
    restriction = Restriction((Candidate(assignment),))
    written = candidates({name: as_data(value) for name, value in assignment.items()})
    assert written["candidates"][0]["assignment"]["rate"] == {"low": 0.25, "high": 0.5}
    assert Restriction.parse(json.loads(json.dumps(written)), SPACE) == restriction
    assert restriction.assigned == ("a", "rate", "width")
    assert restriction.frozen == ("a",)
    assert restriction.narrowed == ("rate", "width")
    assert restriction.free(SPACE) == ("kind", "rate", "size", "width")


def test_any_number_of_a_range_may_be_frozen() -> None:
    found = Restriction.parse(candidates({"rate": 0.4, "width": 9}), SPACE)
    assert found.candidates[0].assignment == {"rate": 0.4, "width": 9}
    assert found.frozen == ("rate", "width")


def test_candidates_may_have_different_intervals_of_a_range() -> None:
    one, other = {"low": 0.0, "high": 0.1}, {"low": 0.2, "high": 1.0}
    found = Restriction.parse(candidates({"rate": one}, {"rate": other}), SPACE)
    assert [c.assignment["rate"] for c in found.candidates] == [(0.0, 0.1), (0.2, 1.0)]


def test_what_has_changed_is_what_is_new_or_narrower() -> None:
    before = Restriction((Candidate({"a": True, "rate": Interval(0.0, 0.5)}),))
    same = Restriction((Candidate({"a": False, "rate": Interval(0.0, 0.5)}),))
    narrower = Restriction((Candidate({"a": True, "rate": Interval(0.1, 0.3), "kind": "sgd"}),))
    frozen = Restriction((Candidate({"a": True, "rate": 0.25}),))
    assert changed(before, same) == ()
    assert changed(before, narrower) == ("rate", "kind")
    assert changed(before, frozen) == ("rate",)
    assert changed(Restriction(), before) == ("a", "rate")


def test_names_are_put_in_the_order_of_the_space_and_numbers_are_its_own() -> None:
    written = {"width": 9.0, "size": 8.0, "rate": 1, "a": True}
    (found,) = Restriction.parse(candidates(written), SPACE).candidates
    assert repr(found.assignment) == "{'a': True, 'rate': 1.0, 'size': 8, 'width': 9}"
    ends = {"size": {"low": 8.0, "high": 16}, "rate": {"low": 0, "high": 1}}
    (found,) = Restriction.parse(candidates(ends), SPACE).candidates
    assert repr([*found.assignment["rate"], *found.assignment["size"]]) == "[0.0, 1.0, 8, 16]"


def test_an_empty_assignment_frees_everything() -> None:
    assert Restriction.parse(candidates({}), SPACE).free(SPACE) == SPACE.names


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "candidates: must be a list with at least one assignment."),
        ({"candidates": []}, "candidates: must be a list with at least one assignment."),
        ({"candidates": {"a": True}}, "candidates: must be a list with at least one assignment."),
        ({"candidates": ["a"]}, "candidates.1: must be a mapping with the key assignment."),
        ({"candidates": [{}]}, "candidates.1: must be a mapping with the key assignment."),
        (candidates(["a"]), "candidates.1: must be a mapping with the key assignment."),
        (
            candidates({"knid": "sgd"}),
            "candidates.1.assignment.knid: no such parameter, did you mean 'kind'?",
        ),
        (
            candidates({"kind": "sgd"}, {"kind": "adma"}),
            "candidates.2.assignment.kind: has no value 'adma', did you mean 'adam'?",
        ),
        (candidates({"a": 1}), "candidates.1.assignment.a: has no value 1; allowed: False, True"),
        (
            candidates({"rate": "0.5"}),
            "candidates.1.assignment.rate: '0.5' is not a number",
        ),
        (
            candidates({"rate": 1.5}),
            "candidates.1.assignment.rate: 1.5 is not in the range from 0.0 to 1.0",
        ),
        (
            candidates({"width": 8.5}),
            "candidates.1.assignment.width: 8.5 is not a whole number",
        ),
        (
            candidates({"rate": {}}),
            "candidates.1.assignment.rate: an interval has the keys low and high, got none",
        ),
        (
            candidates({"rate": {"low": 0.1, "hihg": 0.2}}),
            "candidates.1.assignment.rate: an interval has the keys low and high, got low, hihg",
        ),
        (
            candidates({"rate": {"low": 0.1, "high": 0.2, "log": True}}),
            "candidates.1.assignment.rate: an interval has the keys low and high, "
            "got low, high, log",
        ),
        (
            candidates({"rate": {"low": 0.2, "high": 0.1}}),
            "candidates.1.assignment.rate: low must come before high, got 0.2 and 0.1; "
            "for a single value give the value itself",
        ),
        (
            candidates({"width": {"low": 16, "high": 16}}),
            "candidates.1.assignment.width: low must come before high, got 16 and 16; "
            "for a single value give the value itself",
        ),
        (
            candidates({"size": {"low": 32, "high": 8}}),
            "candidates.1.assignment.size: low must come before high, got 32 and 8; "
            "for a single value give the value itself",
        ),
        (
            candidates({"rate": {"low": -0.5, "high": 0.5}}),
            "candidates.1.assignment.rate: -0.5 is not in the range from 0.0 to 1.0",
        ),
        (
            candidates({"rate": {"low": 0.5, "high": None}}),
            "candidates.1.assignment.rate: None is not a number",
        ),
        (
            candidates({"size": {"low": 4, "high": 9}}),
            "candidates.1.assignment.size: has no value 9; allowed: 4, 8, 16, 32, 64",
        ),
        (
            candidates({"size": {"low": [4], "high": 8}}),
            "candidates.1.assignment.size: has no value [4]; allowed: 4, 8, 16, 32, 64",
        ),
        (
            candidates({"rate": [0.1, 0.2]}),
            "candidates.1.assignment.rate: [0.1, 0.2] is not a number",
        ),
        (
            candidates({"kind": {"low": "sgd", "high": "adam"}}),
            "candidates.1.assignment.kind: has no order, so it cannot have low and high; "
            "give a value",
        ),
        (
            candidates({"knid": {"low": 1, "high": 2}}),
            "candidates.1.assignment.knid: no such parameter, did you mean 'kind'?",
        ),
        (
            candidates({"rate": 0.5}, {"rate": {"low": 0.25, "high": 0.5}}),
            "candidates.2.assignment.rate: all candidates must leave as many values of a "
            "parameter; this one leaves 3, the first 1.",
        ),
        (
            candidates({"size": {"low": 4, "high": 16}}, {"size": {"low": 8, "high": 16}}),
            "candidates.2.assignment.size: all candidates must leave as many values of a "
            "parameter; this one leaves 2, the first 3.",
        ),
        (
            candidates({"a": True}, {"a": True, "rate": 0}, {"kind": "sgd"}),
            "candidates.2.assignment: all candidates must assign the same parameters; "
            "rate differ from the first.",
        ),
    ],
)
def test_what_is_no_restriction_is_refused(content: dict[str, Any], message: str) -> None:
    with pytest.raises(HarmonicaError) as caught:
        Restriction.parse(content, SPACE)
    assert str(caught.value) == message
