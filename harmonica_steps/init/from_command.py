"""A draft to be filled in, for a program that cannot be read."""

import ast
from collections.abc import Sequence

from harmonica_steps.init.draft import Draft, set_metric
from harmonica_steps.init.metric import find_metrics
from harmonica_steps.init.source import Program, quoted

EXAMPLE = {
    "learning_rate": {"type": "float", "low": 0.0001, "high": 0.1, "log": True},
    "layers": {"type": "int", "low": 1, "high": 4},
}
"""A space that shows how one is written."""

OTHERS = {
    "click": "click",
    "typer": "typer",
    "fire": "Fire",
    "tyro": "tyro",
    "jsonargparse": "jsonargparse",
    "absl": "absl",
    "docopt": "docopt",
    "transformers": "HfArgumentParser",
    "simple_parsing": "simple_parsing",
    "tap": "tap",
}
"""Packages by which programs read options, by the names they are imported by."""


def other_reader(program: Program) -> str | None:
    """The package by which a program reads its options, if it is one whose calls are not read."""
    for node in ast.walk(program.syntax):
        modules: list[str] = []
        if isinstance(node, ast.Import):
            modules = [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [node.module or ""]
            if modules == ["transformers"]:
                modules = ["transformers"] if _imports(node, "HfArgumentParser") else []
        for module in modules:
            if (package := module.partition(".")[0]) in OTHERS:
                return OTHERS[package]
    return None


def _imports(node: ast.ImportFrom, name: str) -> bool:
    return any(alias.name == name for alias in node.names)


def draft_from_command(program: Program, passed: Sequence[str], name: str, why: str) -> Draft:
    """A draft whose space is an example.

    Parameters
    ----------
    program
        In any language.
    passed
        Words to pass on to it as they are.
    name
        Of the search.
    why
        Its options are not read.
    """
    draft = Draft(name, f"an example: {why}")
    words = [*program.words, "{args}", *passed]
    draft.objective["command"] = " ".join(map(quoted, words))
    draft.space = {key: dict(entry) for key, entry in EXAMPLE.items()}
    draft.notes = dict.fromkeys(EXAMPLE, "TODO: an example")
    draft.todo += [
        "space: name the options of the program, and their ranges",
        "objective.command: also pass the seed, e.g. --seed {seed}, and the length of a training, "
        "e.g. --epochs {budget}, if the program has such options",
    ]
    metrics = find_metrics(program.tree) if program.tree else []
    set_metric(draft, next((m for m in metrics if m.where == "printed"), None), str(program.path))
    return draft
