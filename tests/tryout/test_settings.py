"""Values given by hand: of the right kind, in range, and of parameters that are used."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tryout_support import configured

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.search.plan import parts
from harmonica_steps.tryout.choice import Choice, configuration
from harmonica_steps.tryout.settings import with_settings

SEARCH = configured()
SPACE = SEARCH.build_space()
CHOICE = Choice(
    origin="by hand",
    part=parts(SEARCH)[0],
    trial=0,
    seed=1,
    complete={"optimiser": "adam", "momentum": 0.5, "nesterov": True, "depth": 3, "mode": 1},
    fixed={"width": 8},
    budget=2,
)


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        (["depth=4"], {"depth": 4}),
        (["optimiser=sgd", "momentum=1e-3"], {"optimiser": "sgd", "momentum": 0.001}),
        (["momentum=1", "optimiser=sgd"], {"momentum": 1.0}),
        (["optimiser=sgd", "nesterov=no"], {"nesterov": False}),
        (["mode=no"], {"mode": "no"}),
        (["mode=1"], {"mode": 1}),
        (["width=16"], {"width": 16}),
    ],
)
def test_values_are_set(settings: list[str], found: dict[str, object]) -> None:
    changed = configuration(SPACE, with_settings(SPACE, CHOICE, settings))
    assert found.items() <= changed.items()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["depth"], "'depth' is not NAME=VALUE"),
        (["dept=3"], "there is no 'dept', did you mean 'depth'?"),
        (["depth=12"], "depth: has no value 12; allowed: 1, 2"),
        (["optimiser=sgd", "momentum=2"], "momentum: 2 is not in the range from 0.0 to 1.0"),
        (["optimiser=sgd", "momentum=much"], "momentum: 'much' is not a number"),
        (["optimiser=adm"], "optimiser: has no value 'adm', did you mean 'adam'?"),
        (["momentum=0.1"], "only used if optimiser is sgd, but it is adam: also give --set opt"),
        (["depth=9"], "one of the forbidden combinations"),
    ],
)
def test_what_cannot_be_set_is_explained(settings: list[str], message: str) -> None:
    with pytest.raises(HarmonicaError, match=r"^--set: ") as refused:
        with_settings(SPACE, CHOICE, settings)
    assert message in str(refused.value)


def test_a_training_with_other_values_starts_from_no_checkpoint() -> None:
    choice = replace(CHOICE, continues={"part": "final/rung-0", "trial": 1})
    assert with_settings(SPACE, choice, []).continues
    assert not with_settings(SPACE, choice, ["depth=2"]).continues


@given(st.floats(0, 1), st.integers(1, 8))
def test_numbers_are_taken_exactly(momentum: float, depth: int) -> None:
    settings = ["optimiser=sgd", f"momentum={momentum!r}", f"depth={depth}"]
    changed = with_settings(SPACE, CHOICE, settings).complete
    assert (changed["momentum"], changed["depth"]) == (momentum, depth)
