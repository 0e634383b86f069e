"""Successive halving (Jamieson and Talwalkar 2016): which trials are promoted."""

import numpy as np


def promoted(values: np.ndarray, count: int) -> list[int]:
    """Indices of the best `count` trials, best first.

    Failed trials (NaN) come last; ties go to the lower index.

    Parameters
    ----------
    values : ndarray
        Scores, smaller is better.
    count        How many continue.
    """
    order = np.argsort(np.where(np.isnan(values), np.inf, values), kind="stable")
    return [int(i) for i in order[:count]]
