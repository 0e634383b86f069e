"""The kinds of parameter that a configuration file can name.

A parameter either lists its values, or is a number from a range that is cut into cells. Values and
cells are the levels, drawn uniformly: the recovery guarantee of the paper (arXiv 1706.00764,
section 3) is about a uniform product distribution.
"""

from math import floor, log, log10
from typing import Annotated, Any, ClassVar, Literal, get_args

import numpy as np
from pydantic import Field, model_validator

from harmonica_steps.space.kind_base import (
    MOST_VALUES,
    BaseKind,
    Listed,
    Range,
    Value,
    WithValues,
)
from harmonica_steps.space.numbers import Real, Whole

MOST_LEVELS = 16
"""An integer range with more values than this must say how many levels it wants."""


class Bool(Listed):
    """A switch."""

    ordered: ClassVar[bool] = True
    type: Literal["bool"] = Field(description="A switch: false or true")

    def grid(self) -> tuple[Value, ...]:
        """False, then True."""
        return (False, True)


class Categorical(WithValues):
    """Values without an order."""

    ordered: ClassVar[bool] = False
    type: Literal["categorical"] = Field(description="Values without an order")


class Ordinal(WithValues):
    """Values in a meaningful order."""

    ordered: ClassVar[bool] = True
    has_ends: ClassVar[bool] = True
    type: Literal["ordinal"] = Field(description="Values in a meaningful order")


class Integer(Range):
    """Whole numbers from `low` to `high`, both included."""

    type: Literal["int"] = Field(description="A whole number")
    low: Whole = Field(description="Smallest value")
    high: Whole = Field(description="Largest value, included")
    levels: Whole | None = Field(
        default=None,
        ge=2,
        le=MOST_VALUES,
        description="Draw any of the numbers, and cut the range into this many cells to explain "
        f"its effect. Default: each number is a level, up to {MOST_LEVELS} of them",
    )

    @model_validator(mode="after")
    def _sensible(self) -> "Integer":
        self._check(self.low, self.high)
        count = self.high - self.low + 1
        if self.levels is None and count > MOST_LEVELS:
            raise ValueError(f"{count} values are too many to try each: add levels (e.g. 4)")
        if self.levels is not None and len(set(self.grid())) < self.levels:
            raise ValueError(
                f"levels: {self.levels} do not fit between {self.low} and {self.high} without "
                "repeating a value: ask for fewer"
            )
        return self

    def grid(self) -> tuple[Value, ...]:
        """Whole numbers, as evenly spaced as rounding permits."""
        if self.levels is None:
            return tuple(range(self.low, self.high + 1))
        positions = np.linspace(0.0, 1.0, self.levels)
        return tuple(round(float(v)) for v in self._at(self.low, self.high, positions))

    @property
    def numeric(self) -> bool:
        """Whether the numbers are too many to list."""
        return self.levels is not None

    def between(self, position: float) -> int:
        """The whole number at a position in [0, 1), each as wide as its share of the range."""
        edges = self._at(self.low, self.high + 1, np.array([position]))
        return min(max(floor(float(edges[0])), self.low), self.high)

    def span(self, low: Any, high: Any) -> tuple[float, float]:
        """The positions from the start of one number to the end of another."""
        ends = (self._share(self.low, self.high + 1, end) for end in (low, high + 1))
        return next(ends), next(ends)

    def ends(self, start: float, stop: float) -> tuple[int, int]:
        """The first and the last number between two positions."""
        return self.between(start), max(self.between(start), self.between(stop - 1e-9))


class Float(Range):
    """A real number between `low` and `high`."""

    continuous: ClassVar[bool] = True

    type: Literal["float"] = Field(description="A real number")
    low: Real = Field(description="Smallest value")
    high: Real = Field(description="Largest value")
    levels: Whole = Field(
        default=4,
        ge=2,
        le=64,
        description="Into how many cells the range is cut to explain its effect; any number in it "
        "may be drawn",
    )

    @model_validator(mode="after")
    def _sensible(self) -> "Float":
        self._check(self.low, self.high)
        if len(set(self.grid())) < self.levels:
            raise ValueError(
                f"{self.levels} levels between {self.low} and {self.high} are the same to twelve "
                "digits: widen the range"
            )
        return self

    def grid(self) -> tuple[Value, ...]:
        """Evenly spaced values, both ends included."""
        return self._tidy(self._at(self.low, self.high, np.linspace(0.0, 1.0, self.levels)))

    @property
    def numeric(self) -> bool:
        """Always."""
        return True

    def between(self, position: float) -> float:
        """The number at a position in [0, 1)."""
        return self._tidy(self._at(self.low, self.high, np.array([position])))[0]

    def span(self, low: Any, high: Any) -> tuple[float, float]:
        """The positions of two numbers."""
        return self._share(self.low, self.high, low), self._share(self.low, self.high, high)

    def ends(self, start: float, stop: float) -> tuple[float, float]:
        """The numbers at two positions, with no more digits than it takes to tell them apart.

        The ends of the range are exact.
        """
        values = self._at(self.low, self.high, np.array([start, stop]))
        # The change of the value over a thousandth of the interval.
        steps = (values * log(self.high / self.low) if self.log else self.high - self.low) * (
            np.full(2, max(stop - start, 1e-9)) / 1000
        )
        rounded = [round(float(v), -floor(log10(s))) for v, s in zip(values, steps, strict=True)]
        found = self._tidy(np.array(rounded))
        low, high = (
            self.low if position <= 0 else self.high if position >= 1 else value
            for position, value in zip((start, stop), found, strict=True)
        )
        return low, high

    def _tidy(self, values: np.ndarray) -> tuple[float, ...]:
        # 12 digits: 0.01, not 0.010000000000000002, whatever the platform's exp and log return.
        return tuple(min(max(float(f"{v:.12g}"), self.low), self.high) for v in values)


Kind = Bool | Categorical | Ordinal | Integer | Float
Parameter = Annotated[Kind, Field(discriminator="type")]

KINDS: dict[str, type[BaseKind]] = {
    get_args(kind.model_fields["type"].annotation)[0]: kind for kind in get_args(Kind)
}
"""Every kind by its name in a config file."""
