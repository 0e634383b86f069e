"""Imports point down the layers only."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "harmonica_steps"

BELOW = {
    "terminal": set(),
    "errors": {"terminal"},
    "files": {"errors"},
    "claim": {"errors"},
    "launch": {"terminal", "errors"},
    "optional": {"errors"},
    "space": {"errors", "terminal"},
    "records": set(),
    "spectral": set(),
    "config": {"space", "files", "errors", "terminal"},
    "search": {"records", "config", "space", "spectral", "errors"},
    "results": {"search", "records", "config", "space", "files", "errors", "terminal"},
    "objective": {"results", "files", "errors", "terminal"},
    "study": {"search", "config", "space", "errors"},
    "optuna": {"study", "search", "space", "errors"},
    "export": {"study", "results", "search", "config", "space", "files", "errors"},
    "report": {
        "results",
        "search",
        "space",
        "records",
        "files",
        "optional",
        "errors",
        "terminal",
    },
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
        "terminal",
    },
    "init": {"study", "objective", "config", "space", "files", "errors", "terminal"},
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
        "terminal",
    },
    "archive": {"results", "objective", "files", "errors"},
    "early_stop": {"results", "objective", "terminal"},
    "same_search": {"results", "config", "files", "errors"},
    "controller": {"preflight"},
    "workflow": {
        "early_stop",
        "same_search",
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
