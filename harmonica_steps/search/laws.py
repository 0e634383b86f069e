"""How a study draws a parameter, and whether its trials can be uniform samples of a space.

A study that never draws a value, or rarely, hides it: where its trials fill a stage, nothing tries
it, and the recovery compares only the others. What a study draws beyond the space is not a problem:
uniform samples of more, less those outside, are uniform samples of the space.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import ceil, exp, floor, log

import numpy as np

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.space import Region, Space, Value
from harmonica_steps.space.kind_base import Range
from harmonica_steps.terminal import quoted

LEAST_RATE = 0.5
"""Share of a level's rate in uniform samples; a level drawn less often is as good as missing."""

NEAR = 0.01
"""Share of a range that may be missing at an end."""

QUANTILES = 4_000
"""Number of values of a range that are looked at."""


@dataclass(frozen=True)
class OneOf:
    """Values that are drawn equally often."""

    values: tuple[Value | None, ...]
    """None stands for what is not a value here."""

    def __str__(self) -> str:
        more = ", ..." if len(self.values) > 6 else ""
        return f"one of {', '.join(map(quoted, self.values[:6]))}{more}"

    def within(self, low: float, high: float) -> Iterator[Value | None]:
        """The values, whatever the range."""
        yield from self.values


@dataclass(frozen=True)
class Numbers:
    """Numbers from a range, with a step or without one."""

    low: float
    high: float
    log: bool = False
    step: float | None = None

    def __str__(self) -> str:
        step = f" in steps of {self.step}" if self.step and self.step != 1 else ""
        return f"from {self.low} to {self.high}{step}{' (log)' if self.log else ''}"

    def within(self, low: float, high: float) -> Iterator[Value | None]:
        """Values in a range, each as often as it is drawn there."""
        if self.step is None or self.log:
            half = 0.5 if self.step else 0.0
            first, last = max(self.low, low) - half, min(self.high, high) + half
            for number in range(QUANTILES if first < last else 0):
                value = _between(first, last, (number + 0.5) / QUANTILES, self.log)
                yield round(value) if self.step else value
            return
        start = max(0, ceil((low - self.low) / self.step - 1e-9))
        stop = floor((min(self.high, high) - self.low) / self.step + 1e-9) + 1
        for number in range(start, stop, max(1, (stop - start) // QUANTILES)):
            yield number * self.step + self.low


Law = OneOf | Numbers


@dataclass
class Laws:
    """Compares laws with a space.

    Parameters
    ----------
    space
        The search space.
    """

    space: Space
    _known: dict[tuple[str, Law], str] = field(default_factory=dict)

    def check(self, name: str, law: Law) -> None:
        """Whether what it draws in the space can be uniform.

        Parameters
        ----------
        name
            Of the parameter.
        law
            Of the study.

        Raises
        ------
        HarmonicaError
            With the values that are missing.
        """
        if (name, law) not in self._known:
            self._known[name, law] = self._problem(name, law)
        if problem := self._known[name, law]:
            raise HarmonicaError(f"{name}: {problem}")

    def _problem(self, name: str, law: Law) -> str:
        parameter = self.space.parameters[name]
        if isinstance(law, Numbers) and not (np.isfinite(law.low) and np.isfinite(law.high)):
            return f"the study draws {law}, which is not a range"
        if isinstance(law, Numbers) and law.step is None and not parameter.continuous:
            return f"the study draws any number {law}, but here its values are listed or whole "
            "numbers"
        low, high = -np.inf, np.inf
        if isinstance(parameter, Range):
            low, high = parameter.low, parameter.high
            if parameter.numeric and isinstance(law, Numbers) and not self._reaches(name, law):
                return (
                    f"the study draws {law}, the space here goes from {parameter.low} to "
                    f"{parameter.high}, so the rest of it would have no samples"
                )
        elif numbers := [v for v in self.space.grids[name] if isinstance(v, int | float)]:
            low, high = min(numbers), max(numbers)
        if isinstance(law, Numbers) and not np.isfinite(low):
            return f"the study draws numbers {law}, but here it has no numbers"
        return self._rare(name, law, self._shares(name, law.within(low, high)))

    def _reaches(self, name: str, law: Numbers) -> bool:
        """Whether a law covers a range from end to end."""
        parameter = self.space.parameters[name]
        if not isinstance(parameter, Range):
            return False
        step = law.step or 0.0
        ends = (law.low - parameter.low, parameter.high - law.high)
        if all(end <= 0 or end < step for end in ends):
            return True
        if max(law.low, parameter.low) >= min(law.high, parameter.high):
            return False
        first = self.space.coordinate(name, min(max(law.low, parameter.low), parameter.high))
        last = self.space.coordinate(name, max(min(law.high, parameter.high), parameter.low))
        return first <= NEAR and last >= 1 - NEAR and parameter.continuous

    def _shares(self, name: str, values: Iterator[Value | None]) -> np.ndarray:
        """How often each level of a parameter is drawn, as multiples of the uniform rate."""
        column, whole = self.space.names.index(name), Region.whole(self.space)
        found = []
        for value in values:
            try:
                found.append(self.space.coordinate(name, value))
            except HarmonicaError:  # outside the space
                continue
        points = np.tile(whole.low, (len(found), 1))
        points[:, column] = found
        size = int(self.space.sizes[column])
        counts = np.bincount(whole.levels(points)[:, column], minlength=size)
        return np.asarray(counts * size / max(len(found), 1))

    def _rare(self, name: str, law: Law, shares: np.ndarray) -> str:
        rare = np.flatnonzero(shares < LEAST_RATE)
        if not len(rare):
            return ""
        whole = Region.whole(self.space)
        cells = [whole.cell(name, int(level)) for level in rare[:6]]
        listed = ", ".join(str(c) if isinstance(c, tuple) else quoted(c) for c in cells)
        often = "hardly ever" if shares[rare].any() else "never"
        return f"the study {often} draws {listed}{', ...' if len(rare) > 6 else ''}; it draws {law}"


def _between(low: float, high: float, share: float, is_log: bool) -> float:
    if not is_log:
        return low + share * (high - low)
    return exp(log(low) + share * (log(high) - log(low)))
