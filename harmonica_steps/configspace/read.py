"""Search spaces in the JSON format of ConfigSpace, read and written as plain data."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.space.configspace_clauses import exported_clause, imported_clause
from harmonica_steps.space.parameters import Bool, Float, Integer, Ordinal, Parameter, Value
from harmonica_steps.space.share import allowed_configuration
from harmonica_steps.space.space import Space

OURS = "harmonica"
"""Key in ``meta`` under which a parameter keeps what ConfigSpace has no word for."""

_KINDS = {"uniform_float": "float", "uniform_int": "int"}


def from_configspace(path: Path) -> dict[str, Any]:
    """Translate a ConfigSpace JSON file into the sections ``space:`` and ``forbidden:``.

    What `to_configspace` has written comes back as it was. Constants are dropped: they are no
    choice, and belong into the training command.

    Parameters
    ----------
    path
        Written by ``ConfigSpace.ConfigurationSpace.to_json``.

    Returns
    -------
    dict
        ``space`` with an entry for each parameter, and ``forbidden`` with one for each clause if
        there are any, as a configuration file would spell them.

    Raises
    ------
    HarmonicaError
        On what has no counterpart here: priors other than uniform, conditions other than "equals",
        "in" and "and", forbidden relations between parameters.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        hyperparameters = content["hyperparameters"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise HarmonicaError(f"{path}: is no ConfigSpace JSON file ({error!r}).") from error
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
    clauses = [imported_clause(path, entry, space) for entry in content.get("forbiddens") or []]
    return {"space": space, "forbidden": clauses} if clauses else {"space": space}


def _parameter(path: Path, entry: dict[str, Any]) -> dict[str, Any]:
    kind = entry["type"]
    meta = entry.get("meta")
    ours = meta.get(OURS) if isinstance(meta, dict) else None
    ours = ours if isinstance(ours, dict) else {}
    if ours.get("type") == "bool":
        return {"type": "bool"}
    if len(set(entry.get("weights") or [1])) > 1:
        raise HarmonicaError(
            f"{path}: parameter {entry['name']!r} has weights, which cannot be imported, since the "
            "search draws every level equally often."
        )
    if kind in _KINDS:
        parameter = {"type": _KINDS[kind], "low": entry["lower"], "high": entry["upper"]}
        if entry.get("log"):
            parameter["log"] = True
        if "levels" in ours:
            levels = {} if ours["levels"] is None else {"levels": ours["levels"]}
            return {**parameter, **levels}
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


def to_configspace(space: Space, name: str) -> dict[str, Any]:
    """Translate a space into what ``ConfigSpace.ConfigurationSpace.from_json`` reads.

    A range is continuous there; how many levels the stages try, and that a choice is a switch, is
    kept in ``meta``. The default configuration is one that is not forbidden, as ConfigSpace
    demands.

    Parameters
    ----------
    space
        The space.
    name
        Of the search.

    Raises
    ------
    HarmonicaError
        When ConfigSpace cannot tell two values of a parameter apart (1 and True).
    """
    default = allowed_configuration(space)
    return {
        "name": name,
        "hyperparameters": [
            _entry(key, parameter, default[key]) for key, parameter in space.parameters.items()
        ],
        "conditions": [
            _condition(key, space.conditions[key]) for key in space.names if space.conditions[key]
        ],
        "forbiddens": [exported_clause(space, clause) for clause in space.forbidden],
        "python_module_version": "1.2.0",
        "format_version": 0.4,
    }


def _entry(name: str, parameter: Parameter, default: Value) -> dict[str, Any]:
    grid = parameter.grid()
    entry: dict[str, Any] = {"name": name, "default_value": default, "meta": None}
    if isinstance(parameter, Float | Integer):
        kind = "uniform_float" if isinstance(parameter, Float) else "uniform_int"
        bounds = {"lower": parameter.low, "upper": parameter.high, "log": parameter.log}
        return {**entry, "type": kind, **bounds, "meta": {OURS: {"levels": parameter.levels}}}
    if len(set(grid)) < len(grid):
        raise HarmonicaError(
            f"space.{name}: has values that are one for ConfigSpace ({list(grid)!r}), so the space "
            "cannot be exported. Write the numbers or the truth values among them as texts."
        )
    if isinstance(parameter, Ordinal):
        return {**entry, "type": "ordinal", "sequence": list(grid)}
    if isinstance(parameter, Bool):
        entry["meta"] = {OURS: {"type": "bool"}}
    return {**entry, "type": "categorical", "choices": list(grid), "weights": None}


def _condition(child: str, wanted: Mapping[str, tuple[Value, ...]]) -> dict[str, Any]:
    clauses: list[dict[str, Any]] = [
        {"type": "EQ", "child": child, "parent": parent, "value": values[0]}
        if len(values) == 1
        else {"type": "IN", "child": child, "parent": parent, "values": list(values)}
        for parent, values in wanted.items()
    ]
    return (
        clauses[0] if len(clauses) == 1 else {"type": "AND", "child": child, "conditions": clauses}
    )
