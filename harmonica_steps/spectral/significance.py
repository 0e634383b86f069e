"""What is better than chance: a group of sets enters if it explains more than the best of noise."""

from collections import Counter
from math import comb, log

import numpy as np

from harmonica_steps.spectral.leaders import Members
from harmonica_steps.spectral.products import count_sets
from harmonica_steps.spectral.regression import Regression

ERROR_RATE = 0.05
"""Probability of keeping anything at all when the scores are independent of every variable."""


def significant(
    regression: Regression, proposed: list[Members], degree: int, sparsity: int
) -> list[Members]:
    """Those of the proposed sets that chance does not explain.

    A group of sets enters together if its F test passes `ERROR_RATE` after a union bound over all
    groups with as many sets of each size; a single set stays if its own F test passes after a
    Bonferroni correction for all sets of its size. So sets of more variables pay for their larger
    number. The bound holds for any way of proposing. For independent Gaussian errors the chance of
    keeping anything from pure noise is at most `ERROR_RATE`.

    Parameters
    ----------
    regression
        The scores.
    proposed
        Sets of variables, largest first.
    degree, sparsity
        Largest size, and largest number, of sets that could have been proposed.
    """
    return _prune(regression, _enter(regression, proposed, degree, sparsity), degree)


def _enter(
    regression: Regression, proposed: list[Members], degree: int, sparsity: int
) -> list[Members]:
    """Grow the model along `proposed` by the most convincing leap, as long as one convinces."""
    variables = len(regression.basis.sizes)
    kinds = comb(sparsity + degree, degree)  # how many numbers of sets of each size there are
    kept = 0
    while kept < len(proposed):
        leaps = []
        for end in range(kept + 1, len(proposed) + 1):
            sizes = Counter(len(members) for members in proposed[kept:end])
            ways = sum(log(comb(count_sets(variables, size), n)) for size, n in sizes.items())
            leaps.append((regression.log_p(proposed[:kept], proposed[:end]) + ways, end))
        evidence, end = min(leaps)
        if evidence + log(kinds) > log(ERROR_RATE):
            break
        kept = end
    return proposed[:kept]


def _prune(regression: Regression, kept: list[Members], degree: int) -> list[Members]:
    """Drop what came in as a passenger of stronger sets, weakest first."""
    while kept:
        evidence = [regression.drop_log_p(kept, members) for members in kept]
        weakest = int(np.argmax(evidence))
        if evidence[weakest] + log(degree) <= log(ERROR_RATE):
            break
        kept = kept[:weakest] + kept[weakest + 1 :]
    return kept
