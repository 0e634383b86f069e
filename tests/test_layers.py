"""Imports point down the layers only."""

import ast
import graphlib
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "harmonica_steps"

ANYWHERE = {"errors", "terminal"}
"""What every layer may use."""

BELOW = {
    "terminal": set(),
    "errors": set(),
    "leftovers": set(),
    "files": {"leftovers"},
    "outputs": set(),
    "typed": {"files"},
    "search_lock": {"files"},
    "user_class": set(),
    "launch": {"optional"},
    "optional": set(),
    "space": set(),
    "records": {"typed", "files"},
    "spectral": set(),
    "config": {"records", "space", "files", "outputs", "user_class"},
    "search": {"records", "config", "space", "spectral"},
    "results": {"search", "records", "config", "space", "typed", "files"},
    "objective": {"results", "records", "files"},
    "configspace": {"config", "space", "files"},
    "study": {"search", "config", "space", "user_class"},
    "optimisers": {"study", "search", "config", "records", "space", "typed"},
    "optuna": {"study", "search", "space"},
    "export": {
        "configspace",
        "study",
        "results",
        "search",
        "records",
        "config",
        "space",
        "files",
        "outputs",
    },
    "report": {
        "config",
        "spectral",
        "outputs",
        "results",
        "search",
        "space",
        "records",
        "search_lock",
        "optional",
        "typed",
        "files",
    },
    "steps": {
        "optimisers",
        "study",
        "launch",
        "results",
        "objective",
        "search",
        "records",
        "spectral",
        "space",
        "config",
        "files",
    },
    "init": {"study", "configspace", "objective", "config", "space", "files", "outputs"},
    "preflight": {"objective", "search", "config"},
    "tryout": {
        "steps",
        "report",
        "results",
        "objective",
        "search",
        "records",
        "config",
        "space",
        "files",
    },
    "archive": {"results", "objective", "records", "files"},
    "early_stop": {"results", "records", "objective"},
    "controller": {"preflight"},
    "live_page": {"results"},
    "workflow": {
        "live_page",
        "early_stop",
        "same_search",
        "preflight",
        "search_lock",
        "steps",
        "archive",
        "results",
        "objective",
        "search",
        "config",
        "files",
        "optional",
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
        assert imported(path) <= BELOW[layer] | ANYWHERE | {layer}, path


def modules() -> dict[str, set[str]]:
    """Each module of the package with those that it imports, also inside of functions."""
    names = {
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts): path
        for path in PACKAGE.rglob("*.py")
    }
    names = {name.removesuffix(".__init__"): path for name, path in names.items()}
    found: dict[str, set[str]] = {}
    for name, path in names.items():
        imports = set()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE.name):
                inside = {f"{node.module}.{alias.name}" for alias in node.names}
                imports |= inside & names.keys() or {str(node.module)}
        found[name] = imports
    return found


def test_no_module_imports_itself_through_others() -> None:
    sorter = graphlib.TopologicalSorter(modules())
    try:
        sorter.prepare()
    except graphlib.CycleError as error:
        pytest.fail(" <- ".join(error.args[1]))
