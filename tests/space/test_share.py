"""What clauses leave of a space."""

import time

import numpy as np
import pytest
from space_support import space

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.space import Space
from harmonica_steps.space.share import allowed_configuration, check_share, share_left

SWITCHES = space(**{f"b{number:02}": {"type": "bool"} for number in range(60)}).parameters
NESTED = space(
    x={"type": "ordinal", "values": [1, 2, 3], "when": {"kind": "with"}},
    kind={"type": "categorical", "values": ["with", "without"]},
    other={"type": "int", "low": 0, "high": 4},
).parameters


def test_few_combinations_are_counted() -> None:
    assert share_left(Space(NESTED, [{"x": 1}])) == pytest.approx(5 / 6)
    assert share_left(Space(NESTED, [{"other": {"low": 1}}])) == pytest.approx(1 / 5)
    both = Space(NESTED, [{"x": [1, 2], "other": [0, 1]}, {"x": 1, "kind": "with"}])
    assert share_left(both) == pytest.approx(1 - (4 + 3) / 30)
    assert share_left(Space(NESTED)) == 1


def test_many_combinations_are_estimated_and_always_alike() -> None:
    clauses = [{f"b{n:02}": True, f"b{n + 1:02}": True} for n in range(0, 40, 10)]
    clauses += [{f"b{n:02}": False for n in range(40, 60)}]
    found = Space(SWITCHES, clauses)
    assert share_left(found) == pytest.approx(0.75**4, abs=0.02)
    assert share_left(found) == share_left(found)


def test_the_estimate_takes_less_than_100_ms() -> None:
    found = Space(SWITCHES, [{f"b{n:02}": True, f"b{59 - n:02}": True} for n in range(30)])
    share_left(found)
    started = time.process_time()
    share_left(found)
    assert time.process_time() - started < 0.1


def test_the_parameters_that_no_clause_concerns_make_no_difference() -> None:
    assert share_left(Space(SWITCHES, [{"b00": True, "b59": False}])) == 0.75


def test_clauses_that_leave_nothing_are_refused() -> None:
    found = Space(NESTED, [{"kind": "without"}, {"x": {"low": 1}}])
    with pytest.raises(HarmonicaError, match="forbidden: leaves no configuration"):
        check_share(found)
    with pytest.raises(HarmonicaError, match="forbidden: leaves no configuration"):
        allowed_configuration(found)


@pytest.mark.parametrize(("switches", "share"), [(7, "0.78%"), (10, "0.10%")])
def test_clauses_that_leave_too_little_are_refused_with_the_share(
    switches: int, share: str
) -> None:
    found = Space(SWITCHES, [{f"b{n:02}": True} for n in range(switches)])
    with pytest.raises(HarmonicaError, match=f"forbidden: leaves only {share} of the space"):
        check_share(found)


def test_clauses_that_leave_one_percent_or_more_are_accepted() -> None:
    check_share(Space(SWITCHES, [{f"b{n:02}": True} for n in range(6)]))
    check_share(Space(SWITCHES))


def test_the_allowed_configuration_is_the_first_that_is() -> None:
    first = {"x": 1, "kind": "with", "other": 0}
    assert allowed_configuration(Space(NESTED)) == first
    assert allowed_configuration(Space(NESTED, [{"x": 1, "other": 1}])) == first
    assert allowed_configuration(Space(NESTED, [{"x": 1, "other": 0}])) == {**first, "other": 1}


def test_an_allowed_configuration_of_many_is_complete_and_allowed() -> None:
    found = Space(SWITCHES, [{f"b{n:02}": False, f"b{59 - n:02}": False} for n in range(14)])
    configuration = allowed_configuration(found)
    assert list(configuration) == list(found.names)
    assert not found.forbids(configuration)
    assert found.forbids(found.decode(np.zeros(60, dtype=int)))
