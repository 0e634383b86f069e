"""What files of all versions become: nothing in them is lost in silence."""

import json
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from ConfigSpace import (
    AndConjunction,
    CategoricalHyperparameter,
    ConfigurationSpace,
    EqualsCondition,
    Float,
    InCondition,
    Integer,
    OrConjunction,
    OrdinalHyperparameter,
)
from hypothesis import assume, given, settings

sys.path.append(str(Path(__file__).parents[1] / "space"))
from space_support import space, spaces

from harmonica_steps.cli import main
from harmonica_steps.configspace import Translated, from_configspace, to_configspace
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.space import Space


def of(folder: Path, *entries: dict[str, Any], **more: Any) -> Translated:
    path = folder / "space.json"
    path.write_text(json.dumps({"hyperparameters": list(entries), **more}))
    return from_configspace(path)


def ranged(lower: float, upper: float, q: float, kind: str = "float") -> dict[str, Any]:
    return {"name": "x", "type": f"uniform_{kind}", "lower": lower, "upper": upper, "q": q}


@pytest.mark.parametrize(
    ("entry", "values"),
    [
        (ranged(0.0, 0.2, 0.05), [0.0, 0.05, 0.1, 0.15, 0.2]),
        (ranged(0.1, 1.0, 0.3), [0.1, 0.4, 0.7, 1.0]),
        (ranged(-1, 1, 0.25), [-1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0]),
        (ranged(16, 64, 16, "int"), [16, 32, 48, 64]),
        (ranged(16, 64, 16.0, "int"), [16, 32, 48, 64]),
    ],
)
def test_a_step_becomes_the_values_that_it_makes(
    tmp_path: Path, entry: dict[str, Any], values: list[float]
) -> None:
    found = of(tmp_path, entry).sections["space"]["x"]
    assert found == {"type": "ordinal", "values": values}
    assert [type(value) for value in found["values"]] == [type(value) for value in values]


def test_a_step_of_one_says_nothing_about_whole_numbers(tmp_path: Path) -> None:
    assert of(tmp_path, ranged(1, 4, 1, "int")).sections["space"]["x"] == {
        "type": "int",
        "low": 1,
        "high": 4,
    }


OLD = {
    "hyperparameters": [
        {"name": "lr", "type": "uniform_float", "log": True, "lower": 0.001, "upper": 1.0}
        | {"default": 0.01, "q": None},
        {"name": "kind", "type": "categorical", "choices": ["a", "b"], "default": "b"}
        | {"probabilities": [0.5, 0.5]},
        {"name": "version", "type": "unparametrized", "value": "v3"},
        {"name": "note", "type": "constant", "value": None},
    ],
    "conditions": [{"type": "EQ", "child": "lr", "parent": "kind", "value": "b"}],
    "forbiddens": [],
    "python_module_version": "0.4.18",
}


@pytest.mark.parametrize("version", [0.1, 0.2, 0.3, 0.4])
def test_files_of_old_versions(tmp_path: Path, version: float) -> None:
    path = tmp_path / "old.json"
    path.write_text(json.dumps({**OLD, "json_format_version": version}))
    found = from_configspace(path)
    rate = {"type": "float", "low": 0.001, "high": 1.0, "log": True, "levels": 4}
    assert found.sections == {
        "space": {
            "lr": {**rate, "when": {"kind": ["b"]}},
            "kind": {"type": "categorical", "values": ["a", "b"]},
        }
    }
    assert found.constants == {"version": "v3"}


def test_what_is_left_out_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = {**OLD, "name": "mine"}
    content["hyperparameters"][0]["meta"] = {"unit": "1/s"}  # type: ignore[index]
    path = tmp_path / "old.json"
    path.write_text(json.dumps(content))
    assert main(["import-space", str(path)]) == 0
    before = f"harmonica: {path}: not imported: "
    assert capsys.readouterr().err.splitlines() == [
        f"{before}constants (put them into the training command, or under fidelity): "
        "'version' = 'v3'",
        f"{before}conditional constants and those that are neither a number nor text: 'note' = "
        "None",
        f"{before}default values (to train them first, write them under start): 'lr' = 0.01, "
        "'kind' = 'b'",
        f"{before}meta: 'lr'",
        f"{before}the name of the space: 'mine'",
    ]


def test_without_such_things_nothing_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    of(tmp_path, {"name": "x", "type": "ordinal", "sequence": [1, 2]})
    assert main(["import-space", str(tmp_path / "space.json")]) == 0
    assert capsys.readouterr().err == ""


KIND = CategoricalHyperparameter("kind", ["a", "b", "c"])
SIZE = OrdinalHyperparameter("size", [1, 2])
DEPTH = Integer("depth", (1, 12))
RATE = Float("rate", (0, 1))


def when(folder: Path, *conditions: Any) -> dict[str, Any]:
    written = ConfigurationSpace()
    written.add(KIND, SIZE, DEPTH, RATE)
    written.add(*conditions)
    written.to_json(folder / "space.json")
    found = from_configspace(folder / "space.json").sections["space"]
    _assert_same_activity(written, space(**found))
    conditions_of_rate: dict[str, Any] = found["rate"]["when"]
    return conditions_of_rate


def _assert_same_activity(theirs: ConfigurationSpace, ours: Space) -> None:
    theirs.seed(0)
    first = ours.decode([0] * len(ours))
    for configuration in theirs.sample_configuration(50):
        drawn = {k: getattr(v, "item", lambda v=v: v)() for k, v in dict(configuration).items()}
        assert set(ours.active({**first, **drawn})) == set(drawn)


def equal(value: Any, parent: Any = KIND) -> EqualsCondition:
    return EqualsCondition(RATE, parent, value)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (OrConjunction(equal("a"), equal("b")), {"kind": ["a", "b"]}),
        (OrConjunction(equal("c"), InCondition(RATE, KIND, ["a", "b"])), {"kind": ["c", "a", "b"]}),
        (
            AndConjunction(OrConjunction(equal("a"), equal("c")), equal(2, SIZE)),
            {"kind": ["a", "c"], "size": [2]},
        ),
        (
            OrConjunction(
                AndConjunction(equal("a"), equal(2, SIZE)),
                AndConjunction(equal("b"), equal(2, SIZE)),
            ),
            {"kind": ["a", "b"], "size": [2]},
        ),
        (equal(11, DEPTH), {"depth": [11]}),
    ],
    ids=["or", "in", "and of or", "or of and", "whole number"],
)
def test_conditions_that_are_boxes(
    tmp_path: Path, condition: Any, expected: dict[str, Any]
) -> None:
    found = when(tmp_path, condition)
    assert {name: sorted(values, key=str) for name, values in found.items()} == {
        name: sorted(values, key=str) for name, values in expected.items()
    }


@pytest.mark.parametrize(
    "condition",
    [
        OrConjunction(equal("a"), equal(2, SIZE)),
        OrConjunction(
            AndConjunction(equal("a"), equal(1, SIZE)), AndConjunction(equal("b"), equal(2, SIZE))
        ),
    ],
)
def test_a_disjunction_that_mixes_parents_is_refused(tmp_path: Path, condition: Any) -> None:
    with pytest.raises(HarmonicaError, match="mixes 'kind', 'size', which has no counterpart"):
        when(tmp_path, condition)


def test_conditions_that_never_hold_are_refused(tmp_path: Path) -> None:
    with pytest.raises(HarmonicaError, match="no value of 'kind' satisfies all"):
        when(tmp_path, AndConjunction(equal("a"), InCondition(RATE, KIND, ["b", "c"])))


ONE = {"name": "one", "type": "constant", "value": 3}
X = {"name": "x", "type": "ordinal", "sequence": [1, 2]}
Y = {"name": "y", "type": "ordinal", "sequence": [1, 2]}


def on(child: str, parent: str, value: Any) -> dict[str, Any]:
    return {"type": "EQ", "child": child, "parent": parent, "value": value}


def test_a_condition_on_a_constant_always_holds_or_never(tmp_path: Path) -> None:
    found = of(tmp_path, ONE, X, conditions=[on("x", "one", 3)])
    assert found.sections["space"] == {"x": {"type": "ordinal", "values": [1, 2]}}
    with pytest.raises(HarmonicaError, match="'one' has no value 4"):
        of(tmp_path, ONE, X, conditions=[on("x", "one", 4)])
    with pytest.raises(HarmonicaError, match="'one' has one value, and conditions of its own"):
        of(tmp_path, ONE, X, Y, conditions=[on("x", "one", 3), on("one", "y", 1)])


def test_a_conditional_constant_is_told(tmp_path: Path) -> None:
    found = of(tmp_path, ONE, X, conditions=[on("one", "x", 2)])
    assert found.constants == {}
    assert (
        "conditional constants and those that are neither a number nor text: 'one' = 3"
        in found.left_out
    )


@settings(max_examples=60, deadline=None)
@given(spaces())
def test_an_export_comes_back_exactly(tmp_path_factory: Any, ours: Space) -> None:
    if any(len(set(grid)) < len(grid) for grid in ours.grids.values()):
        return  # Refused by the export, see its tests.
    texts = [value for grid in ours.grids.values() for value in grid if isinstance(value, str)]
    assume(all(unicodedata.category(letter) != "Cc" for text in texts for letter in text))
    path = tmp_path_factory.mktemp("exported") / "space.json"
    path.write_text(json.dumps(to_configspace(ours, "x")))
    found = from_configspace(path).sections["space"]
    again = space(**found)
    assert again.conditions == {
        child: {p: tuple(dict.fromkeys(values)) for p, values in conditions.items()}
        for child, conditions in ours.conditions.items()
    }
    for name, parameter in ours.parameters.items():
        assert again.parameters[name].model_copy(update={"when": parameter.when}) == parameter
