"""Forbidden combinations: the clauses that say which configurations are never trained."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

from harmonica_steps.errors import HarmonicaError, near_miss
from harmonica_steps.space.kind_base import Listed, Range, Value, same_value
from harmonica_steps.space.numbers import no_number_is_text
from harmonica_steps.space.parameters import KINDS, Parameter
from harmonica_steps.terminal import quoted


@dataclass(frozen=True)
class OneOf:
    """Some values of a parameter."""

    values: tuple[Value, ...]

    def __contains__(self, value: object) -> bool:
        return any(same_value(value, known) for known in self.values)

    def ends(self, parameter: Range) -> list[tuple[Any, Any]]:
        """The values as intervals of a range."""
        return [(value, value) for value in self.values]


@dataclass(frozen=True)
class Between:
    """The numbers from `low` to `high`, both included."""

    low: float = -inf
    high: float = inf

    def __contains__(self, value: object) -> bool:
        return isinstance(value, int | float) and self.low <= value <= self.high

    def ends(self, parameter: Range) -> list[tuple[Any, Any]]:
        """The part of it that is in a range."""
        return [(max(self.low, parameter.low), min(self.high, parameter.high))]


@dataclass(frozen=True)
class Clause:
    """A combination: it matches a configuration when all its parameters have such values."""

    wanted: Mapping[str, OneOf | Between]

    @classmethod
    def parse(
        cls, content: object, parameters: Mapping[str, Parameter], where: str = "forbidden"
    ) -> "Clause":
        """Check a clause as a configuration file spells it.

        Parameters
        ----------
        content
            A mapping of names to a value, a list of values, or ``low`` and ``high``.
        parameters
            Those of the space.
        where
            The key of the clause, for messages.

        Raises
        ------
        HarmonicaError
            When it is empty, or names an unknown parameter or an impossible value.
        """
        if not isinstance(content, Mapping):
            raise HarmonicaError(
                f"{where}: must be a mapping of parameters to values, got {quoted(content)}"
            )
        if not content:
            raise HarmonicaError(f"{where}: is empty; name the parameters and values to forbid.")
        wanted = {}
        for name, entry in content.items():
            if name not in parameters:
                raise HarmonicaError(
                    f"{where}.{name}: no such parameter{near_miss(name, parameters)}"
                )
            wanted[name] = _values(f"{where}.{name}", parameters[name], entry)
        return cls(wanted)

    def matches(self, active: Mapping[str, Value]) -> bool:
        """Whether the active part of a configuration is such a combination."""
        return all(name in active and active[name] in found for name, found in self.wanted.items())


def _values(where: str, parameter: Parameter, entry: object) -> OneOf | Between:
    if isinstance(entry, Mapping):
        return _between(where, parameter, entry)
    values = entry if isinstance(entry, list | tuple) else [entry]
    if not values:
        raise HarmonicaError(f"{where}: names no value.")
    return OneOf(tuple(_value(where, parameter, value) for value in values))


def _between(where: str, parameter: Parameter, entry: Mapping[object, object]) -> OneOf | Between:
    for key in entry:
        if key not in ("low", "high"):
            raise HarmonicaError(f"{where}.{key}: unknown key{near_miss(key, ('low', 'high'))}")
    if not entry:
        raise HarmonicaError(f"{where}: names neither low nor high.")
    if not parameter.has_ends:
        *most, last = (name for name, kind in KINDS.items() if kind.has_ends)
        raise HarmonicaError(
            f"{where}: low and high are for {', '.join(most)} and {last}; list the values of a "
            f"{parameter.type} instead"
        )
    ends = {str(key): _value(f"{where}.{key}", parameter, value) for key, value in entry.items()}
    if isinstance(parameter, Listed):
        found: OneOf | Between = _listed_between(parameter.grid(), ends)
        empty = found == OneOf(())
    else:
        found = Between(**{key: float(value) for key, value in ends.items()})
        empty = found.low > found.high
    if empty:
        raise HarmonicaError(
            f"{where}: low ({quoted(ends['low'])}) is above high ({quoted(ends['high'])})"
        )
    return found


def _listed_between(grid: tuple[Value, ...], ends: Mapping[str, Value]) -> OneOf:
    """The listed values from one to another, in their order."""
    first, last = 0, len(grid) - 1
    for position, value in enumerate(grid):
        if "low" in ends and same_value(value, ends["low"]):
            first = position
        if "high" in ends and same_value(value, ends["high"]):
            last = position
    return OneOf(grid[first : last + 1])


def _value(where: str, parameter: Parameter, value: object) -> Value:
    """A value that the parameter can have; of a range any, not only its levels."""
    if isinstance(value, str) and isinstance(parameter, Range):
        try:
            no_number_is_text([value])
        except ValueError as error:
            raise HarmonicaError(f"{where}: {error}") from None
    try:
        return parameter.spelled(value)
    except HarmonicaError as error:
        raise HarmonicaError(f"{where}: {error}") from None
