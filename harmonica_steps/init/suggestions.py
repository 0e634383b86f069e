"""The parameters that an objective function of Optuna's asks a trial for."""

import ast
from typing import Any

from harmonica_steps.init.constants import UNKNOWN, Constants
from harmonica_steps.init.parsers import calls_of
from harmonica_steps.init.setting import Setting
from harmonica_steps.study.space import number_entry

_POSITIONS = {
    "suggest_float": ("name", "low", "high"),
    "suggest_int": ("name", "low", "high"),
    "suggest_categorical": ("name", "choices"),
    "suggest_uniform": ("name", "low", "high"),
    "suggest_loguniform": ("name", "low", "high"),
}


def read_suggestions(tree: ast.AST, trial: str, constants: Constants) -> list[Setting]:
    """The calls of ``trial.suggest_...``.

    Parameters
    ----------
    tree
        The function.
    trial
        What it calls the trial.
    constants
        Of the program.

    Returns
    -------
    list of Setting
        The first of each name.
    """
    found: dict[str, Setting] = {}
    for call, receiver in calls_of(tree, tuple(_POSITIONS)):
        if ast.unparse(receiver) != trial or not isinstance(call.func, ast.Attribute):
            continue
        kind = call.func.attr
        given = dict(zip(_POSITIONS[kind], call.args, strict=False))
        given |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
        values = {key: constants.value(node) for key, node in given.items()}
        name = values.get("name")
        if isinstance(name, str):
            found.setdefault(name, _setting(name, kind, values))
    return list(found.values())


def _setting(name: str, kind: str, values: dict[str, Any]) -> Setting:
    if kind == "suggest_categorical":
        choices = values.get("choices")
        return Setting(name, choices=choices if isinstance(choices, list) else [UNKNOWN])
    low, high = values.get("low", UNKNOWN), values.get("high", UNKNOWN)
    if not all(isinstance(end, int | float) for end in (low, high)):
        return Setting(name, problem="its range is known only when it runs")
    log = values.get("log") is True or kind == "suggest_loguniform"
    whole, step = kind == "suggest_int", values.get("step")
    step = step if isinstance(step, int | float) else 1 if whole else None
    return Setting(name, spec=number_entry(low, high, whole=whole, log=log, step=step))


def study_direction(tree: ast.AST, constants: Constants) -> str | None:
    """The direction of the study that a program creates."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if ast.unparse(call.func).rpartition(".")[2] == "create_study":
            given = {keyword.arg: keyword.value for keyword in call.keywords}
            direction = constants.value(given.get("direction"))
            if direction in ("minimize", "maximize"):
                return str(direction)
    return None
