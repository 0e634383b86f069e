"""The samples of a stage's regression: its own, and earlier ones that are still valid."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from harmonica_steps.config import Transform
from harmonica_steps.records.direction import Direction
from harmonica_steps.search.draw import CHILD, GUIDED, MUTANT, UNIFORM, Sample
from harmonica_steps.search.restriction import Restriction
from harmonica_steps.search.transforms import on_scale
from harmonica_steps.space import Space


class Samples(NamedTuple):
    """What trainings have shown."""

    candidate: np.ndarray
    """Which candidate of the restriction each sample carries, -1 for none; shape ``(samples,)``."""
    points: np.ndarray
    """Coordinates of every parameter, shape ``(samples, parameters)``."""
    scores: np.ndarray
    """Smaller is better; NaN for a failure that is left out. Shape ``(samples,)``."""
    origin: np.ndarray
    """How each was chosen, shape ``(samples,)``."""

    @property
    def uniform(self) -> np.ndarray:
        """Whether each was drawn uniformly, shape ``(samples,)``."""
        return np.asarray(self.origin == UNIFORM)

    @property
    def guided(self) -> np.ndarray:
        """Whether each is a guided sample of any kind, shape ``(samples,)``."""
        return np.isin(self.origin.astype(str), (GUIDED, CHILD, MUTANT))

    def where(self, chosen: np.ndarray) -> "Samples":
        """Some of them."""
        return Samples(*(part[chosen] for part in self))


def observed(samples: Sequence[Sample], scores: np.ndarray) -> Samples:
    """Drawn samples with their scores."""
    return Samples(
        np.array([sample.candidate for sample in samples]),
        np.array([sample.point for sample in samples]),
        scores,
        np.array([sample.origin for sample in samples], dtype=object),
    )


def usable(space: Space, restriction: Restriction, earlier: Samples) -> Samples:
    """Samples that a stage's regression may use: uniform, and consistent with the restriction."""
    return consistent(space, restriction, earlier.where(earlier.uniform))


def consistent(space: Space, restriction: Restriction, earlier: Samples) -> Samples:
    """The samples that were trained with what one of the candidates allows.

    If they were drawn uniformly from a larger space, they are uniform given the candidate: valid
    data for the same regression. What a condition has withheld from a training need not agree; so
    a free parent is met more often with the values that withhold something.
    """
    columns = [space.names.index(name) for name in restriction.assigned]
    withheld = ~space.active_at(earlier.points)[:, columns]
    carried = np.full(len(earlier.scores), -1)
    for number, region in reversed(list(enumerate(restriction.regions(space)))):
        agrees = region.contains(earlier.points)[:, columns] | withheld
        carried[agrees.all(axis=1)] = number
    return earlier._replace(candidate=carried).where(carried >= 0)


def pooled(samples: Sequence[Samples]) -> Samples:
    """Several samples as one."""
    return Samples(*(np.concatenate(parts) for parts in zip(*samples, strict=True)))


def transformed(samples: Samples, transform: Transform, direction: Direction) -> Samples:
    """The samples on the scale that the recovery works on, those without a score left out.

    Parameters
    ----------
    samples
        With scores on the metric's scale.
    transform
        See `transforms.on_scale`.
    direction
        Of the metric.

    Raises
    ------
    HarmonicaError
        When the logarithm of a metric that is not positive is asked for.
    """
    kept = samples.where(~np.isnan(samples.scores))
    return kept._replace(scores=on_scale(kept.scores, transform, direction))
