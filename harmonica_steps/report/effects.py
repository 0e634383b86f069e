"""What the settings of the important parameters did to the metric, from a stage's trainings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from harmonica_steps.config import Transform
from harmonica_steps.records.direction import sign_of
from harmonica_steps.results.psr import PsrTerm
from harmonica_steps.results.samples import recovered_from
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.search.design import Design
from harmonica_steps.search.samples import pooled
from harmonica_steps.search.transforms import middle
from harmonica_steps.space import Interval

MOST_PARAMETERS = 12
MOST_PAIRS = 8
MOST_CELLS = 144
"""Most cells in a pair's figure; more numbers would be unreadable."""


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
    """Two parameters, cell by cell; one figure per setting of a third one, for terms of three."""

    parameters: tuple[str, ...]
    cells: list[tuple[tuple[str, ...], Summary]]


def summary(values: np.ndarray, transform: Transform) -> Summary | None:
    """Sum up the metric of some trainings, see `transforms.middle`; None without any."""
    return Summary(*middle(values, transform), len(values)) if len(values) else None


def shown(value: object) -> str:
    """A value of a parameter, as the user wrote it, or an interval of values."""
    if isinstance(value, dict):
        value = Interval(value["low"], value["high"])
    if isinstance(value, bool):
        return str(value)
    return f"{value:.6g}" if isinstance(value, float) else str(value)


class Levels:
    """The samples of a stage's regression, to be grouped by settings.

    Parameters
    ----------
    search
        The search.
    stage
        Its number.
    """

    def __init__(self, search: SearchRun, stage: int) -> None:
        objective = search.config.objective
        found = pooled(list(recovered_from(search, stage).values()))
        samples = found.where(np.isfinite(found.scores))
        self._design = Design(search.space, search.restriction(stage - 1))
        self._levels = self._design.levels(samples)
        sign = sign_of(objective.direction)
        self._metric = sign * samples.scores
        self._transform = objective.transform

    def varies(self, parameters: Sequence[str]) -> bool:
        """Whether all of these parameters were drawn in this stage."""
        return {*parameters} <= {*self._design.names}

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
        columns = [self._levels[:, self._design.names.index(name)] for name in parameters]
        settings = [self._settings(name) for name in parameters]
        found = []
        for index in np.ndindex(*map(len, settings)):
            chosen = np.all([c == i for c, i in zip(columns, index, strict=True)], axis=0)
            cell = summary(self._metric[chosen], self._transform)
            if cell:
                names = tuple(s[i] for s, i in zip(settings, index, strict=True))
                found.append((names, cell))
        return found

    def _settings(self, parameter: str) -> list[str]:
        variable = self._design.names.index(parameter)
        levels = range(self._design.basis.sizes[variable])
        return [shown(self._design.value(variable, level)) for level in levels]


def effects(
    search: SearchRun, stage: int, terms: list[PsrTerm]
) -> tuple[list[MainEffect], list[PairEffect]]:
    """Effects of the parameters in a stage's terms, the most important terms first.

    Where an earlier restriction has been edited since, terms with what it now assigns have none.
    """
    levels = Levels(search, stage)
    terms = [term for term in terms if levels.varies(term["parameters"])]
    names = dict.fromkeys(name for term in terms for name in term["parameters"])
    singles = [levels.main(name) for name in list(names)[:MOST_PARAMETERS]]
    joint = [term["parameters"] for term in terms if len(term["parameters"]) in (2, 3)]
    pairs = [levels.joint(parameters) for parameters in joint[:MOST_PAIRS]]
    return singles, [pair for pair in pairs if 0 < len(pair.cells) <= MOST_CELLS]
