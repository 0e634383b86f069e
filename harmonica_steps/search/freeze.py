"""Freezing: from what a stage has recovered to the restriction of the next one."""

from collections.abc import Iterable

import numpy as np

from harmonica_steps.search.design import Fit
from harmonica_steps.search.restriction import CANDIDATE, Candidate, Restriction
from harmonica_steps.search.samples import Samples, consistent
from harmonica_steps.space import Assigned, Interval, Region, Space
from harmonica_steps.spectral import minimisers

KEPT = 0.4
"""Share of an ordered parameter that is left around its best level."""
FEWEST_NEIGHBOURS = 3
"""Values of an ordered list that are left around the best; of so few, only the best is."""


def freeze(fit: Fit, keep: int, apart: int = 1) -> Restriction:
    """The `keep` best assignments over the recovered support and the earlier candidates.

    Best by `Fit.tables`; any two differ in at least `apart` parameters that a training is given.
    Ordered parameters with more than three levels are narrowed to the neighbourhood of their best
    level, others frozen to it. If nothing was recovered the restriction stays as it was.

    Parameters
    ----------
    fit
        What was recovered.
    keep, apart
        Settings of the stage.
    """
    design = fit.design
    if not fit.recovery.variables:
        return design.restriction
    choices = _Choices(fit)
    tables = list(fit.tables)
    if design.several:  # one of them is chosen, whether or not it matters
        tables.append(((0,), np.zeros(len(design.regions))))
    best = minimisers(
        tables,
        design.basis.sizes,
        keep,
        lambda one, other: len(choices.difference(one, other)) >= apart,
        choices.is_allowed,
    )
    kept = tuple(Candidate(choices.assignment(choice), fit.predicted(choice)) for choice, _ in best)
    return Restriction(kept) if kept else design.restriction


class _Choices:
    """What choices of a level for each variable of a fit assign."""

    def __init__(self, fit: Fit) -> None:
        self._design, self._space = fit.design, fit.design.space
        self._parameters = {
            variable: name
            for variable in fit.recovery.variables
            if (name := fit.design.names[variable]) != CANDIDATE
        }
        self._known: dict[tuple[int, ...], dict[str, Assigned]] = {}

    def assignment(self, choice: tuple[int, ...]) -> dict[str, Assigned]:
        """What is left of each parameter that is frozen or narrowed."""
        if choice not in self._known:
            candidate = self._design.candidate(choice)
            region = self._design.regions[candidate]
            chosen = {
                **self._design.restriction.candidates[candidate].assignment,
                **{name: around(region, name, choice[v]) for v, name in self._parameters.items()},
            }
            self._known[choice] = {n: chosen[n] for n in self._space.names if n in chosen}
        return self._known[choice]

    def difference(self, one: tuple[int, ...], other: tuple[int, ...]) -> set[str]:
        """The parameters in which trainings are given different values."""
        here, there = (_given(self._space, self.assignment(choice)) for choice in (one, other))
        return {name for name, _ in here ^ there}

    def is_allowed(self, choice: tuple[int, ...]) -> bool:
        """Whether no clause forbids everything that is left."""
        return not _is_forbidden(self._space, self.assignment(choice))


def around(region: Region, name: str, level: int) -> Assigned:
    """What is left of a parameter whose best level is known: that level, or its neighbourhood."""
    column = region.space.names.index(name)
    size = int(region.sizes()[column])
    low, high = float(region.low[column]), float(region.high[column])
    if region.space.numeric[column]:
        return region.restricted(name, *_window(low, high, (level + 0.5) / size, KEPT))
    if not region.space.parameters[name].ordered or size <= FEWEST_NEIGHBOURS:
        return region.restricted(name, low + level, low + level + 1)
    return region.restricted(name, *_neighbours(low, high, low + level, _count(size)))


def incumbent(restriction: Restriction, space: Space, samples: Samples) -> Candidate | None:
    """A candidate around the best sample; None if one of the restriction contains it already.

    So the best training stays in the space. The polynomial describes averages over what is free,
    and its best assignment may exclude a better configuration that few samples are near.

    Parameters
    ----------
    restriction
        What was frozen.
    space
        The search space.
    samples
        What was trained.
    """
    scored = samples.where(np.isfinite(samples.scores))
    if not restriction.assigned or not len(scored.scores):
        return None
    best = scored.where(np.array([int(np.argmin(scored.scores))]))
    if len(consistent(space, restriction, best).scores):
        return None
    (first, *_) = restriction.regions(space)
    return Candidate(dict(_around_point(first, best.points[0], restriction.assigned)))


def _around_point(
    region: Region, point: np.ndarray, names: Iterable[str]
) -> Iterable[tuple[str, Assigned]]:
    """For each parameter an interval around a point, as wide as that of a region."""
    whole = Region.whole(region.space)
    for name in names:
        column = region.space.names.index(name)
        at, width = float(point[column]), float(region.high[column] - region.low[column])
        if region.single[column]:
            yield name, region.space.decode(point)[name]
        elif region.space.numeric[column]:
            yield name, whole.restricted(name, *_window(0.0, 1.0, at, width))
        else:
            size = float(whole.high[column])
            yield name, whole.restricted(name, *_neighbours(0.0, size, at, int(width)))


def _window(low: float, high: float, at: float, share: float) -> tuple[float, float]:
    """An interval of a share of another, around a position in it, and inside it."""
    width = share * (high - low)
    start = min(max(low + at * (high - low) - width / 2, low), high - width)
    return start, start + width


def _neighbours(low: float, high: float, at: float, count: int) -> tuple[float, float]:
    """The values of a list around one of them."""
    start = min(max(at - count // 2, low), high - count)
    return start, start + count


def _count(size: int) -> int:
    return max(FEWEST_NEIGHBOURS, round(KEPT * size))


def _is_forbidden(space: Space, assignment: dict[str, Assigned]) -> bool:
    """Whether a clause forbids everything that an assignment leaves."""
    values = {n: value for n, value in assignment.items() if not isinstance(value, Interval)}
    given = {n: value for n, value in values.items() if n not in space.withheld(values)}
    return any(clause.matches(given) for clause in space.forbidden)


def _given(space: Space, assignment: dict[str, Assigned]) -> set[tuple[str, Assigned]]:
    """What of an assignment a training is given, as far as it is known."""
    values = {n: value for n, value in assignment.items() if not isinstance(value, Interval)}
    withheld = space.withheld(values)
    return {(name, _key(value)) for name, value in assignment.items() if name not in withheld}


def _key(value: Assigned) -> Assigned:
    return repr(value)  # 1 and True are different values
