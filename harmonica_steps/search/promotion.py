"""Successive halving (Jamieson and Talwalkar 2016): who goes on; and who is trained once more."""

from collections import Counter
from collections.abc import Sequence

import numpy as np


def promoted(values: np.ndarray, count: int) -> list[int]:
    """Indices of the best `count` trials, best first.

    Failed trials (NaN) come last; ties go to the lower index.

    Parameters
    ----------
    values : ndarray
        Scores, smaller is better.
    count
        How many go on.
    """
    order = np.argsort(np.where(np.isnan(values), np.inf, values), kind="stable")
    return [int(i) for i in order[:count]]


def distinct(values: np.ndarray, keys: Sequence[str], count: int) -> list[int]:
    """Indices of the best `count` trials as `promoted`, but of equal keys only the best.

    The others come after all that differ.
    """
    seen: Counter[str] = Counter()
    turns = []
    for index in promoted(values, len(values)):
        turns.append((seen[keys[index]], index))
        seen[keys[index]] += 1
    turns.sort(key=lambda turn: turn[0])
    return [index for _, index in turns[:count]]
