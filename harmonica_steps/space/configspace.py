"""Import of search spaces written by ConfigSpace (its JSON format, read as plain data)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harmonica_steps.errors import HarmonicaError

_KINDS = {"uniform_float": "float", "uniform_int": "int"}


def from_configspace(path: Path) -> dict[str, dict[str, Any]]:
    """Translate a ConfigSpace JSON file into a ``space:`` section.

    Constants are dropped: they are no choice, and belong into the training command.

    Parameters
    ----------
    path
        Written by ``ConfigSpace.ConfigurationSpace.to_json``.

    Returns
    -------
    dict
        One entry a parameter, as a configuration file would spell it.

    Raises
    ------
    HarmonicaError
        On what has no counterpart here: forbidden clauses (they would break the uniform product
        distribution), priors other than uniform, conditions other than "equals", "in" and "and".
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        hyperparameters = content["hyperparameters"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise HarmonicaError(f"{path}: is no ConfigSpace JSON file ({error!r}).") from error
    if content.get("forbiddens"):
        raise HarmonicaError(
            f"{path}: forbidden clauses cannot be imported, since the search draws every "
            "combination of levels; let the training return a bad value for them instead."
        )
    space = {}
    for entry in hyperparameters:
        choices = entry.get("choices", entry.get("sequence"))
        if entry["type"] != "constant" and (choices is None or len(choices) > 1):
            space[entry["name"]] = _parameter(path, entry)
    for condition in content.get("conditions", []):
        for child, parent, values in _clauses(path, condition):
            if child in space and parent in space:
                when = space[child].setdefault("when", {})
                when[parent] = [v for v in values if v in when.get(parent, values)]
    return space


def _parameter(path: Path, entry: dict[str, Any]) -> dict[str, Any]:
    kind = entry["type"]
    if len(set(entry.get("weights") or [1])) > 1:
        raise HarmonicaError(
            f"{path}: parameter {entry['name']!r} has weights, which cannot be imported, since the "
            "search draws every level equally often."
        )
    if kind in _KINDS:
        parameter = {"type": _KINDS[kind], "low": entry["lower"], "high": entry["upper"]}
        if entry.get("log"):
            parameter["log"] = True
        if kind == "uniform_float" or entry["upper"] - entry["lower"] > 7:
            parameter["levels"] = 4
        return parameter
    if kind == "categorical":
        return {"type": "categorical", "values": list(entry["choices"])}
    if kind == "ordinal":
        return {"type": "ordinal", "values": list(entry["sequence"])}
    raise HarmonicaError(
        f"{path}: parameter {entry['name']!r} has type {kind!r}, which cannot be imported; "
        "allowed: uniform_float, uniform_int, categorical, ordinal, constant."
    )


def _clauses(path: Path, condition: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    kind = condition["type"].upper()
    if kind == "AND":
        for part in condition["conditions"]:
            yield from _clauses(path, part)
    elif kind == "EQ":
        yield condition["child"], condition["parent"], [condition["value"]]
    elif kind == "IN":
        yield condition["child"], condition["parent"], list(condition["values"])
    else:
        raise HarmonicaError(
            f"{path}: the condition of {condition.get('child')!r} has type {kind!r}, which cannot "
            "be imported; allowed: EQ, IN, AND."
        )
