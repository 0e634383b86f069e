"""Import of what the real ConfigSpace package writes."""

from pathlib import Path
from typing import Any

import ConfigSpace
import pytest
from ConfigSpace import (
    AndConjunction,
    CategoricalHyperparameter,
    ConfigurationSpace,
    Constant,
    EqualsCondition,
    Float,
    ForbiddenEqualsClause,
    GreaterThanCondition,
    InCondition,
    Integer,
    OrConjunction,
    OrdinalHyperparameter,
)
from space_support import space

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.space.configspace import from_configspace

KIND = CategoricalHyperparameter("kind", ["sgd", "adam", "rmsprop"])
DEPTH = Integer("depth", (1, 4))
RATE = Float("rate", (1e-4, 1e-1), log=True)


def imported(folder: Path, *content: Any) -> dict[str, dict[str, Any]]:
    written = ConfigurationSpace()
    written.add(*content)
    written.to_json(folder / "space.json")
    return from_configspace(folder / "space.json")


def test_every_importable_kind_arrives_with_its_values(tmp_path: Path) -> None:
    found = imported(
        tmp_path,
        KIND,
        DEPTH,
        RATE,
        Integer("width", (16, 512), log=True),
        OrdinalHyperparameter("size", ["s", "m", "l"]),
        Constant("fixed", 3),
    )
    assert found == {
        "depth": {"type": "int", "low": 1, "high": 4},
        "kind": {"type": "categorical", "values": ["sgd", "adam", "rmsprop"]},
        "rate": {"type": "float", "low": 1e-4, "high": 1e-1, "log": True, "levels": 4},
        "size": {"type": "ordinal", "values": ["s", "m", "l"]},
        "width": {"type": "int", "low": 16, "high": 512, "log": True, "levels": 4},
    }
    assert space(**found).grids["rate"] == (0.0001, 0.001, 0.01, 0.1)


def test_equals_in_and_and_decide_as_in_configspace(tmp_path: Path) -> None:
    momentum = CategoricalHyperparameter("momentum", ["yes", "no"])
    decay = CategoricalHyperparameter("decay", ["yes", "no"])
    written = ConfigurationSpace()
    written.add(KIND, DEPTH, momentum, decay)
    written.add(
        EqualsCondition(momentum, KIND, "sgd"),
        AndConjunction(InCondition(decay, DEPTH, [2, 4]), InCondition(decay, KIND, ["adam"])),
    )
    written.to_json(tmp_path / "space.json")
    ours = space(**from_configspace(tmp_path / "space.json"))
    written.seed(0)
    for configuration in written.sample_configuration(60):
        complete = {"momentum": "yes", "decay": "yes", **dict(configuration)}
        assert set(ours.active(complete)) == set(dict(configuration))


def test_two_conditions_on_the_same_parent_must_both_hold(tmp_path: Path) -> None:
    both = AndConjunction(
        InCondition(RATE, KIND, ["sgd", "adam"]), InCondition(RATE, KIND, ["adam", "rmsprop"])
    )
    ours = space(**imported(tmp_path, KIND, RATE, both))
    active = [
        k for k in ("sgd", "adam", "rmsprop") if "rate" in ours.active({"kind": k, "rate": 0})
    ]
    assert active == ["adam"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([KIND, ForbiddenEqualsClause(KIND, "adam")], "forbidden clauses cannot be imported"),
        (
            [Float("x", (0, 1), distribution=ConfigSpace.Normal(0.5, 0.1))],
            "parameter 'x' has type 'normal_float', which cannot be imported",
        ),
        (
            [DEPTH, RATE, GreaterThanCondition(RATE, DEPTH, 2)],
            "the condition of 'rate' has type 'GT'",
        ),
        (
            [
                DEPTH,
                RATE,
                OrConjunction(EqualsCondition(RATE, DEPTH, 1), EqualsCondition(RATE, DEPTH, 4)),
            ],
            "the condition of 'rate' has type 'OR'",
        ),
    ],
    ids=["forbidden", "normal", "greater", "or"],
)
def test_what_has_no_counterpart_is_refused(
    tmp_path: Path, content: list[Any], message: str
) -> None:
    with pytest.raises(HarmonicaError) as caught:
        imported(tmp_path, *content)
    assert message in str(caught.value)


def test_a_weighted_choice_is_a_prior_and_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HarmonicaError, match="weights"):
        imported(tmp_path, CategoricalHyperparameter("x", ["a", "b"], weights=[0.9, 0.1]))


def test_a_choice_of_one_is_dropped_like_a_constant(tmp_path: Path) -> None:
    found = imported(
        tmp_path, KIND, CategoricalHyperparameter("one", ["a"]), OrdinalHyperparameter("only", [1])
    )
    assert list(found) == ["kind"]


@pytest.mark.parametrize("text", ["{", "[]", '{"name": 1}'])
def test_another_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "space.json"
    path.write_text(text)
    with pytest.raises(HarmonicaError, match="is no ConfigSpace JSON file"):
        from_configspace(path)
