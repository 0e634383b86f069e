"""The recipes of CONTRIBUTING, followed to the letter in a copy of the package."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.docs.docs_support import BLOCKS, REPOSITORY

RECIPES = [block.text for block in BLOCKS if block.language == "diff"]

CONFIG: dict[str, Any] = {
    "search": "made-up",
    "objective": {"command": "true", "metric": "loss"},
    "space": {
        "bias": {"type": "bool"},
        "rate": {"type": "float", "low": 0.001, "high": 1.0, "log": True},
        "layers": {"type": "int", "low": 1, "high": 6},
    },
    "stages": [{"samples": 60, "sparsity": 2, "degree": 1, "resamples": 0}],
    "final": {"optimiser": "random", "configurations": 4},
}

SEARCHED = """
import json, sys
from pathlib import Path
import harmonica_steps
from tests.report.report_support import run_search

assert Path(harmonica_steps.__file__).is_relative_to(Path.cwd())

def loss(configuration, budget, noise):
    order = configuration.get("order", "b")
    return 3.0 * (order[0] != "b") + configuration["layers"] / 10 + noise / 10

run_search(Path("results/made-up"), json.loads(Path("mine.yaml").read_text()), loss)
"""


def run(folder: Path, *words: str | Path) -> str:
    path = os.pathsep.join(map(str, (folder, REPOSITORY)))
    ran = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, "COLUMNS": "120"},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def harmonica(folder: Path, *words: str) -> str:
    return run(folder, "-m", "harmonica_steps", *words)


def followed(recipe: str, folder: Path, **changes: Any) -> Path:
    """A folder with the package as a recipe changes it, and a search that has ended."""
    (change,) = (text for text in RECIPES if f"+++ b/harmonica_steps/{recipe}" in text)
    shutil.copytree(
        REPOSITORY / "harmonica_steps",
        folder / "harmonica_steps",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    (folder / "change.diff").write_text(change)
    subprocess.run(["git", "apply", "change.diff"], cwd=folder, check=True)
    (folder / "mine.yaml").write_text(json.dumps({**CONFIG, **changes}))
    harmonica(folder, "plan", "mine.yaml")
    run(folder, "-c", SEARCHED)
    harmonica(folder, "report", "results/made-up")
    return folder


def test_there_are_three() -> None:
    assert len(RECIPES) == 3


@pytest.fixture(scope="module")
def with_kind(tmp_path_factory: pytest.TempPathFactory) -> Path:
    space = {**CONFIG["space"], "order": {"type": "permutation", "items": ["a", "b", "c"]}}
    return followed("space/parameters.py", tmp_path_factory.mktemp("kind"), space=space)


def test_the_new_kind_is_searched(with_kind: Path) -> None:
    psr = json.loads((with_kind / "results/made-up/stage-1/psr.json").read_text())
    assert ["order"] in [term["parameters"] for term in psr["terms"]]
    best = json.loads((with_kind / "results/made-up/best.json").read_text())
    assert best["configuration"]["order"] in ("b-a-c", "b-c-a")


def test_the_new_kind_is_known_to_the_schema_and_to_messages(with_kind: Path) -> None:
    harmonica(with_kind, "schema", "--output", "schema.json")
    assert "Permutation" in json.loads((with_kind / "schema.json").read_text())["$defs"]
    wrong = {**CONFIG, "space": {"order": {"type": "permutation", "items": ["a"]}}}
    (with_kind / "wrong.yaml").write_text(json.dumps(wrong))
    with pytest.raises(AssertionError, match=r"space\.order\.items: .*at least 2"):
        harmonica(with_kind, "plan", "wrong.yaml")


@pytest.mark.parametrize("items", [["a", "a"], ["a", "a-a"]])
def test_the_levels_of_the_new_kind_must_differ(with_kind: Path, items: list[str]) -> None:
    wrong = {**CONFIG, "space": {"order": {"type": "permutation", "items": items}}}
    (with_kind / "wrong.yaml").write_text(json.dumps(wrong))
    with pytest.raises(AssertionError, match=r"space\.order: value 'a-.*a' is listed twice"):
        harmonica(with_kind, "plan", "wrong.yaml")


@pytest.mark.parametrize(("kind", "file"), [("optuna", "study.journal"), ("configspace", "s.json")])
def test_the_new_kind_is_exported(with_kind: Path, kind: str, file: str) -> None:
    harmonica(with_kind, "export", "results/made-up", "--format", kind, "--output", file)
    assert "c-b-a" in (with_kind / file).read_text()


def test_the_new_optimiser_runs_its_rounds(tmp_path: Path) -> None:
    final = {"optimiser": "narrowing", "configurations": 6}
    folder = followed("optimisers/narrowing.py", tmp_path, final=final)
    text = (folder / "results/made-up/final/round-1/samples.jsonl").read_text()
    origins = {json.loads(line)["origin"] for line in text.splitlines()}
    assert origins <= {"guided", "child", "mutant"}
    page = (folder / "results/made-up/report.html").read_text()
    assert "The second round is guided by the first." in page
    harmonica(folder, "schema", "--output", "schema.json")
    assert '"const": "narrowing"' in (folder / "schema.json").read_text()


def test_the_new_format_is_written(tmp_path: Path) -> None:
    folder = followed("export/json_lines.py", tmp_path)
    assert "64 trainings" in harmonica(folder, "export", "results/made-up", "--format", "jsonl")
    text = (folder / "results/made-up/trainings.jsonl").read_text()
    assert len([json.loads(line)["value"] for line in text.splitlines()]) == 64
    assert "jsonl: the same as JSON" in " ".join(harmonica(folder, "export", "--help").split())
