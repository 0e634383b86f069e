"""Boxes of a space: what is still drawn of each parameter.

Configurations are points: the coordinate of a parameter that lists its values is an index, that of
a number its position in the range, from 0 to 1.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

import numpy as np

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.space.kind_base import Value
from harmonica_steps.space.space import Space

SLACK = 1e-9
"""Positions that differ by less are equal."""


class Interval(NamedTuple):
    """Neighbouring values of an ordered parameter, both ends included."""

    low: Value
    high: Value

    def __str__(self) -> str:
        low, high = (f"{end:.6g}" if isinstance(end, float) else end for end in self)
        return f"{low} to {high}"

    def as_data(self) -> dict[str, Value]:
        """The interval in a JSON file."""
        return self._asdict()


Assigned = Value | Interval
"""What a parameter is restricted to."""


class Region:
    """A box of a space.

    Parameters
    ----------
    space
        The space.
    low, high : ndarray of shape (parameters,)
        From where to where each parameter is drawn, as coordinates: values ``low`` to ``high - 1``
        of a list, positions from ``low`` to ``high`` of a range. Equal positions are one value.
    """

    def __init__(self, space: Space, low: np.ndarray, high: np.ndarray) -> None:
        self.space, self.low, self.high = space, low, high

    @classmethod
    def whole(cls, space: Space) -> "Region":
        """All of a space."""
        return cls(space, np.zeros(len(space)), np.where(space.numeric, 1.0, space.sizes))

    @classmethod
    def of(cls, space: Space, assignment: Mapping[str, Assigned]) -> "Region":
        """What an assignment leaves of a space.

        Raises
        ------
        HarmonicaError
            When the assignment names an unknown parameter or value, or an empty interval; the
            message begins with the parameter's name.
        """
        region = cls.whole(space)
        for name, assigned in assignment.items():
            if name not in space.parameters:
                space.level(name, None)  # complains
            column = space.names.index(name)
            region.low[column], region.high[column] = _span(space, name, assigned)
        return region

    @cached_property
    def single(self) -> np.ndarray:
        """Which parameters have one value only, shape ``(parameters,)``."""
        return np.where(self.space.numeric, self.high <= self.low, self.high - self.low <= 1)

    def sizes(self, cells: int | None = None) -> np.ndarray:
        """Levels of each parameter in the region.

        Parameters
        ----------
        cells
            Into how many cells ranges are cut; by default as many as the parameter has levels.
        """
        numbers = self.space.sizes if cells is None else np.full(len(self.space), cells)
        ranges = np.where(self.single, 1, numbers)
        return np.where(self.space.numeric, ranges, self.high - self.low).astype(int)

    def levels(self, points: np.ndarray, cells: int | None = None) -> np.ndarray:
        """The level of every parameter: a value of its list, or a cell of the interval.

        Parameters
        ----------
        points : ndarray of shape (points, parameters)
            Those outside the region get the nearest level.
        cells
            See `sizes`.

        Returns
        -------
        ndarray of int, of the same shape
        """
        sizes = self.sizes(cells)
        width = np.where(self.high > self.low, self.high - self.low, 1.0)
        inside = (points - self.low) / width * sizes
        found = np.where(self.space.numeric, inside, points - self.low)
        return np.asarray(np.clip(np.floor(found + SLACK), 0, sizes - 1), dtype=int)

    def contains(self, points: np.ndarray) -> np.ndarray:
        """Whether each coordinate of some points is in the region, an array of their shape."""
        above = points >= self.low - SLACK
        below = np.where(
            self.space.numeric, points <= self.high + SLACK, points < self.high - SLACK
        )
        return np.asarray(above & below)

    def draw(self, rng: np.random.Generator, count: int = 1) -> np.ndarray:
        """Uniform points of the region, shape ``(count, parameters)``."""
        shape = (count, len(self.space))
        # Both are drawn whatever the region: what it restricts does not move the other parameters.
        levels, positions = rng.integers(self.space.sizes, size=shape), rng.random(shape)
        inside = self.low + positions * (self.high - self.low)
        listed = np.where(self._whole, levels, np.floor(inside))
        return np.where(self.space.numeric, inside, listed)

    def restricted(self, name: str, low: float, high: float) -> Assigned:
        """The value, or the interval of values, between two coordinates."""
        parameter = self.space.parameters[name]
        if parameter.numeric:
            first, last = parameter.ends(low, high)
            return first if first == last else Interval(first, last)
        values = self.space.grids[name][int(low) : int(high)]
        return values[0] if len(values) == 1 else Interval(values[0], values[-1])

    def cell(self, name: str, level: int) -> Assigned:
        """The values of a level."""
        column = self.space.names.index(name)
        low, width = self.low[column], self.high[column] - self.low[column]
        step = width / self.sizes()[column]
        return self.restricted(name, low + level * step, low + (level + 1) * step)

    @cached_property
    def _whole(self) -> np.ndarray:
        return np.asarray((self.low == 0) & (self.high == self.space.sizes))


def _span(space: Space, name: str, assigned: Assigned) -> tuple[float, float]:
    """The interval to which a parameter is restricted."""
    parameter = space.parameters[name]
    if not isinstance(assigned, Interval):
        position = space.coordinate(name, assigned)
        return position, position if parameter.numeric else position + 1
    if not parameter.ordered:
        raise HarmonicaError(f"{name}: has no order, so it cannot have low and high; give a value")
    if parameter.numeric:
        for end in assigned:
            space.coordinate(name, end)
        low, high = parameter.span(assigned.low, assigned.high)
    else:
        low, high = space.level(name, assigned.low), space.level(name, assigned.high) + 1
    if assigned.low == assigned.high or high <= low:
        raise HarmonicaError(
            f"{name}: low must come before high, got {assigned.low!r} and {assigned.high!r}; "
            "for a single value give the value itself"
        )
    return low, high
