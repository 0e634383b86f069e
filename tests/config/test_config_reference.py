"""What is generated from the models, or must agree with them or with each other."""

import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from snakemake.utils import update_config

from harmonica_steps.config import Objective, Search, Stage, load_file, parse
from harmonica_steps.config.reference import annotated, schema, write_reference
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.optimisers.successive_halving import SuccessiveHalving

REPOSITORY = Path(__file__).parents[2]
CONFIG = REPOSITORY / "config/config.yaml"
ALL = [CONFIG, *sorted((REPOSITORY / "config/examples").glob("*.yaml"))]


def test_the_schema_file_is_that_of_the_models() -> None:
    path = REPOSITORY / "workflow/schemas/config.schema.json"
    # The order of keys is that of pydantic's version.
    assert json.loads(path.read_text(encoding="utf-8")) == json.loads(schema())


@pytest.mark.parametrize("budget", [0, 0.0, -1, "three"])
def test_an_editor_marks_a_budget_that_is_refused(budget: object) -> None:
    """A bound of a union has a keyword of pydantic's own, which validators ignore."""
    validator = Draft202012Validator(json.loads(schema()))
    content = load_file(CONFIG)
    assert not list(validator.iter_errors(content))
    content["stages"][0]["budget"] = budget
    assert [list(error.path) for error in validator.iter_errors(content)] == [
        ["stages", 0, "budget"]
    ]


def test_the_comments_of_the_configuration_are_those_of_the_models() -> None:
    assert CONFIG.read_text(encoding="utf-8") == annotated(CONFIG)


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.name)
def test_every_configuration_file_is_valid(path: Path) -> None:
    """One without an objective is an overlay: it is given after the demo's, and merged into it."""
    content = load_file(path)
    if "objective" not in content:
        overlay, content = content, load_file(CONFIG)
        update_config(content, overlay)
    assert parse(content).space


def test_renewed_comments_leave_the_configuration_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    content = load_file(CONFIG)
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    write_reference(path)
    assert load_file(path) == content
    assert "# Trainings of the stage, all in parallel" in path.read_text(encoding="utf-8")


def test_renewed_comments_keep_the_forbidden_combinations_as_they_are_written(
    tmp_path: Path,
) -> None:
    path = tmp_path / "config.yaml"
    block = (
        "forbidden:\n- {a: true, b: {high: 2}}  # diverges\n"
        "  # as this does\n- a: false\n  b: [3]\n"
    )
    path.write_text(
        "search: x\nobjective:\n  command: 'true'\n"
        f"{block}space:\n  a: {{type: bool}}\n  b: {{type: int, low: 1, high: 4}}  # layers\n"
    )
    content = load_file(path)
    write_reference(path)
    assert load_file(path) == content
    assert f"\n{block}\n" in path.read_text(encoding="utf-8")
    assert "  b: {type: int, low: 1, high: 4}  # layers\n" in path.read_text(encoding="utf-8")


CLAUSES = [
    ([{"a": True, "b": [0.5, "x"]}], True),
    ([{"b": {"low": 0.5}}, {"b": {"low": 0, "high": 1}}], True),
    ([{"b": {"lo": 0.5}}], False),
    ([{"b": {}}], False),
    ([{"b": []}], False),
    ([{}], False),
    ([{"b": None}], False),
    ({"b": 1}, False),
]


@pytest.mark.parametrize(("clauses", "valid"), CLAUSES, ids=str)
def test_an_editor_knows_the_form_of_a_clause(clauses: object, valid: bool) -> None:
    content = {**load_file(CONFIG), "forbidden": clauses}
    assert Draft202012Validator(json.loads(schema())).is_valid(content) == valid


def test_every_default_in_the_comments_is_the_default(tmp_path: Path) -> None:
    """The commented-out keys, made active, change nothing."""
    path = tmp_path / "config.yaml"
    path.write_text(
        "search: x\nobjective:\n  command: 'true'\n"
        "space:\n  a: {type: bool}\n  b: {type: bool}\n"
        "stages:\n- samples: 50\nfinal:\n  eta: 3\n"
    )
    before = parse(load_file(path))
    names = {
        *Search.model_fields,
        *Objective.model_fields,
        *Stage.model_fields,
        *SuccessiveHalving.model_fields,
    }
    active = re.sub(rf"^( *)# ((?:{'|'.join(names)}): )", r"\1\2", annotated(path), flags=re.M)
    path.write_text(active)
    assert load_file(path).keys() == Search.model_fields.keys()
    assert load_file(path)["stages"][0].keys() == Stage.model_fields.keys()
    assert parse(load_file(path)) == before


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HarmonicaError, match=r"must end in \.json"):
        write_reference(tmp_path / "config.md")


def bounds(lines: list[str]) -> dict[str, str]:
    pairs = (re.fullmatch(r"([\w.-]+) *>=([\d.]+)(?:; .*)?", line) for line in lines)
    return {pair[1]: pair[2] for pair in pairs if pair}


PLUGIN = "packages/snakemake-executor-plugin-submitit"


def test_the_conda_environment_agrees_with_the_package() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    conda = yaml.safe_load((REPOSITORY / "environment.yml").read_text())["dependencies"]
    plugin = tomllib.loads((REPOSITORY / PLUGIN / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["figures"]]
    expected = bounds(wanted)
    assert len(expected) == len(wanted)
    # Snakemake brings its interfaces along.
    expected |= {
        name: least
        for name, least in bounds(plugin["dependencies"]).items()
        if not name.startswith("snakemake-interface")
    }
    assert {"pip": [f"./{PLUGIN}"]} in conda
    expected["snakemake-minimal"] = expected.pop("snakemake")
    expected["python"] = project["requires-python"].removeprefix(">=")
    assert bounds([line for line in conda if isinstance(line, str)]) == expected
