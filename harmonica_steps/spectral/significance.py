"""What is better than chance: a group of sets enters if it explains more than the best of noise."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
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
PERMUTATIONS = round(1 / ERROR_RATE) - 1


Propose = Callable[[Regression], list[Members]]
"""A way of proposing sets."""


@dataclass(frozen=True)
class Limits:
    """How many sets of variables, and of how many variables, can enter."""

    variables: int
    degree: int
    sparsity: int

    def log_ways(self, group: Sequence[Members], kept: Sequence[Members]) -> float:
        """Logarithm of the number of groups that are as large as this one.

        They have as many sets of each size, none of which is kept already.
        """
        taken = Counter(len(members) for members in kept)
        sizes = Counter(len(members) for members in group)
        return sum(
            log(comb(count_sets(self.variables, size) - taken[size], count))
            for size, count in sizes.items()
        )

    def log_kinds(self, group: Sequence[Members], kept: Sequence[Members]) -> float:
        """Logarithm of the inverse of the part of the error rate that such a group may use.

        Single sets have half of it and the larger numbers of sets share the rest equally. Each
        number divides its part among the ways to divide it into sizes.
        """
        larger = self.sparsity - len(kept) - 1
        part = 1.0 if larger < 1 else 0.5 if len(group) == 1 else 0.5 / larger
        return log(comb(len(group) + self.degree - 1, self.degree - 1) / part)


@dataclass(frozen=True)
class Verdict:
    """Which of the proposed sets are better than chance."""

    kept: list[Members]
    log_p: dict[Members, float]
    """For every proposed set, the natural logarithm of the p-value that decided: at most that of
    `ERROR_RATE` for what is kept, more for what is not."""


def significant(regression: Regression, proposed: list[Members], limits: Limits) -> Verdict:
    """Tell which of the proposed sets chance does not explain.

    A group of sets enters together if its F test passes `ERROR_RATE` after a union bound over all
    groups with as many sets of each size, and over these numbers. The groups are the single sets
    and the first of the sets in the order of their evidence in a joint fit. The most convincing one
    enters, and then the others are asked again, given what has entered. In the end a set stays if
    its own F test, given the others, passes after a Bonferroni correction for all sets of its size
    and for the sizes. So sets of more variables pay for their larger number.

    The bound holds for any way of proposing and in any order. For independent Gaussian errors the
    chance of keeping anything from pure noise is at most `ERROR_RATE`; see `before_chance` for
    others.

    Parameters
    ----------
    regression
        The scores.
    proposed
        Sets of variables.
    limits
        Of what could have been proposed.
    """
    kept, log_p = _enter(regression, proposed, limits)
    return _prune(regression, Verdict(kept, log_p), limits.degree)


def _enter(
    regression: Regression, proposed: list[Members], limits: Limits
) -> tuple[list[Members], dict[Members, float]]:
    """Grow the model by the most convincing leap, as long as one convinces."""
    kept: list[Members] = []
    log_p: dict[Members, float] = {}
    while len(kept) < len(proposed):
        leaps = list(_leaps(regression, proposed, kept, limits))
        decided, group = min(leaps, key=lambda leap: leap[0])
        if decided > log(ERROR_RATE):
            tested: dict[Members, float] = {}
            for found, group in leaps:
                tested |= {members: min(found, tested.get(members, 0.0)) for members in group}
            return kept, log_p | tested
        log_p |= dict.fromkeys(group, decided)
        kept = [*kept, *group]
    return kept, log_p


def _leaps(
    regression: Regression, proposed: list[Members], kept: list[Members], limits: Limits
) -> Iterator[tuple[float, list[Members]]]:
    """The groups that may enter, with their log p-value after the union bound."""
    everything = [*kept, *(members for members in proposed if members not in kept)]
    others = everything[len(kept) :]
    ranked = sorted(others, key=lambda members: regression.drop_log_p(everything, members))
    groups = [*([members] for members in others), *(ranked[:n] for n in range(2, len(others) + 1))]
    for group in groups:
        log_p = regression.log_p(kept, [*kept, *group])
        yield (
            min(log_p + limits.log_ways(group, kept) + limits.log_kinds(group, kept), 0.0),
            group,
        )


def before_chance(
    regression: Regression, verdict: Verdict, propose: Propose, limits: Limits
) -> Verdict:
    """Keep sets up to the one from which on permutations of what is left do as well.

    For sets that passed F tests: where these are doubtful, permutations decide. They are asked
    again after each set, the most convincing first, as a strong set can make scores look
    well-behaved whose rest is not: a few extreme values pass for effects of sets with many columns.

    Parameters
    ----------
    regression
        The scores.
    verdict
        From `significant`.
    propose
        What proposed them.
    limits
        As there.
    """
    evidence = [regression.drop_log_p(verdict.kept, members) for members in verdict.kept]
    kept = [verdict.kept[i] for i in np.argsort(evidence, kind="stable")]
    log_p = dict(verdict.log_p)
    for count, members in enumerate(kept):
        rest = regression.without(kept[:count])
        if gaussian_test_is_doubtful(rest.target):
            by_chance = log(permutation_p_value(rest, propose, limits))
            if by_chance > log(ERROR_RATE):
                refused = [other for other in log_p if other not in kept[:count]]
                return Verdict(kept[:count], log_p | dict.fromkeys(refused, by_chance))
            log_p[members] = max(log_p[members], by_chance)
    return Verdict(kept, log_p)


def permutation_p_value(regression: Regression, propose: Propose, limits: Limits) -> float:
    """How often permuted scores make as convincing a leap as the scores do.

    Exact for any distribution: when the scores have nothing to do with the variables, they are the
    most convincing of the 20 with probability 1/20. It ends with the first permutation that does as
    well, the n-th, with a p-value of 1/n (Besag and Clifford 1991). The permutations are always the
    same ones.

    Parameters
    ----------
    regression
        The scores.
    propose
        The way of proposing sets.
    limits
        Of what can be proposed.
    """
    evidence = _most_convincing(regression, propose, limits)
    rng = np.random.default_rng(0)
    for number in range(1, PERMUTATIONS + 1):
        permuted = regression.with_target(rng.permutation(regression.target))
        if _most_convincing(permuted, propose, limits) <= evidence:
            return 1 / number
    return 1 / (PERMUTATIONS + 1)


def _most_convincing(regression: Regression, propose: Propose, limits: Limits) -> float:
    leaps = _leaps(regression, propose(regression), [], limits)
    return min((evidence for evidence, _ in leaps), default=0.0)


def gaussian_test_is_doubtful(target: np.ndarray) -> bool:
    """Whether the scores are so few, or a few of them so extreme, that the F test may be far off.

    Parameters
    ----------
    target
        The scores at mean 0 and mean square 1.
    """
    return len(target) < FEW or float((target**4).mean()) > HEAVY


def _prune(regression: Regression, verdict: Verdict, degree: int) -> Verdict:
    """Drop what came in as a passenger of stronger sets, weakest first."""
    kept, log_p = verdict.kept, dict(verdict.log_p)
    while kept:
        own = {members: regression.drop_log_p(kept, members) + log(degree) for members in kept}
        weakest = max(kept, key=lambda members: own[members])
        if own[weakest] <= log(ERROR_RATE):
            log_p |= {members: max(log_p[members], own[members]) for members in kept}
            break
        log_p[weakest] = min(own[weakest], 0.0)
        kept = [members for members in kept if members != weakest]
    return Verdict(kept, log_p)
