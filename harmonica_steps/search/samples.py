"""The samples of a stage's regression: its own, and earlier ones that are still valid."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.stats import norm, rankdata

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.search.restriction import Restriction
from harmonica_steps.space import Space


class Samples(NamedTuple):
    """What trainings have shown."""

    candidate: np.ndarray
    """Which candidate of the restriction each sample carries, shape ``(samples,)``."""
    levels: np.ndarray
    """Level of every parameter, shape ``(samples, parameters)``."""
    scores: np.ndarray
    """Smaller is better; NaN for a failure that is left out. Shape ``(samples,)``."""


def consistent(space: Space, restriction: Restriction, earlier: Samples) -> Samples:
    """Those of some earlier samples that were trained with what one of the candidates allows.

    They were drawn uniformly from a larger space, so given the candidate they are as uniform as the
    stage's own: valid data for the same regression. What a condition has withheld from a training
    need not agree; so a free parent is met more often with the values that withhold something.
    """
    columns = [space.names.index(name) for name in restriction.frozen]
    withheld = ~space.active_levels(earlier.levels)[:, columns]
    carried = np.full(len(earlier.scores), -1)
    for number, candidate in reversed(list(enumerate(restriction.candidates))):
        wanted = [space.level(name, candidate.assignment[name]) for name in restriction.frozen]
        agrees = (earlier.levels[:, columns] == wanted) | withheld
        carried[agrees.all(axis=1)] = number
    kept = carried >= 0
    return Samples(carried[kept], earlier.levels[kept], earlier.scores[kept])


def pooled(samples: Sequence[Samples]) -> Samples:
    """Several samples as one."""
    return Samples(*(np.concatenate(parts) for parts in zip(*samples, strict=True)))


def transformed(samples: Samples, transform: str, direction: str) -> Samples:
    """The samples on the scale that the recovery works on, those without a score left out.

    Parameters
    ----------
    samples
        With scores on the metric's scale.
    transform
        ``none``; ``log``, the logarithm of the metric; or ``rank``, the normal score of the rank
        among the samples (van der Waerden), which no outlier can move.
    direction
        ``minimize`` or ``maximize``: scores are metrics, or their negatives.

    Raises
    ------
    HarmonicaError
        When the logarithm of a metric that is not positive is asked for.
    """
    usable = ~np.isnan(samples.scores)
    kept = Samples(*(part[usable] for part in samples))
    scores = kept.scores
    if transform == "log":
        sign = -1.0 if direction == "maximize" else 1.0
        if not (sign * scores > 0).all():
            raise HarmonicaError(
                "objective.transform: log needs a positive metric, but there is the value "
                f"{(sign * scores).min():g}; use rank or none."
            )
        scores = sign * np.log(sign * scores)
    elif transform == "rank":
        scores = norm.ppf((rankdata(scores) - 0.5) / max(len(scores), 1))
    return kept._replace(scores=scores)
