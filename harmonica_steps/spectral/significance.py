"""What is better than chance: a group of sets enters if it explains more than the best of noise."""

from collections import Counter
from collections.abc import Callable
from math import comb, log

import numpy as np

from harmonica_steps.spectral.leaders import Members
from harmonica_steps.spectral.products import count_sets
from harmonica_steps.spectral.regression import Regression

ERROR_RATE = 0.05
"""Probability of keeping anything at all when the scores are independent of every variable."""

FEW = 50
"""Samples below which the F test is not trusted alone."""
HEAVY = 5.0
"""Kurtosis (3 for a Gaussian) of scores above which it is not: there, as with rare failures or a
log-normal metric, F tests alone keep something in up to 40 % of small stages of noise. Below they
hold, also for scores that take few different values."""


Propose = Callable[[Regression], list[Members]]
"""A way of proposing sets, largest first."""


def significant(
    regression: Regression, proposed: list[Members], degree: int, sparsity: int
) -> list[Members]:
    """Those of the proposed sets that chance does not explain.

    A group of sets enters together if its F test passes `ERROR_RATE` after a union bound over all
    groups with as many sets of each size; a single set stays if its own F test passes after a
    Bonferroni correction for all sets of its size. So sets of more variables pay for their larger
    number. The bound holds for any way of proposing. For independent Gaussian errors the chance of
    keeping anything from pure noise is at most `ERROR_RATE`; see `chance_does_as_well` for others.

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
    kinds = comb(sparsity + degree, degree)  # how many numbers of sets of each size there are
    kept = 0
    while kept < len(proposed):
        log_p, end = _leap(regression, proposed, kept)
        if log_p + log(kinds) > log(ERROR_RATE):
            break
        kept = end
    return proposed[:kept]


def _leap(regression: Regression, proposed: list[Members], kept: int) -> tuple[float, int]:
    """The most convincing way on: its log p-value with the union bound, and where it ends."""
    variables = len(regression.basis.sizes)
    leaps = [(0.0, kept)]
    for end in range(kept + 1, len(proposed) + 1):
        sizes = Counter(len(members) for members in proposed[kept:end])
        ways = sum(log(comb(count_sets(variables, size), n)) for size, n in sizes.items())
        leaps.append((regression.log_p(proposed[:kept], proposed[:end]) + ways, end))
    return min(leaps)


def before_chance(regression: Regression, kept: list[Members], propose: Propose) -> list[Members]:
    """Sets up to the one from which on permutations of what is left do as well.

    For sets that passed F tests: where these are doubtful, permutations decide. They are asked
    again after each set, the most convincing first, as a strong set can make scores look
    well-behaved whose rest is not: a few extreme values pass for effects of sets with many columns.

    Parameters
    ----------
    regression
        The scores.
    kept
        From `significant`.
    propose
        What proposed them.
    """
    evidence = [regression.drop_log_p(kept, members) for members in kept]
    kept = [kept[i] for i in np.argsort(evidence, kind="stable")]
    for count in range(len(kept)):
        rest = regression.without(kept[:count])
        if gaussian_test_is_doubtful(rest.target) and chance_does_as_well(rest, propose):
            return kept[:count]
    return kept


def chance_does_as_well(regression: Regression, propose: Propose) -> bool:
    """Whether any of 19 permutations of the scores makes as convincing a leap as the scores do.

    Exact for any distribution: when the scores have nothing to do with the variables, they are the
    most convincing of the 20 with probability 1/20. The permutations are always the same ones.

    Parameters
    ----------
    regression
        The scores.
    propose
        The way of proposing sets.
    """
    evidence, _ = _leap(regression, propose(regression), 0)
    rng = np.random.default_rng(0)
    for _ in range(round(1 / ERROR_RATE) - 1):
        permuted = regression.with_target(rng.permutation(regression.target))
        if _leap(permuted, propose(permuted), 0)[0] <= evidence:
            return True
    return False


def gaussian_test_is_doubtful(target: np.ndarray) -> bool:
    """Whether the scores are so few, or a few of them so extreme, that the F test may be far off.

    Parameters
    ----------
    target
        The scores at mean 0 and mean square 1.
    """
    return len(target) < FEW or float((target**4).mean()) > HEAVY


def _prune(regression: Regression, kept: list[Members], degree: int) -> list[Members]:
    """Drop what came in as a passenger of stronger sets, weakest first."""
    while kept:
        evidence = [regression.drop_log_p(kept, members) for members in kept]
        weakest = int(np.argmax(evidence))
        if evidence[weakest] + log(degree) <= log(ERROR_RATE):
            break
        kept = kept[:weakest] + kept[weakest + 1 :]
    return kept
