"""The restriction that a person may have edited."""

from typing import Any

import pytest
from search_support import space

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.search.restriction import Candidate, Restriction

SPACE = space(
    a={"type": "bool"},
    kind={"type": "categorical", "values": ["sgd", "adam"]},
    rate={"type": "float", "low": 0.0, "high": 1.0, "levels": 3},
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
    assert restriction.free(SPACE) == ("kind",)


def test_names_are_put_in_the_order_of_the_space_and_numbers_are_its_own() -> None:
    found = Restriction.parse(candidates({"rate": 1, "a": True}), SPACE).candidates[0]
    assert list(found.assignment) == ["a", "rate"]
    assert repr(found.assignment["rate"]) == "1.0"


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
            "candidates.2.assignment.kind: has no level 'adma', did you mean 'adam'?",
        ),
        (candidates({"a": 1}), "candidates.1.assignment.a: has no level 1; allowed: False, True"),
        (
            candidates({"rate": "0.5"}),
            "candidates.1.assignment.rate: has no level '0.5', which is text; the value is not: "
            "write 0.5 without quotes",
        ),
        (
            candidates({"rate": 0.4}),
            "candidates.1.assignment.rate: has no level 0.4; allowed: 0.0, 0.5, 1.0",
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
