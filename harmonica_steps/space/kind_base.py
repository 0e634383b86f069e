"""What kinds of parameter have in common: a list of values, or a range of numbers."""

from math import log
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    model_validator,
)

from harmonica_steps.errors import HarmonicaError, near_miss
from harmonica_steps.space.numbers import no_number_is_text
from harmonica_steps.terminal import quoted

Value = StrictBool | StrictInt | StrictFloat | StrictStr

LARGEST = 1e15
"""Bound of numeric ranges: beyond it, neighbouring whole numbers are one in double precision."""

MOST_VALUES = 1_000
"""Most values that a parameter lists, and most levels of a whole number."""


def same_value(a: object, b: object) -> bool:
    """Whether two values are one level: 1 and 1.0 are in any file format, 1 and True are not."""
    return a == b and isinstance(a, bool) == isinstance(b, bool)


class BaseKind(BaseModel):
    """What every kind has."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    ordered: ClassVar[bool]
    """Whether neighbouring levels are expected to behave alike."""
    continuous: ClassVar[bool] = False
    """Whether any real number of a range may be drawn."""
    has_ends: ClassVar[bool] = False
    """Whether low and high may say which of its values are forbidden."""

    when: dict[str, Value | list[Value]] = Field(
        default_factory=dict,
        description="Conditions {parameter: value or values}, all of which must hold; otherwise "
        "the parameter is withheld from the training.",
    )

    def grid(self) -> tuple[Value, ...]:
        """The levels, in order; of a number from a range, evenly spaced values of it."""
        raise NotImplementedError

    @property
    def numeric(self) -> bool:
        """Whether any value of a range will do; otherwise the values are those of `grid`."""
        return False

    def spelled(self, value: object) -> Value:
        """A value that the parameter can have, as it spells it: 1 and 1.0 are equal.

        Raises
        ------
        HarmonicaError
            When it cannot have it.
        """
        grid = self.grid()
        for known in grid:
            if same_value(known, value):
                return known
        raise HarmonicaError(f"has no value {quoted(value)}{near_miss(value, grid)}")

    # What follows is asked of a parameter that is `numeric` only.

    def between(self, position: float) -> Value:
        """The value at a position in [0, 1) of a range."""
        raise NotImplementedError

    def span(self, low: Any, high: Any) -> tuple[float, float]:
        """The positions from the start of one value to the end of another."""
        raise NotImplementedError

    def ends(self, start: float, stop: float) -> tuple[Value, Value]:
        """The first and the last value between two positions."""
        raise NotImplementedError


class Listed(BaseKind):
    """A kind whose values are those of its grid, all different."""

    @property
    def look_alike(self) -> bool:
        """Whether two values are equal in Python and other programs, e.g. 1 and True."""
        grid = self.grid()
        return len(set(grid)) < len(grid)

    @model_validator(mode="after")
    def _all_different(self) -> "Listed":
        grid = self.grid()
        no_number_is_text(grid)
        seen: set[tuple[bool, Value]] = set()
        for value in grid:
            if isinstance(value, float) and not np.isfinite(value):
                raise ValueError(f"value {value!r} is not finite")
            level = (isinstance(value, bool), value)  # see `same_value`
            if level in seen:
                raise ValueError(f"value {quoted(value)} is listed twice")
            seen.add(level)
        return self


class WithValues(Listed):
    """A kind with a list of its values in the config file."""

    values: list[Value] = Field(
        min_length=2,
        max_length=MOST_VALUES,
        description="The values, at least two, all different: text, numbers, booleans",
    )

    def grid(self) -> tuple[Value, ...]:
        """The values as listed."""
        return tuple(self.values)


class Range(BaseKind):
    """A kind of number, from one end of a range to the other."""

    ordered: ClassVar[bool] = True
    has_ends: ClassVar[bool] = True
    if TYPE_CHECKING:  # each kind has its own, of its type
        low: float
        high: float

    log: bool = Field(default=False, description="Draw, and cut into cells, on a logarithmic scale")

    def _check(self, low: float, high: float) -> None:
        if not (abs(low) <= LARGEST and abs(high) <= LARGEST):
            raise ValueError(
                f"low and high must be finite and within +-{LARGEST:g}, got {quoted(low)} and "
                f"{quoted(high)}"
            )
        if not low < high:
            raise ValueError(
                f"low must be below high, got {low} and {high} (a fixed value is not a parameter: "
                "put it in the training command)"
            )
        if self.log and low <= 0:
            raise ValueError(f"log: true needs low > 0, got {low}")

    def spelled(self, value: object) -> Value:
        """A number of the range, see `BaseKind.spelled`."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise HarmonicaError(f"{quoted(value)} is not a number")
        if not self.low <= value <= self.high:
            raise HarmonicaError(
                f"{quoted(value)} is not in the range from {self.low} to {self.high}"
            )
        if self.continuous:
            return float(value)
        if value != int(value):
            raise HarmonicaError(f"{quoted(value)} is not a whole number")
        return int(value)

    def coordinate(self, value: object) -> float:
        """The position of a value: the middle of what it covers."""
        known = self.spelled(value)
        low, high = self.span(known, known)
        return low if self.continuous else (low + high) / 2

    def _at(self, low: float, high: float, positions: np.ndarray) -> np.ndarray:
        if self.log:
            return np.asarray(np.exp(np.log(low) + positions * (np.log(high) - np.log(low))))
        return low + positions * (high - low)

    def _share(self, low: float, high: float, value: float) -> float:
        """The position of a value between two others, the inverse of `_at`."""
        if self.log:
            low, high, value = log(low), log(high), log(value)
        return (value - low) / (high - low)
