"""Calls of add_argument, one by one and in any combination."""

import contextlib
import io
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from init_support import from_text, options

from harmonica_steps.cli import main
from harmonica_steps.config import load_merged, parse


def space_of(*calls: str) -> dict[str, Any]:
    space: dict[str, Any] = from_text(options(*calls))[0]["space"]
    return space


@pytest.mark.parametrize(
    ("call", "entry"),
    [
        ("'--lr', type=float, default=1e-3", {"low": 0.0001, "high": 0.01, "log": True}),
        ("'--lr', type=float, default=0.1", {"low": 0.01, "high": 1.0, "log": True}),
        ("'--lr', type=float", {"low": 0.0001, "high": 0.1, "log": True}),
        ("'--weight-decay', type=float, default=0", {"low": 1e-6, "high": 0.1, "log": True}),
        ("'--dropout', type=float, default=0.1", {"low": 0.0, "high": 0.5}),
        ("'--momentum', type=float, default=0.9", {"low": 0.0, "high": 0.99}),
        ("'--ema', type=float, default=0.999", {"low": 0.99, "high": 0.9999}),
        ("'--feature_fraction', type=float, default=1.0", {"low": 0.5, "high": 1.0}),
        ("'--scale', type=float, default=10.0", {"low": 1.0, "high": 100.0, "log": True}),
        ("'--shift', type=float, default=-2.0", {"low": -4.0, "high": 0.0}),
        ("'--margin', type=float, required=True", {"low": 0.0, "high": 1.0}),
    ],
)
def test_a_real_number_has_a_range_around_its_default(call: str, entry: dict[str, Any]) -> None:
    (found,) = space_of(call).values()
    assert found == {"type": "float", **entry}


@pytest.mark.parametrize(
    ("call", "entry"),
    [
        ("'--layers', type=int, default=2", {"type": "int", "low": 1, "high": 4}),
        ("'--depth', type=int, default=6", {"type": "int", "low": 3, "high": 12}),
        ("'--batch-size', type=int, default=32", {"type": "ordinal", "values": [8, 16, 32, 64]}),
        (
            "'--leaves', type=int, default=31",
            {"type": "int", "low": 7, "high": 120, "log": True, "levels": 4},
        ),
        ("'--warmup', type=int, default=0", {"type": "int", "low": 0, "high": 10}),
        ("'--max_depth', type=int, default=-1", {"type": "int", "low": 2, "high": 12}),
        ("'--blocks', type=int, required=True", {"type": "int", "low": 1, "high": 10}),
        ("'--k', type=positive_int, default=3", {"type": "int", "low": 1, "high": 6}),
        ("'--k', type=int, choices=range(1, 5)", {"type": "int", "low": 1, "high": 4}),
        ("'--k', type=int, choices=[1, 2, 8]", {"type": "ordinal", "values": [1, 2, 8]}),
        ("'--k', choices=('x', 'y', None)", {"type": "categorical", "values": ["x", "y"]}),
        ("'--k', choices=sorted({'y', 'x'})", {"type": "categorical", "values": ["x", "y"]}),
    ],
)
def test_whole_numbers_and_choices(call: str, entry: dict[str, Any]) -> None:
    assert list(space_of(call).values()) == [entry]


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        ("'--x', type=int, default=-1", "its default -1 looks like a switch that is off"),
        ("'--x', type=float", "has no default to search around"),
        ("'--x', choices=names()", "its choices are known only when it runs"),
        ("'--x', choices=['one']", "has one choice only"),
        ("'--x', choices=['1e-4', '1e-3']", "YAML reads 1e-4 as text"),
        ("'--x', action='append', type=float", "can be given several times"),
        ("'--x', action=Own, type=float", "has the action Own"),
        ("'--x', action='store_true', default=True", "changes nothing"),
        ("'--x', type=json.loads, default='{}'", "a text"),
        ("'--x', type=float, default=1e200", "low and high must be finite and within"),
        ("'--test-size', type=float, default=0.2", "what is measured"),
        ("'--gpus', type=int, default=2", "where it runs"),
    ],
)
def test_what_is_not_searched_has_a_reason(call: str, reason: str) -> None:
    from_text(options("'--lr', type=float, default=0.1", call))
    assert f": {reason}" in Path("harmonica.yaml").read_text()


def objective_of(*calls: str) -> dict[str, Any]:
    objective: dict[str, Any] = from_text(options(*calls))[0]["objective"]
    return objective


@pytest.mark.parametrize(
    ("calls", "style", "space"),
    [
        (["'--x', action='store_true'"], {"booleans": "flag"}, {"x": {"type": "bool"}}),
        (["'--no-x', action='store_false'"], "flag hyphens", {"no_x": {"type": "bool"}}),
        (["'--x', action=argparse.BooleanOptionalAction"], None, {"x": {"type": "bool"}}),
        (["'--x', type=str2bool"], {"booleans": "value"}, {"x": {"type": "bool"}}),
        (
            ["'--x', action='store_true'", "'--y', action=argparse.BooleanOptionalAction"],
            {"booleans": "flag"},
            {"x": {"type": "bool"}, "y": {"type": "bool"}},
        ),
        (["'--a-b', type=int, default=2"], {"names": "hyphens"}, None),
        (["'--a-b', type=int, default=2", "'--c_d', type=int, default=2"], None, None),
    ],
)
def test_options_are_written_as_the_program_has_them(
    calls: list[str], style: Any, space: dict[str, Any] | None
) -> None:
    content, _ = from_text(options(*calls))
    expected = {"booleans": "flag", "names": "hyphens"} if style == "flag hyphens" else style
    assert content["objective"].get("args") == expected
    assert space is None or content["space"] == space


@pytest.mark.parametrize(
    ("calls", "command"),
    [
        (["'-lr', type=float, default=0.1"], "-lr {lr}"),
        (["'rate', type=float"], "{rate}"),
        (["'-shift', type=float, default=-2.0"], "-shift {shift}"),
        (
            ["'-x', type=float, default=-2.0", "'--shift', type=float, default=-2.0"],
            "-x {x} --shift={shift}",
        ),
        (["'-b', '--batch', type=int, default=2"], "{args}"),
        (["'data'", "'--lr', type=float, default=0.1"], "TODO-data {args}"),
        (["'--lr', type=float, default=0.1", "'files', nargs='+'"], "TODO-files {args}"),
        (["'--lr', type=float, default=0.1", "'--n-iter', type=int"], "--n-iter {budget} {args}"),
        (
            ["'--lr', type=float, default=0.1", "'--ckpt-dir', default='x'"],
            "--ckpt-dir {checkpoint} {args}",
        ),
    ],
)
def test_the_command_names_what_has_to_be_named(calls: list[str], command: str) -> None:
    assert objective_of(*calls)["command"] == f"python program.py {command}"


def test_options_before_and_after_a_subcommand_are_each_in_their_place() -> None:
    text = """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--bias", action="store_true")
parser.add_argument("--seed", type=int)
commands = parser.add_subparsers()
fit = commands.add_parser("fit")
fit.add_argument("--depth", type=int, default=3)
other = commands.add_parser("predict")
other.add_argument("--width", type=int, default=3)
print(f"error {1}")
"""
    content, _ = from_text(text)
    command = "python program.py --lr {lr} --seed {seed} fit --depth {depth}"
    assert content["objective"]["command"] == command
    assert list(content["space"]) == ["lr", "depth"]
    content, _ = from_text(text, "--", "predict", "--seed", "3")
    command = "python program.py --lr {lr} predict --width {width} --seed 3"
    assert content["objective"]["command"] == command


def test_the_file_that_the_metric_is_written_to_is_the_result() -> None:
    rest = (
        "import json\nscores = {'val_acc': 1, 'lr': 2}\n"
        "with open(args.report, 'w') as f:\n    json.dump(scores, f)"
    )
    calls = ["'--lr', type=float, default=0.1", "'--report', default='report.json'"]
    objective = from_text(options(*calls, rest=rest))[0]["objective"]
    assert objective["command"] == "python program.py --report {result} {args}"
    assert (objective["metric"], objective["direction"]) == ("val_acc", "maximize")
    assert "metric_pattern" not in objective


def test_a_space_of_many_parameters_has_larger_stages() -> None:
    for count, samples in ((4, []), (8, [80]), (20, [150, 75]), (60, [250, 100, 100])):
        calls = [f"'--p{n}', type=float, default=0.3" for n in range(count)]
        _, search = from_text(options(*calls))
        assert [stage.samples for stage in search.stages] == samples


TEXTS = st.text(max_size=8) | st.sampled_from(["lr", "seed", "epochs", "a-b", "a_b", "x.y", "no-x"])
NUMBERS = st.floats() | st.integers() | st.integers(-3, 300) | st.floats(0, 1)
VALUES = st.none() | st.booleans() | NUMBERS | TEXTS
KEYWORDS = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["int", "float", "str", "bool", "str2bool", "Path", "lambda x: x"]),
        "default": VALUES.map(repr) | st.sampled_from(["1e999", "2**2**99", "[1]", "unknown"]),
        "choices": st.lists(VALUES, max_size=5).map(repr) | st.just("range(3, 10**9)"),
        "action": st.sampled_from(
            ["'store_true'", "'store_false'", "BooleanOptionalAction", "'count'", "'help'", "'?'"]
        ),
        "nargs": st.sampled_from(["'?'", "'*'", "2", "None"]),
        "required": st.sampled_from(["True", "False"]),
        "help": TEXTS.map(repr),
        "dest": TEXTS.map(repr),
    },
)
NAMES = st.builds(
    lambda dashes, text: repr(dashes + text), st.sampled_from(["", "-", "--", "--"]), TEXTS
)
CALLS = st.builds(
    lambda names, keywords: ", ".join([*names, *(f"{k}={v}" for k, v in keywords.items())]),
    st.lists(NAMES, min_size=1, max_size=2),
    KEYWORDS,
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(calls=st.lists(CALLS, max_size=6))
def test_any_options_give_a_configuration_that_is_valid_or_a_sentence(calls: list[str]) -> None:
    Path("program.py").write_text(options(*calls), encoding="utf-8", errors="surrogatepass")
    said, problem = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(problem):
        status = main(["init", "program.py", "--force"])
    if status == 0:
        assert parse(load_merged([Path("harmonica.yaml")])).space
        assert "harmonica plan harmonica.yaml" in said.getvalue()
    else:
        assert re.match(r"harmonica: program\.py: .*\.\n", problem.getvalue(), re.S)
