"""The words of a command, for trainings that have all of the settings and for those that do not."""

from pathlib import Path
from typing import Any

import pytest

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import digest
from harmonica_steps.objective.check_command import check_placeholders
from harmonica_steps.objective.command import command_line
from harmonica_steps.objective.program import definition

VALUES = {
    "config": "/w/config.json",
    "result": "/w/result.json",
    "seed": "7",
    "budget": "3",
    "workdir": "/w",
    "checkpoint": "/w/checkpoint",
    "curve_file": "/w/curve.jsonl",
}
NAMES = ["rate", "momentum", "bias", "model.width", "note", "layers"]
SETTINGS = {"layers": 2, "rate": 0.1, "bias": False, "model.width": 8, "note": "a {seed} b"}
"""All but the momentum, which is inactive; the fixed setting is not at its place."""


def objective(command: str, **more: Any) -> dict[str, Any]:
    return {"command": command, "callable": None, "metric": "error", "files": [], **more}


def words(command: str, settings: dict[str, Any] = SETTINGS, **more: Any) -> list[str]:
    return command_line(objective(command, **more), VALUES, settings, NAMES)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("p --lr {rate} {seed}", ["p", "--lr", "0.1", "7"]),
        ("p --bias={bias} {model.width}px", ["p", "--bias=false", "8px"]),
        ("p --note {note} 'x y'", ["p", "--note", "a {seed} b", "x y"]),
        (
            "p {args} {seed}",
            [
                *("p", "--rate", "0.1", "--no-bias", "--model.width", "8"),
                *("--note", "a {seed} b", "--layers", "2", "7"),
            ],
        ),
        (
            "p {overrides} -m",
            ["p", "rate=0.1", "bias=false", "model.width=8", "note='a {seed} b'", "layers=2", "-m"],
        ),
        # what is not there is left out
        ("p --momentum {momentum} x", ["p", "x"]),
        ("p --momentum={momentum} x", ["p", "x"]),
        ("p -v momentum={momentum} x", ["p", "-v", "x"]),
        ("p --verbose -m{momentum} x", ["p", "--verbose", "x"]),
        ("p --lr {rate} -m {momentum} --layers {layers}", ["p", "--lr", "0.1", "--layers", "2"]),
        # braces of the program's own
        ("""p '{"a": 1, "b": {"c": {rate}}}'""", ["p", '{"a": 1, "b": {"c": 0.1}}']),
        ("p {{rate}} {{ rate }} {} ${rate}", ["p", "{rate}", "{{", "rate", "}}", "{}", "${rate}"]),
        ("awk '{print $1}'", ["awk", "{print $1}"]),
    ],
)
def test_a_command_becomes_words(command: str, expected: list[str]) -> None:
    assert words(command) == expected


def test_the_order_of_flags_is_that_of_the_configuration() -> None:
    reverse = dict(reversed(SETTINGS.items()))
    assert words("p {args}", reverse) == words("p {args}")


def test_flags_have_the_style_that_is_asked_for() -> None:
    style = {"booleans": "value", "separator": "equals", "names": "hyphens"}
    assert words("p {args}", {"bias": True}, args=style) == ["p", "--bias=true"]


def refused(command: str) -> str:
    with pytest.raises(HarmonicaError) as caught:
        check_placeholders(command, NAMES, ["momentum"])
    return str(caught.value)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("p --lr {rat}", "unknown placeholder {rat}, did you mean {rate}? The placeholders are"),
        ("p {arg}", "unknown placeholder {arg}, did you mean {args}?"),
        ("p {override}", "unknown placeholder {override}, did you mean {overrides}?"),
        ("p {model.widht}", "did you mean {model.width}?"),
        ("p '{ rate }'", "unknown placeholder { rate }, did you mean {rate}?"),
        ("p --lr {lr}", "unknown placeholder {lr}. The placeholders are {config}, {result}"),
        ("p --lr {lr}", "{overrides}, {rate}, {momentum}, {bias}, {model.width}, {note}, {layers}"),
        ("p --lr {lr}", "To pass the program a literal {lr}, write {{lr}}."),
        ("sh -c 'p {args}'", "{args} becomes several words, so it must be a word of its own"),
        ("p x={overrides}", "not a part of 'x={overrides}'"),
        ("p {momentum}", "not every training has 'momentum'"),
        ("p --shape {rate}x{momentum}", "from '{rate}x{momentum}' it cannot be left out"),
        ("sh -c 'p --momentum {momentum}'", "Write --option {momentum}, --option={momentum} or"),
        ("p --set momentum={momentum}", "from 'momentum={momentum}' it cannot be left out"),
    ],
)
def test_a_placeholder_that_cannot_be_filled_in_is_refused(command: str, message: str) -> None:
    assert message in refused(command)


@pytest.mark.parametrize(
    "command",
    [
        "p --momentum {momentum} --x={momentum} momentum={momentum} {args} {overrides}",
        "p --config conf/{momentum}.yaml",
        "p '{\"a\": 1}' {} {1..3} ${lr} {{lr}} 'a{2,3}'",
        "sh -c 'p --lr {rate} {config}'",
    ],
)
def test_what_can_be_filled_in_is_allowed(command: str) -> None:
    check_placeholders(command, NAMES, ["momentum"])


def test_a_parameter_named_like_a_placeholder_is_only_in_the_lists() -> None:
    found = command_line(objective("p {config} {args}"), VALUES, {"config": 1}, ["config"])
    assert found == ["p", "/w/config.json", "--config", "1"]


# What identifies a training


def test_a_search_that_uses_nothing_new_keeps_its_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    old = {"command": "sh job.sh {config}", "callable": None, "metric": "error", "files": {}}
    unused = {"args": None, "metric_pattern": None, "metric_file": None}
    assert definition(objective("sh job.sh {config}")) == old
    assert definition(objective("sh job.sh {config}", **unused)) == old


@pytest.mark.parametrize(
    "change",
    [
        {"args": {"booleans": "flag", "separator": "space", "names": "as_is"}},
        {"metric_pattern": "loss=(.*)"},
        {"metric_file": "log.csv"},
    ],
)
def test_style_and_source_of_the_metric_identify_a_training(change: dict[str, Any]) -> None:
    assert digest(definition(objective("p {args}", **change))) != digest(
        definition(objective("p {args}"))
    )


def test_the_default_style_is_the_same_written_or_not() -> None:
    style = {"booleans": "pair", "separator": "space", "names": "as_is"}
    assert definition(objective("p {args}", args=style)) == definition(objective("p {args}"))
