"""A space as ConfigSpace's JSON."""

from collections.abc import Iterator, Mapping
from math import inf
from typing import Any

from harmonica_steps.configspace.kinds import OURS
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.space import Parameter, Space, Value
from harmonica_steps.space.forbidden import Between, Clause, OneOf
from harmonica_steps.space.kind_base import Range
from harmonica_steps.space.parameters import Bool
from harmonica_steps.space.share import allowed_configuration


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
        "forbiddens": [_clause(space, clause) for clause in space.forbidden],
        "python_module_version": "1.2.0",
        "format_version": 0.4,
    }


def _entry(name: str, parameter: Parameter, default: Value) -> dict[str, Any]:
    grid = parameter.grid()
    entry: dict[str, Any] = {"name": name, "default_value": default, "meta": None}
    if isinstance(parameter, Range):
        kind = "uniform_float" if parameter.continuous else "uniform_int"
        bounds = {"lower": parameter.low, "upper": parameter.high, "log": parameter.log}
        return {**entry, "type": kind, **bounds, "meta": {OURS: {"levels": parameter.levels}}}
    if parameter.look_alike:
        raise HarmonicaError(
            f"space.{name}: has values that are the same for ConfigSpace ({list(grid)!r}), so the "
            "space cannot be exported. Write the numbers or booleans among them as text."
        )
    if isinstance(parameter, Bool):
        entry["meta"] = {OURS: {"type": "bool"}}
    elif parameter.ordered:
        return {**entry, "type": "ordinal", "sequence": list(grid)}
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


def _clause(space: Space, clause: Clause) -> dict[str, Any]:
    parts = [part for name in clause.wanted for part in _parts(space, name, clause.wanted[name])]
    return parts[0] if len(parts) == 1 else {"type": "AND", "clauses": parts}


def _parts(space: Space, name: str, wanted: OneOf | Between) -> Iterator[dict[str, Any]]:
    if isinstance(wanted, OneOf):
        if len(wanted.values) == 1:
            yield {"type": "EQUALS", "name": name, "value": wanted.values[0]}
        else:
            yield {"type": "IN", "name": name, "values": list(wanted.values)}
        return
    parameter = space.parameters[name]
    for kind, end in (("CLAUSE_GE", wanted.low), ("CLAUSE_LE", wanted.high)):
        if abs(end) != inf:
            value = end if parameter.continuous else int(end)
            yield {"type": kind, "name": name, "value": value}
