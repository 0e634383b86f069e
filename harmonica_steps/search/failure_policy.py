"""Scores: metrics turned so that smaller is better, and failures given their stated meaning."""

from collections.abc import Sequence
from typing import assert_never

import numpy as np

from harmonica_steps.config import CountsAs, Failures
from harmonica_steps.records.direction import Direction, sign_of


def scores(values: Sequence[float | None], direction: Direction, counts_as: CountsAs) -> np.ndarray:
    """Score of every trial.

    Parameters
    ----------
    values
        The metric of each trial, None where the training gave none.
    direction
        ``minimize`` or ``maximize``.
    counts_as
        Meaning of a failure: see `Failures`.

    Returns
    -------
    ndarray
        Smaller is better; NaN for trials that are left out (all of them, if none succeeded and the
        worst seen is asked for).
    """
    sign = sign_of(direction)
    metric = np.array([np.nan if value is None else sign * value for value in values], dtype=float)
    failed = np.isnan(metric)
    match counts_as:
        case "drop":
            pass
        case "worst":
            if not failed.all():
                metric[failed] = metric[~failed].max()
        case int() | float():
            metric[failed] = sign * counts_as
        case _:
            assert_never(counts_as)
    return metric


def too_many_failed(failed: int, trials: int, policy: Failures) -> bool:
    """Whether the policy stops the stage or rung."""
    return failed > policy.max_failed_fraction * trials
