"""What the trials of a study say: how good each was, and which parameters belong together."""

import math
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

import numpy as np
from optuna.distributions import BaseDistribution
from optuna.trial import FrozenTrial, TrialState

from harmonica_steps.optuna.coding import Coding, code_of
from harmonica_steps.search.draw import ASKED, START, UNIFORM
from harmonica_steps.search.samples import Samples
from harmonica_steps.study.read import ADAPTIVE, CHOSEN

ORIGIN = "GuidedSampler:origin"
"""System attribute of a trial that is a guided sample: its kind."""

STEPS = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000)
"""A model is fitted again when there are so many more trials: the largest number that is ..."""
GROWTH = 0.06
"""... at most this share of all."""


def known(trials: Iterable[FrozenTrial]) -> list[FrozenTrial]:
    """The ended trials that proposals are based on, in the order in which they ended.

    The last few are left out until there are more of them: it takes time to fit a model.
    """
    ended = [trial for trial in trials if trial.state.is_finished()]
    ended.sort(key=lambda trial: (trial.datetime_complete or datetime.min, trial.number))
    return ended[: rounded(len(ended))]


def rounded(count: int) -> int:
    """The largest number up to this that is a multiple of its step."""
    return next(number for number in range(count, -1, -1) if number % _step(number) == 0)


def _step(count: int) -> int:
    """The largest of `STEPS` that is at most `GROWTH` of a number of trials."""
    return max(step for step in STEPS if step <= max(1.0, GROWTH * count))


def ranks(trials: Sequence[FrozenTrial], maximise: bool) -> np.ndarray:
    """How good trials are, as numbers of which only the order means something; smaller is better.

    A pruned trial comes after all complete ones: the sooner it was pruned, and then the worse its
    last value, the later. A failed one is the worst.
    """
    sign = -1.0 if maximise else 1.0
    keys = [_key(trial, sign) for trial in trials]
    places = {key: place for place, key in enumerate(sorted(set(keys)))}
    return np.array([float(places[key]) for key in keys])


def _key(trial: FrozenTrial, sign: float) -> tuple[int, float, float]:
    if trial.state == TrialState.COMPLETE and trial.value is not None:
        return 0, sign * trial.value, 0.0
    if trial.state == TrialState.PRUNED and trial.intermediate_values:
        step, value = max(trial.intermediate_values.items())
        return 1, -float(step), math.inf if math.isnan(value) else sign * value
    return 2, 0.0, 0.0


def groups(trials: Iterable[FrozenTrial]) -> list[dict[str, BaseDistribution]]:
    """The parameters that occur in exactly the same complete trials, with their last distributions.

    The group that most trials have comes first.
    """
    trials_of: dict[str, list[int]] = {}
    last: dict[str, BaseDistribution] = {}
    for trial in trials:
        if trial.state == TrialState.COMPLETE:
            for name, distribution in trial.distributions.items():
                trials_of.setdefault(name, []).append(trial.number)
                last[name] = distribution
    found: dict[tuple[int, ...], dict[str, BaseDistribution]] = {}
    for name in sorted(last):
        if code_of(last[name]):
            found.setdefault(tuple(trials_of[name]), {})[name] = last[name]
    return [found[numbers] for numbers in sorted(found, key=lambda n: (-len(n), min(found[n])))]


class Group:
    """Parameters that occur in the same trials.

    Parameters
    ----------
    distributions
        Theirs.
    """

    def __init__(self, distributions: dict[str, BaseDistribution]) -> None:
        self.distributions = distributions
        self.coding = Coding(distributions)
        self._points: dict[int, np.ndarray | None] = {}

    def samples(self, trials: Sequence[FrozenTrial], scores: np.ndarray) -> Samples:
        """The trials that have these parameters."""
        points = [self._point(trial) for trial in trials]
        kept = [number for number, point in enumerate(points) if point is not None]
        return Samples(
            np.full(len(kept), -1),
            np.array([points[number] for number in kept]).reshape(
                len(kept), len(self.distributions)
            ),
            scores[kept],
            np.array([origin(trials[number]) for number in kept], dtype=object),
        )

    def _point(self, trial: FrozenTrial) -> np.ndarray | None:
        if trial.number not in self._points:
            self._points[trial.number] = self.coding.point(trial.params)
        return self._points[trial.number]


def origin(trial: FrozenTrial) -> str:
    """How a trial was chosen."""
    attributes: dict[str, Any] = trial.system_attrs
    if CHOSEN in attributes:
        return START
    if ORIGIN in attributes:
        return str(attributes[ORIGIN])
    return ASKED if any(ADAPTIVE.fullmatch(key) for key in attributes) else UNIFORM


def rounds(samples: Samples, first: int, size: int) -> list[Samples]:
    """Samples in the order of their trials, as a first round and others of one size."""
    ends = [0, first, *range(first + size, len(samples.scores), size), len(samples.scores)]
    return [
        Samples(*(part[start:stop] for part in samples))
        for start, stop in pairwise(ends)
        if start < min(stop, len(samples.scores))
    ]
