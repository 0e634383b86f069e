"""Any change of a valid file gives a space that a search accepts, or a short message."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from harmonica_steps.config import load_file, parse
from harmonica_steps.configspace import from_configspace
from harmonica_steps.errors import HarmonicaError

VALID: list[dict[str, Any]] = [
    {
        "name": "new",
        "hyperparameters": [
            {
                "type": "categorical",
                "name": "kind",
                "choices": ["sgd", "adam", "lion"],
                "weights": None,
                "default_value": "sgd",
                "meta": None,
            },
            {
                "type": "ordinal",
                "name": "size",
                "sequence": [1, 2, 4],
                "default_value": 1,
                "meta": {"x": 1},
            },
            {
                "type": "uniform_float",
                "name": "rate",
                "lower": 1e-4,
                "upper": 0.1,
                "log": True,
                "default_value": 0.01,
                "meta": {"harmonica": {"levels": 5}},
            },
            {
                "type": "uniform_int",
                "name": "depth",
                "lower": 1,
                "upper": 9,
                "log": False,
                "default_value": 2,
                "meta": None,
            },
            {"type": "constant", "name": "epochs", "value": 3, "meta": None},
        ],
        "conditions": [
            {
                "type": "AND",
                "child": "rate",
                "conditions": [
                    {"type": "EQ", "child": "rate", "parent": "kind", "value": "sgd"},
                    {"type": "IN", "child": "rate", "parent": "size", "values": [1, 4]},
                ],
            },
            {
                "type": "OR",
                "child": "depth",
                "conditions": [
                    {"type": "EQ", "child": "depth", "parent": "kind", "value": "sgd"},
                    {"type": "EQ", "child": "depth", "parent": "kind", "value": "lion"},
                ],
            },
        ],
        "forbiddens": [
            {
                "type": "AND",
                "clauses": [
                    {"type": "EQUALS", "name": "kind", "value": "adam"},
                    {"type": "CLAUSE_GE", "name": "size", "value": 2},
                ],
            },
            {"type": "IN", "name": "depth", "values": [3, 4]},
        ],
        "python_module_version": "1.2.0",
        "format_version": 0.4,
    },
    {
        "hyperparameters": [
            {
                "name": "x",
                "type": "uniform_float",
                "log": False,
                "lower": 0.0,
                "upper": 1.0,
                "default": 0.5,
                "q": 0.25,
            },
            {
                "name": "b",
                "type": "categorical",
                "choices": [True, False],
                "default": True,
                "probabilities": [0.5, 0.5],
            },
        ],
        "conditions": [],
        "forbiddens": [],
        "python_module_version": "0.4.20",
        "json_format_version": 0.2,
    },
]

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 20) | st.just(10**290),
    st.floats(allow_nan=True, allow_infinity=True),
    st.text(max_size=6) | st.just("x" * 100_000) | st.sampled_from(["kind", "rate", "AND", "IN"]),
    st.just([]),
    st.just({}),
    st.just([[[]]]),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=4), st.integers(), max_size=2),
)


def nodes(content: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if place:
        yield place
    if isinstance(content, dict | list):
        entries = content.items() if isinstance(content, dict) else enumerate(content)
        for key, inner in entries:
            yield from nodes(inner, (*place, key))


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    content = copy.deepcopy(draw(st.sampled_from(VALID)))
    for _ in range(draw(st.integers(1, 3))):
        places = list(nodes(content))
        if not places:
            break
        place = draw(st.sampled_from(places))
        parent: Any = content
        for key in place[:-1]:
            parent = parent[key]
        match draw(st.sampled_from(["remove", "replace", "double", "move", "rename"])):
            case "remove":
                del parent[place[-1]]
            case "replace":
                parent[place[-1]] = copy.deepcopy(draw(ODD))
            case "double" if isinstance(parent, list):
                parent.append(copy.deepcopy(parent[place[-1]]))
            case "move":
                source: Any = content
                for key in draw(st.sampled_from(places)):
                    source = source[key]
                parent[place[-1]] = copy.deepcopy(source)
            case "rename" if isinstance(parent, dict):
                parent[draw(st.text(max_size=5))] = parent.pop(place[-1])
    return content


@settings(max_examples=150, deadline=None)
@given(mutated())
def test_a_changed_file_is_accepted_or_refused_in_a_few_sentences(content: dict[str, Any]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "space.json"
        path.write_text(json.dumps(content))
        problem = ""
        try:
            found = from_configspace(path)
        except HarmonicaError as error:
            problem = str(error)
        if problem:
            assert len(problem) < len(str(path)) + 1500
            whole = ("is not valid JSON", "is not a ConfigSpace JSON file")
            assert "\n  - " in problem or any(words in problem for words in whole)
            return
        assert all(len(remark) < 1000 for remark in found.remarks)
        whole = {"search": "x", "objective": {"command": "true {config}", "metric": "m"}}
        again = Path(folder) / "config.yaml"
        again.write_text(yaml.safe_dump({**whole, **found.sections}, sort_keys=False))
        assert parse(load_file(again)) == parse({**whole, **found.sections})


def test_the_files_that_are_changed_are_accepted(tmp_path: Path) -> None:
    for number, content in enumerate(VALID):
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps(content))
        assert from_configspace(path).sections["space"]
