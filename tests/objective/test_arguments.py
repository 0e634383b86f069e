"""Any setting reaches a program unchanged, as a flag and as an override of Hydra."""

import argparse
import json
from typing import Any

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import assume, example, given
from hypothesis import strategies as st
from omegaconf import OmegaConf

from harmonica_steps.config import Flags
from harmonica_steps.objective.arguments import STYLE, flags, overrides, text

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
VALUES = st.one_of(st.booleans(), st.integers(), st.floats(allow_nan=False), WORDS)
FINITE = st.one_of(
    st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), WORDS
)
NAMES = st.from_regex(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", fullmatch=True).filter(
    lambda name: not name.startswith("no_")
)
SETTINGS = st.dictionaries(NAMES, FINITE, min_size=1, max_size=4)
STYLES = st.fixed_dictionaries(
    {
        "booleans": st.sampled_from(["pair", "flag", "value"]),
        "separator": st.sampled_from(["space", "equals"]),
        "names": st.sampled_from(["as_is", "hyphens"]),
    }
)


def parser_for(settings: dict[str, Any], style: dict[str, str]) -> argparse.ArgumentParser:
    """What a program would write for such settings."""
    parser = argparse.ArgumentParser(exit_on_error=False, add_help=False)
    for name, value in settings.items():
        option = f"--{name.replace('_', '-') if style['names'] == 'hyphens' else name}"
        if not isinstance(value, bool):
            parser.add_argument(option, type=type(value), required=True)
        elif style["booleans"] == "pair":
            parser.add_argument(option, action=argparse.BooleanOptionalAction, required=True)
        elif style["booleans"] == "flag":
            parser.add_argument(option, action="store_true")
        else:
            parser.add_argument(option, type=json.loads, required=True)
    return parser


@given(SETTINGS, STYLES)
@example({"x": -1e-05, "y": "--x", "z": "-1 2"}, STYLE)
@example({"x": "", "y": "a b", "z": "=\n'\"{}"}, STYLE)
def test_argparse_reads_the_settings_that_were_written(
    settings: dict[str, Any], style: dict[str, str]
) -> None:
    assume("--" not in settings.values())  # argparse drops it before Python 3.12.5
    found = vars(parser_for(settings, style).parse_args(flags(settings, style)))
    assert found == settings
    assert {name: type(value) for name, value in found.items()} == {
        name: type(value) for name, value in settings.items()
    }


@given(FINITE)
@example("null")
@example("True")
@example("1_000")
@example("${oc.env:HOME}")
@example("\\${x}\\'\\")
@example("a,b")
@example("{a: [1, 2]}")
@example(-1e-05)
def test_hydra_reads_the_setting_that_was_written(value: object) -> None:
    (word,) = overrides({"model.x": value})
    (override,) = OverridesParser.create().parse_overrides([word])
    assert (override.key_or_group, override.is_sweep_override()) == ("model.x", False)
    config = OmegaConf.create({"model": {"x": None}})
    OmegaConf.update(config, "model.x", override.value())
    found = config.model.x
    assert (found, type(found)) == (value, type(value))


def test_a_plain_word_needs_no_quotes_in_an_override() -> None:
    settings = {"optimizer": "adam", "data": "/data/iris.csv", "none": None, "note": "it's"}
    assert overrides(settings) == [
        "optimizer=adam",
        "data=/data/iris.csv",
        "none=null",
        r"note='it\'s'",
    ]


@pytest.mark.parametrize(
    ("style", "words"),
    [
        ({}, ["--use_bias", "--no-dry_run", "--rate", "1e-05", "--shift=-0.5", "--name", "a b"]),
        ({"booleans": "flag", "names": "hyphens"}, ["--use-bias", "--rate", "1e-05"]),
        ({"booleans": "value"}, ["--use_bias", "true", "--dry_run", "false"]),
        (
            {"booleans": "value", "separator": "equals"},
            ["--use_bias=true", "--dry_run=false", "--rate=1e-05", "--shift=-0.5", "--name=a b"],
        ),
    ],
)
def test_flags_are_written_in_the_style_of_the_program(
    style: dict[str, str], words: list[str]
) -> None:
    settings = {"use_bias": True, "dry_run": False, "rate": 1e-05, "shift": -0.5, "name": "a b"}
    assert flags(settings, {**STYLE, **style})[: len(words)] == words


@given(VALUES)
def test_a_single_value_is_text_as_it_is_or_json(value: object) -> None:
    assert text(value) == value if isinstance(value, str) else json.loads(text(value)) == value


def test_odd_values_are_json() -> None:
    assert text({"a": [1, None]}) == '{"a": [1, null]}'


def test_the_default_style_is_that_of_the_configuration() -> None:
    assert Flags().model_dump() == STYLE
