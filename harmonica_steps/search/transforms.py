"""The scales that a recovery can work on: everything that depends on ``objective.transform``."""

from typing import assert_never

import numpy as np

from harmonica_steps.config import Transform
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.records.direction import Direction, sign_of


def statistic_of(transform: Transform) -> str:
    """What sums up some trainings, on the scale that the recovery explains."""
    match transform:
        case "none":
            return "mean"
        case "log":
            return "geometric mean"
        case "rank":
            return "median"
        case _:
            assert_never(transform)


def on_scale(scores: np.ndarray, transform: Transform, direction: Direction) -> np.ndarray:
    """Scores on the scale of a transform.

    Parameters
    ----------
    scores
        Metrics, or their negatives where larger ones are better; finite.
    transform
        ``none``; ``log``, the logarithm of the metric; or ``rank``, the normal score of the rank
        among the scores (van der Waerden), which no outlier can move.
    direction
        Of the metric.

    Raises
    ------
    HarmonicaError
        When the logarithm of a metric that is not positive is asked for.
    """
    match transform:
        case "none":
            return scores
        case "log":
            metrics = sign_of(direction) * scores
            if not (metrics > 0).all():
                raise HarmonicaError(
                    "objective.transform: log needs a positive metric, but there is the value "
                    f"{metrics.min():g}; use rank or none."
                )
            return np.asarray(sign_of(direction) * np.log(metrics))
        case "rank":
            return normal_scores(scores)
        case _:
            assert_never(transform)


def normal_scores(scores: np.ndarray) -> np.ndarray:
    """Quantiles of the standard normal distribution, as far up as each score is (van der Waerden).

    Any increasing function of the scores gives the same.
    """
    from scipy.special import ndtri  # for the few that rank: every step imports this module

    _, place, count = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (count.cumsum() - (count - 1) / 2)[place]  # of equal scores the mean
    return np.asarray(ndtri((ranks - 0.5) / max(len(scores), 1)))


def middle(values: np.ndarray, transform: Transform) -> tuple[float, float, float]:
    """The statistic of some metrics, and an interval of about 95 %: middle, low, high.

    Parameters
    ----------
    values
        At least one, finite.
    transform
        The logarithm of a long-tailed metric has a meaningful mean; of ranks only the median has
        a meaning on the metric's scale.
    """
    match transform:
        case "none":
            return _mean(values)
        case "log":
            found, low, high = np.exp(_mean(np.log(values))).tolist()
            return found, low, high
        case "rank":
            low, found, high = np.quantile(values, [0.25, 0.5, 0.75]).tolist()
            # McGill, Tukey and Larsen 1978: a 95 % interval of a median.
            half = 1.57 * (high - low) / len(values) ** 0.5
            return found, found - half, found + half
        case _:
            assert_never(transform)


def _mean(values: np.ndarray) -> tuple[float, float, float]:
    mean = float(values.mean())
    half = float(1.96 * values.std(ddof=1) / len(values) ** 0.5) if len(values) > 1 else 0.0
    return mean, mean - half, mean + half
