"""Forbidden clauses of ConfigSpace as entries of ``forbidden``."""

from collections.abc import Collection, Iterator
from typing import Any

from harmonica_steps.configspace import entries as of
from harmonica_steps.errors import HarmonicaError, near_miss
from harmonica_steps.terminal import quoted


def imported_clause(
    where: str, content: object, names: Collection[str], constants: Collection[str]
) -> dict[str, Any]:
    """Translate a clause into an entry of ``forbidden``.

    Parameters
    ----------
    where
        The place of the clause in the file.
    content
        The clause.
    names
        Those of the parameters.
    constants
        Those of what has only one value.

    Raises
    ------
    HarmonicaError
        When it has no counterpart here, such as a relation between two parameters.
    """
    clause: dict[str, Any] = {}
    for name, wanted in _wanted(where, content):
        if name not in names and name not in constants:
            raise HarmonicaError(
                f"{where}: there is no hyperparameter {quoted(name)}{near_miss(name, names)}"
            )
        if name in constants:
            raise HarmonicaError(f"{where}: names {quoted(name)}, which has only one value")
        if name not in clause:
            clause[name] = wanted
        elif _are_low_and_high(clause[name], wanted):
            clause[name] = clause[name] | wanted
        else:
            raise HarmonicaError(f"{where}: names {quoted(name)} twice; write one list of values")
    return clause


def _are_low_and_high(one: object, other: object) -> bool:
    return isinstance(one, dict) and isinstance(other, dict) and not one.keys() & other.keys()


def _wanted(where: str, content: object) -> Iterator[tuple[str, Any]]:
    entry = of.typed(where, content, of.FORBIDDENS)
    if isinstance(entry, of.ForbiddenAnd):
        for part in entry.clauses:
            yield from _wanted(where, part)
    elif isinstance(entry, of.ForbiddenValues):
        yield entry.name, entry.values
    elif entry.type == "EQUALS":
        yield entry.name, entry.value
    else:
        yield entry.name, {"low" if entry.type == "CLAUSE_GE" else "high": entry.value}
