"""A model of each group of parameters, fitted again when enough trials have ended."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from optuna.distributions import BaseDistribution
from optuna.trial import FrozenTrial

from harmonica_steps.optuna.history import Group, groups, known, ranks, rounds
from harmonica_steps.search.draw import UNIFORM
from harmonica_steps.search.guided import ATTEMPTS, Guide, Proposal
from harmonica_steps.space import Region

FEW = 10
"""Fewer parameters are changed as seldom as so many."""


@dataclass(frozen=True)
class Model:
    """What is known of a group of parameters."""

    group: Group
    guide: Guide | None
    """None as long as there are too few trials."""

    def attempts(self, rng: np.random.Generator, kind: str) -> Iterator[tuple[dict[str, Any], str]]:
        """Values and their kind, then others to take in their place; uniform without a guide."""
        proposals = self.guide.attempts(rng, kind) if self.guide else self._uniform(rng)
        return ((self.group.coding.params(p.point), p.origin) for p in proposals)

    def _uniform(self, rng: np.random.Generator) -> Iterator[Proposal]:
        points = Region.whole(self.group.coding.space).draw(rng, 2 * ATTEMPTS)
        return (Proposal(point, UNIFORM) for point in points)


class Models:
    """The models of a study's groups: a function of the trials that have ended.

    Parameters
    ----------
    first
        Trials that a group has before it is guided: its first round.
    size
        Trials of each later round.
    """

    def __init__(self, first: int, size: int) -> None:
        self._first, self._size = first, size
        self._used: list[int] | None = None
        self._found: list[Model] = []

    def of(self, trials: Sequence[FrozenTrial], maximise: bool) -> list[Model]:
        """One for each group; the group that most trials have comes first."""
        used = known(trials)
        numbers = [trial.number for trial in used]
        if numbers != self._used:
            scores = ranks(used, maximise)
            found = groups(used)
            among = max(FEW, sum(map(len, found)))
            self._found = [self._fitted(group, used, scores, among) for group in found]
            self._used = numbers
        return self._found

    def _fitted(
        self,
        distributions: dict[str, BaseDistribution],
        trials: Sequence[FrozenTrial],
        scores: np.ndarray,
        among: int,
    ) -> Model:
        same = (model.group for model in self._found if model.group.distributions == distributions)
        group = next(same, None) or Group(distributions)
        samples = group.samples(trials, scores)
        if len(samples.scores) < self._first:
            return Model(group, None)
        found = rounds(samples, self._first, self._size)
        return Model(group, Guide(group.coding.space, found, among=among))
