"""What the settings of the important parameters did to the metric, from a stage's trainings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from harmonica_steps.results.opened import Opened
from harmonica_steps.results.tables import LEVEL
from harmonica_steps.search.restriction import CANDIDATE

MOST_PARAMETERS = 12
MOST_PAIRS = 8
MOST_CELLS = 144
"""Of a pair's figure: more numbers than that cannot be read."""

STATISTIC = {"none": "mean", "log": "geometric mean", "rank": "median"}
"""What sums up some trainings, on the scale that the recovery explains."""


class Summary(NamedTuple):
    """Some trainings, as one number with an interval of about 95 %."""

    middle: float
    low: float
    high: float
    trainings: int


@dataclass(frozen=True)
class MainEffect:
    """A parameter, setting by setting."""

    parameter: str
    settings: list[tuple[str, Summary]]


@dataclass(frozen=True)
class PairEffect:
    """Two parameters, cell by cell; one figure a setting of a third one, for terms of three."""

    parameters: tuple[str, ...]
    cells: list[tuple[tuple[str, ...], Summary]]


def summary(values: np.ndarray, transform: str) -> Summary | None:
    """Sum up the metric of some trainings; None without any.

    Parameters
    ----------
    values
        Finite.
    transform
        See `STATISTIC`: the logarithm of a long-tailed metric has a meaningful mean, and of ranks
        only the median has one.
    """
    count = len(values)
    if not count:
        return None
    if transform == "rank":
        low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
        # McGill, Tukey and Larsen 1978: a 95 % interval of a median.
        half = 1.57 * (high - low) / np.sqrt(count)
        return Summary(float(middle), float(middle - half), float(middle + half), count)
    scaled = np.log(values) if transform == "log" else values
    middle = scaled.mean()
    half = 1.96 * scaled.std(ddof=1) / np.sqrt(count) if count > 1 else 0.0
    ends = np.array([middle, middle - half, middle + half])
    middle, low, high = map(float, np.exp(ends) if transform == "log" else ends)
    return Summary(middle, low, high, count)


def shown(value: object) -> str:
    """A value of a parameter, as the user wrote it."""
    if isinstance(value, bool):
        return str(value)
    return f"{value:.6g}" if isinstance(value, float) else str(value)


class Levels:
    """A stage's trainings, to be grouped by settings."""

    def __init__(self, opened: Opened, table: pd.DataFrame) -> None:
        objective = opened.config.objective
        sign = -1.0 if objective.direction == "maximize" else 1.0
        score = table["score"].to_numpy(dtype=float)
        usable = np.isfinite(score)
        self._table = table[usable]
        self._metric = sign * score[usable]
        self._grids = opened.space.grids
        self._transform = objective.transform

    def main(self, parameter: str) -> MainEffect:
        """The effect of one parameter."""
        cells = self._cells([parameter])
        return MainEffect(parameter, [(names[0], found) for names, found in cells])

    def joint(self, parameters: Sequence[str]) -> PairEffect:
        """The joint effect of two or three parameters."""
        # The one with the fewest settings last: it has a panel for each.
        ordered = sorted(parameters, key=lambda name: -len(self._settings(name)))
        return PairEffect(tuple(ordered), self._cells(ordered))

    def _cells(self, parameters: Sequence[str]) -> list[tuple[tuple[str, ...], Summary]]:
        columns = [self._column(name) for name in parameters]
        settings = [self._settings(name) for name in parameters]
        found = []
        for index in np.ndindex(*map(len, settings)):
            chosen = np.all([c == i for c, i in zip(columns, index, strict=True)], axis=0)
            cell = summary(self._metric[chosen], self._transform)
            if cell:
                names = tuple(s[i] for s, i in zip(settings, index, strict=True))
                found.append((names, cell))
        return found

    def _column(self, parameter: str) -> np.ndarray:
        name = "candidate" if parameter == CANDIDATE else LEVEL + parameter
        return np.asarray(self._table[name], dtype=int)

    def _settings(self, parameter: str) -> list[str]:
        if parameter == CANDIDATE:
            count = int(self._column(parameter).max(initial=0)) + 1
            return [str(number) for number in range(1, count + 1)]
        return [shown(value) for value in self._grids[parameter]]


def effects(
    opened: Opened, table: pd.DataFrame, terms: list[dict[str, Any]]
) -> tuple[list[MainEffect], list[PairEffect]]:
    """Effects of the parameters in a stage's terms, the most important terms first."""
    levels = Levels(opened, table)
    if not levels.main(terms[0]["parameters"][0]).settings if terms else True:
        return [], []
    names = dict.fromkeys(name for term in terms for name in term["parameters"])
    singles = [levels.main(name) for name in list(names)[:MOST_PARAMETERS]]
    joint = [term["parameters"] for term in terms if len(term["parameters"]) in (2, 3)]
    pairs = [levels.joint(parameters) for parameters in joint[:MOST_PAIRS]]
    return singles, [pair for pair in pairs if 0 < len(pair.cells) <= MOST_CELLS]
