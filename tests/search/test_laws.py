"""Whether what a study draws can be uniform samples of a space."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from search_support import samples_of, space

from harmonica_steps.config import Stage, Study
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.search.imported import StudyTrial, imported
from harmonica_steps.search.laws import Law, Laws, Numbers, OneOf
from harmonica_steps.search.restriction import Restriction


def problem(law: Law, **entry: Any) -> str:
    try:
        Laws(space(x=entry)).check("x", law)
    except HarmonicaError as error:
        return str(error)
    return ""


LISTED: dict[str, Any] = {"type": "categorical", "values": ["a", "b", "c", "d"]}
RANGE: dict[str, Any] = {"type": "float", "low": 0.0, "high": 1.0, "levels": 4}
LOG: dict[str, Any] = {"type": "float", "low": 1e-4, "high": 0.1, "log": True, "levels": 4}
FEW: dict[str, Any] = {"type": "int", "low": 1, "high": 8}
MANY: dict[str, Any] = {"type": "int", "low": 1, "high": 100, "levels": 4}
SIZES: dict[str, Any] = {"type": "ordinal", "values": [32, 64, 96, 128]}
BOOL: dict[str, Any] = {"type": "bool"}


@pytest.mark.parametrize(
    ("law", "entry"),
    [
        (OneOf(("a", "b", "c", "d")), LISTED),
        (OneOf(("d", "b", "c", "a")), LISTED),
        (OneOf(("a", "b", "c", "d", "e")), LISTED),
        (OneOf((True, False)), BOOL),
        (Numbers(0.0, 1.0), RANGE),
        (Numbers(-5.0, 7.0), RANGE),
        (Numbers(0.0, 1.0, step=0.01), RANGE),
        (Numbers(0.0, 0.9, step=0.3), {**RANGE, "levels": 3}),
        (Numbers(1e-4, 0.1, log=True), LOG),
        (Numbers(1e-6, 10.0, log=True), LOG),
        (Numbers(1, 8, step=1), FEW),
        (Numbers(0, 20, step=1), FEW),
        (Numbers(1, 100, step=1), MANY),
        (Numbers(32, 128, step=32), SIZES),
        (Numbers(0, 256, step=1), SIZES),
        (OneOf((128, 64, 32, 96)), SIZES),
        (Numbers(8, 512, log=True, step=1), {**MANY, "low": 8, "high": 512, "log": True}),
        (Numbers(1, 100, step=1), {**RANGE, "low": 1.0, "high": 100.0}),
    ],
)
def test_what_covers_the_space_is_taken(law: Law, entry: dict[str, Any]) -> None:
    assert problem(law, **entry) == ""


@pytest.mark.parametrize(
    ("law", "entry", "said"),
    [
        (OneOf(("a", "b", "c")), LISTED, "x: the study never draws 'd'; it draws one of 'a', 'b'"),
        (OneOf(("false", "true")), BOOL, "never draws False, True; it draws one of 'false'"),
        (OneOf((0, 1)), BOOL, "never draws False, True"),
        (Numbers(0.0, 0.5), RANGE, "draws from 0.0 to 0.5, the space here goes from 0.0 to 1.0"),
        (Numbers(0.0, 0.95), RANGE, "draws from 0.0 to 0.95, the space here"),
        (Numbers(2.0, 3.0), RANGE, "draws from 2.0 to 3.0, the space here"),
        (Numbers(0.0, 1.0, step=0.5), RANGE, "the study never draws 0.25 to 0.5"),
        (Numbers(1e-4, 0.1), LOG, "the study hardly ever draws"),
        (Numbers(1e-4, 1.0, log=True), {**LOG, "log": False, "high": 1.0}, "hardly ever draws"),
        (Numbers(1, 6, step=1), FEW, "never draws 7, 8; it draws from 1 to 6"),
        (Numbers(1, 8, step=2), FEW, "never draws 2, 4, 6, 8; it draws from 1 to 8 in steps of 2"),
        (Numbers(1, 8, log=True, step=1), FEW, "hardly ever draws"),
        (Numbers(2, 100, step=1), MANY, "draws from 2 to 100, the space here goes from 1 to 100"),
        (Numbers(1.0, 8.0), FEW, "draws any number from 1.0 to 8.0, but here its values are"),
        (Numbers(1.0, 100.0), MANY, "draws any number from 1.0 to 100.0, but"),
        (Numbers(0.0, 1.0), LISTED, "draws any number from 0.0 to 1.0, but"),
        (Numbers(0, 3, step=1), LISTED, "draws numbers from 0 to 3, but here it has no numbers"),
        (OneOf(("low", "high")), RANGE, "never draws"),
        (OneOf(("32", "64", "96", "128")), SIZES, "never draws 32, 64, 96, 128"),
    ],
)
def test_what_hides_a_part_of_the_space_is_refused(
    law: Law, entry: dict[str, Any], said: str
) -> None:
    assert said in problem(law, **entry)


@settings(max_examples=60, deadline=None)
@given(st.floats(-100, 100), st.floats(0.1, 50), st.floats(0, 0.6), st.integers(2, 12))
def test_a_range_is_taken_exactly_if_it_reaches_both_ends(
    low: float, width: float, missing: float, levels: int
) -> None:
    entry = {"type": "float", "low": low, "high": low + width, "levels": levels}
    narrow = problem(Numbers(low, low + width * (1 - missing)), **entry)
    if missing > 0.011:
        assert "so the rest of it would have no samples" in narrow
    elif missing < 0.009:
        assert narrow == ""
    assert problem(Numbers(low - width, low + 2 * width), **entry) == ""


SPACE = space(
    kind={"type": "categorical", "values": ["a", "b", "c", "d"]},
    rate={"type": "float", "low": 0.0, "high": 1.0, "levels": 4},
)
STAGE = Stage(samples=40, sparsity=2)
DRAWN = samples_of(SPACE, Restriction(), 40)


def trial(number: int, kinds: str, **more: Any) -> StudyTrial:
    parameters: dict[str, Any] = {"kind": kinds[number % len(kinds)], "rate": (number % 9) / 9}
    laws = {"kind": OneOf(tuple(kinds)), "rate": Numbers(0.0, 1.0)}
    return StudyTrial("s", number, {**parameters, **more}, "ok", 1.0, None, {}, laws=laws)


def test_a_level_that_the_study_lacks_is_named_even_if_the_user_vouches() -> None:
    tried = [trial(number, "abc") for number in range(40)]
    with pytest.raises(HarmonicaError) as caught:
        imported(SPACE, STAGE, Study(path="s", uniform=True), DRAWN, tried)
    assert str(caught.value) == (
        "stages.1.study: none of the 40 finished trials can be imported. trial 0: kind: "
        "the study never draws 'd'; it draws one of 'a', 'b', 'c'. Correct the space, or "
        "study.where, or leave study out."
    )


def test_trials_that_were_drawn_from_enough_are_taken_without_the_others() -> None:
    tried = [trial(number, "abc" if number < 20 else "abcd") for number in range(60)]
    found = imported(SPACE, STAGE, Study(path="s"), DRAWN, tried)
    assert [entry.tried.number for entry in found] == list(range(20, 60))


def test_a_value_that_only_trials_without_a_parameter_have_is_not_hidden() -> None:
    """The parameter is conditional in the study, but not here."""
    tried = [trial(number, "abcd") for number in range(40)]
    for entry in tried:
        if entry.parameters["kind"] == "d":
            del entry.parameters["rate"]
    with pytest.raises(HarmonicaError, match=r"kind is 'd' only in trials that cannot be imported"):
        imported(SPACE, STAGE, Study(path="s", uniform=True), DRAWN, tried)
