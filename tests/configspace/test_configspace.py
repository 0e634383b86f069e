"""Import of what the real ConfigSpace package writes, and what it reads of an export."""

import json
import sys
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
    ForbiddenAndConjunction,
    ForbiddenEqualsClause,
    ForbiddenInClause,
    ForbiddenLessThanRelation,
    GreaterThanCondition,
    InCondition,
    Integer,
    OrConjunction,
    OrdinalHyperparameter,
)
from ConfigSpace.exceptions import ForbiddenValueError
from ConfigSpace.forbidden import (
    ForbiddenGreaterThanClause,
    ForbiddenGreaterThanEqualsClause,
    ForbiddenLessThanEqualsClause,
    ForbiddenOrConjunction,
)

sys.path.append(str(Path(__file__).parents[1] / "space"))
from space_support import space

from harmonica_steps.configspace import from_configspace, to_configspace
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.space import Space

KIND = CategoricalHyperparameter("kind", ["sgd", "adam", "rmsprop"])
DEPTH = Integer("depth", (1, 4))
RATE = Float("rate", (1e-4, 1e-1), log=True)


def sections(folder: Path, *content: Any) -> dict[str, Any]:
    written = ConfigurationSpace()
    written.add(*content)
    written.to_json(folder / "space.json")
    return from_configspace(folder / "space.json").sections


def imported(folder: Path, *content: Any) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = sections(folder, *content)["space"]
    return found


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
    ours = space(**from_configspace(tmp_path / "space.json").sections["space"])
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
        (
            [Float("x", (0, 1), distribution=ConfigSpace.Normal(0.5, 0.1))],
            "hyperparameters.1 ('x'): has type 'normal_float', which cannot be imported; allowed: "
            "uniform_float, uniform_int, categorical, ordinal, constant",
        ),
        (
            [DEPTH, RATE, GreaterThanCondition(RATE, DEPTH, 2)],
            "conditions.1 ('rate'): has type 'GT', which cannot be imported; allowed: EQ, IN",
        ),
        (
            [
                DEPTH,
                RATE,
                KIND,
                OrConjunction(EqualsCondition(RATE, DEPTH, 1), EqualsCondition(RATE, KIND, "sgd")),
            ],
            "conditions.1 ('rate'): has type 'OR' and mixes 'depth', 'kind'",
        ),
    ],
    ids=["normal", "greater", "or"],
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


SIZE = OrdinalHyperparameter("size", [16, 4, 8])
SWITCH = CategoricalHyperparameter("switch", [False, True])


def test_forbidden_clauses_become_entries_of_forbidden(tmp_path: Path) -> None:
    found = sections(
        tmp_path,
        KIND,
        DEPTH,
        RATE,
        SIZE,
        SWITCH,
        ForbiddenEqualsClause(KIND, "adam"),
        ForbiddenInClause(DEPTH, [1, 3]),
        ForbiddenAndConjunction(
            ForbiddenEqualsClause(DEPTH, 4),
            ForbiddenAndConjunction(
                ForbiddenInClause(SIZE, [4, 8]), ForbiddenEqualsClause(SWITCH, True)
            ),
        ),
        ForbiddenAndConjunction(
            ForbiddenGreaterThanEqualsClause(RATE, 0.01), ForbiddenLessThanEqualsClause(RATE, 0.1)
        ),
        ForbiddenGreaterThanEqualsClause(SIZE, 8),
    )
    assert sorted(found["forbidden"], key=str) == [
        {"depth": 4, "size": [4, 8], "switch": True},
        {"depth": [1, 3]},
        {"kind": "adam"},
        {"rate": {"low": 0.01, "high": 0.1}},
        {"size": {"low": 8}},
    ]


def test_without_clauses_there_is_no_section_for_them(tmp_path: Path) -> None:
    assert list(sections(tmp_path, KIND)) == ["space"]


ONE, OTHER = Integer("one", (1, 4)), Integer("other", (1, 4), default=1)


@pytest.mark.parametrize(
    ("clause", "message"),
    [
        (
            ForbiddenLessThanRelation(ONE, OTHER),
            "forbiddens.1 ('one', 'other'): has type 'RELATION_LT', which cannot be imported; "
            "allowed: EQUALS, IN, CLAUSE_GE, CLAUSE_LE, AND",
        ),
        (ForbiddenGreaterThanClause(ONE, 3), "forbiddens.1 ('one'): has type 'CLAUSE_GT'"),
        (
            ForbiddenOrConjunction(ForbiddenEqualsClause(ONE, 1), ForbiddenEqualsClause(OTHER, 4)),
            "forbiddens.1: has type 'OR'",
        ),
        (
            ForbiddenAndConjunction(ForbiddenEqualsClause(ONE, 1), ForbiddenInClause(ONE, [1, 3])),
            "forbiddens.1: names 'one' twice",
        ),
        (
            ForbiddenAndConjunction(
                ForbiddenEqualsClause(ONE, 1), ForbiddenEqualsClause(Constant("fixed", 3), 3)
            ),
            "forbiddens.1: names 'fixed', which has only one value",
        ),
    ],
    ids=["relation", "greater", "or", "twice", "constant"],
)
def test_a_clause_that_has_no_counterpart_is_refused(
    tmp_path: Path, clause: Any, message: str
) -> None:
    with pytest.raises(HarmonicaError) as caught:
        sections(tmp_path, ONE, OTHER, Constant("fixed", 3), clause)
    assert message in str(caught.value)


CLAUSES: list[dict[str, Any]] = [
    {"kind": "sgd", "switch": False},
    {"kind": ["adam", "rmsprop"], "rate": {"low": 0.01}, "switch": True},
    {"depth": {"low": 2, "high": 3}, "size": {"low": 4}},
    {"rate": {"high": 0.001}, "momentum": 0.5},
]


def with_clauses() -> Space:
    parameters = space(
        kind={"type": "categorical", "values": ["sgd", "adam", "rmsprop"]},
        switch={"type": "bool"},
        depth={"type": "int", "low": 1, "high": 4},
        rate={"type": "float", "low": 1e-4, "high": 0.1, "log": True, "levels": 4},
        size={"type": "ordinal", "values": [16, 4, 8]},
        momentum={"type": "ordinal", "values": [0.1, 0.5], "when": {"kind": "sgd"}},
    ).parameters
    return Space(parameters, CLAUSES)


def test_clauses_come_back_from_an_export_that_configspace_has_read(tmp_path: Path) -> None:
    ours, path = with_clauses(), tmp_path / "space.json"
    path.write_text(json.dumps(to_configspace(ours, "x")))
    ConfigurationSpace.from_json(path).to_json(path)
    found = from_configspace(path).sections
    again = Space(space(**found["space"]).parameters, found["forbidden"])
    assert len(again.forbidden) == 4
    assert all(clause in ours.forbidden for clause in again.forbidden)


def test_configspace_forbids_what_the_export_forbids(tmp_path: Path) -> None:
    ours, path = with_clauses(), tmp_path / "space.json"
    path.write_text(json.dumps(to_configspace(ours, "x")))
    theirs = ConfigurationSpace.from_json(path)
    found = []
    for depth in (1, 2, 4):
        for position in range(36):
            configuration = {
                "kind": ["sgd", "adam", "rmsprop"][position % 3],
                "switch": position % 2 == 0,
                "depth": depth,
                "rate": [0.0001, 0.001, 0.01][position % 9 // 3],
                "size": [16, 4, 8][position % 4 % 3],
                "momentum": [0.1, 0.5][position // 18],
            }
            try:
                ConfigSpace.Configuration(theirs, values=ours.active(configuration))
                found.append(False)
            except ForbiddenValueError:
                found.append(True)
            assert found[-1] == ours.forbids(configuration), configuration
    assert 20 < sum(found) < len(found) - 20


def test_the_default_of_an_export_is_not_forbidden() -> None:
    """ConfigSpace reads no other."""
    ours = with_clauses()
    defaults = {e["name"]: e["default_value"] for e in to_configspace(ours, "x")["hyperparameters"]}
    assert ours.forbids(ours.decode([0] * len(ours)))
    assert not ours.forbids(defaults)
