"""The reliability of a recovery: prediction of held-out samples, agreement of halves."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from harmonica_steps.spectral.basis import Basis
from harmonica_steps.spectral.leaders import Members
from harmonica_steps.spectral.recovery import FEWEST, Recovery, origin_and_unit

FOLDS = 5
"""Resamples that leave out a fold each; all others are halves."""

Recover = Callable[[np.ndarray, np.ndarray], Recovery]
"""A function of levels and scores that returns a recovery."""


@dataclass(frozen=True)
class Trust:
    """What resamples of the same data say."""

    held_out_r2: float | None
    """Share of the variance of unseen samples that the polynomial explains; None if unknown."""
    stability: dict[Members, float]
    """For each set of variables, the share of random halves of the samples that propose it."""


def trust(
    recover: Recover,
    basis: Basis,
    levels: np.ndarray,
    scores: np.ndarray,
    seed: np.random.SeedSequence,
    resamples: int = FOLDS + 10,
    processes: int = 1,
    done: Callable[[int], None] = lambda number: None,
) -> Trust:
    """Repeat a recovery on folds and on halves of its samples.

    With fewer than twice as many samples as a recovery needs, or equal scores, nothing is known.

    Parameters
    ----------
    recover
        The recovery; with several processes something that can be pickled.
    basis, levels, scores
        What it has worked on.
    seed
        Of the resamples.
    resamples
        How many: 0 for none, otherwise more than `FOLDS`.
    processes
        How many to work on in parallel; the result is the same.
    done
        Called with the number of each finished resample, from 1.
    """
    mean, spread = origin_and_unit(scores)
    if len(scores) < 2 * FEWEST or not spread or not resamples:
        return Trust(None, {})
    scores = (scores - mean) / spread
    folds, halves = (np.random.default_rng(s) for s in seed.spawn(2))
    fold = folds.permutation(len(scores)) % FOLDS
    parts = [np.flatnonzero(fold != k) for k in range(FOLDS)]
    half = len(scores) // 2
    parts += [halves.permutation(len(scores))[:half] for _ in range(resamples - FOLDS)]
    found = []
    for number, recovery in enumerate(_recoveries(recover, levels, scores, parts, processes), 1):
        found.append(recovery)
        done(number)
    held_out = _held_out_r2(found[:FOLDS], basis, levels, scores, fold)
    return Trust(held_out, _stability(found[FOLDS:]))


def _recoveries(
    recover: Recover,
    levels: np.ndarray,
    scores: np.ndarray,
    parts: list[np.ndarray],
    processes: int,
) -> Iterator[Recovery]:
    """The recoveries from some parts of the samples, in their order."""
    work = partial(_alone, recover)
    tasks = (delayed(work)(levels[part], scores[part]) for part in parts)
    yield from Parallel(n_jobs=processes, return_as="generator")(tasks)


def _alone(recover: Recover, levels: np.ndarray, scores: np.ndarray) -> Recovery:
    # Sums in another order would differ in their last bits, whatever the number of processes.
    with threadpool_limits(1):
        return recover(levels, scores)


def _held_out_r2(
    recoveries: list[Recovery],
    basis: Basis,
    levels: np.ndarray,
    scores: np.ndarray,
    fold: np.ndarray,
) -> float:
    """Share of the variance of unseen samples that the polynomial explains.

    The whole recovery, selection included, is repeated without each fold, and the fold predicted.
    At most 1; 0 for the mean alone; negative when worse than the mean.
    """
    errors = np.empty(len(scores))
    for k, recovery in enumerate(recoveries):
        out = fold == k
        errors[out] = scores[out] - recovery.predict(basis, levels[out])
    total = float(((scores - scores.mean()) ** 2).sum())
    return 1.0 - float((errors**2).sum()) / total if total > 0 else 0.0


def _stability(recoveries: list[Recovery]) -> dict[Members, float]:
    """For each set of variables, the share of some recoveries that propose it."""
    seen: Counter[Members] = Counter()
    for recovery in recoveries:
        seen.update(term.members for term in [*recovery.terms, *recovery.rejected])
    return {members: count / len(recoveries) for members, count in seen.items()}
