"""Imports point down the layers only."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "harmonica_steps"

BELOW = {
    "errors": set(),
    "files": {"errors"},
    "claim": {"errors"},
    "launch": {"errors"},
    "optional": {"errors"},
    "space": {"errors"},
    "records": set(),
    "spectral": set(),
    "config": {"space", "files", "errors"},
    "search": {"records", "config", "space", "spectral", "errors"},
    "results": {"search", "records", "config", "space", "files", "errors"},
    "objective": {"results", "files", "errors"},
    "configspace": {"config", "space", "files", "errors"},
    "study": {"search", "config", "space", "errors"},
    "optuna": {"study", "search", "space", "errors"},
    "export": {"study", "configspace", "results", "search", "config", "space", "files", "errors"},
    "report": {"results", "search", "space", "records", "files", "optional", "errors"},
    "steps": {
        "study",
        "launch",
        "results",
        "objective",
        "search",
        "records",
        "spectral",
        "config",
        "files",
        "errors",
    },
    "init": {"study", "configspace", "objective", "config", "space", "files", "errors"},
    "preflight": {"study", "objective", "search", "config", "errors"},
    "tryout": {
        "steps",
        "report",
        "results",
        "objective",
        "search",
        "config",
        "space",
        "files",
        "errors",
    },
    "archive": {"results", "objective", "files", "errors"},
    "early_stop": {"results", "objective"},
    "controller": {"preflight"},
    "workflow": {
        "early_stop",
        "preflight",
        "claim",
        "archive",
        "results",
        "objective",
        "search",
        "config",
        "files",
        "optional",
        "errors",
    },
}


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("harmonica_steps."):
            found.add(node.module.split(".")[1])
    return found


@pytest.mark.parametrize("layer", BELOW)
def test_a_layer_imports_from_below_only(layer: str) -> None:
    single = PACKAGE / f"{layer}.py"
    files = [single] if single.exists() else list((PACKAGE / layer).glob("*.py"))
    assert files
    for path in files:
        assert imported(path) <= BELOW[layer] | {layer}, path
