"""Forbidden clauses in the JSON format of ConfigSpace."""

from collections.abc import Collection, Iterator, Mapping
from math import inf
from pathlib import Path
from typing import Any

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.space.forbidden import Between, Clause, OneOf
from harmonica_steps.space.parameters import Integer
from harmonica_steps.space.space import Space


def imported_clause(
    path: Path, entry: Mapping[str, Any], names: Collection[str]
) -> dict[str, object]:
    """Translate a clause into an entry of ``forbidden:``.

    Parameters
    ----------
    path
        The file, for messages.
    entry
        An element of its ``forbiddens``.
    names
        The parameters that were imported.

    Raises
    ------
    HarmonicaError
        On what has no counterpart here, such as a relation between two parameters.
    """
    clause: dict[str, Any] = {}
    for name, wanted in _entries(path, entry):
        if name not in names:
            raise HarmonicaError(
                f"{path}: a forbidden clause names {name!r}, which has only one value; leave it "
                "out of the clause."
            )
        if name not in clause:
            clause[name] = wanted
        elif _are_low_and_high(clause[name], wanted):
            clause[name] = clause[name] | wanted
        else:
            raise HarmonicaError(
                f"{path}: a forbidden clause names {name!r} twice; write one list of values."
            )
    return clause


def _are_low_and_high(one: object, other: object) -> bool:
    return isinstance(one, dict) and isinstance(other, dict) and not one.keys() & other.keys()


def _entries(path: Path, entry: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    kind = entry["type"]
    if kind == "AND":
        for part in entry["clauses"]:
            yield from _entries(path, part)
    elif kind == "EQUALS":
        yield entry["name"], entry["value"]
    elif kind == "IN":
        yield entry["name"], list(entry["values"])
    elif kind in ("CLAUSE_GE", "CLAUSE_LE"):
        yield entry["name"], {"low" if kind == "CLAUSE_GE" else "high": entry["value"]}
    else:
        named = ", ".join(repr(entry[k]) for k in ("name", "left", "right") if k in entry)
        raise HarmonicaError(
            f"{path}: a forbidden clause{f' of {named}' if named else ''} has type {kind!r}, which "
            "cannot be imported; allowed: EQUALS, IN, CLAUSE_GE, CLAUSE_LE, AND."
        )


def exported_clause(space: Space, clause: Clause) -> dict[str, Any]:
    """Translate a clause into an element of ``forbiddens``."""
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
            value = int(end) if isinstance(parameter, Integer) else end
            yield {"type": kind, "name": name, "value": value}
