"""How far a recovery can be trusted: prediction of held-out samples, agreement of halves."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from harmonica_steps.spectral.basis import Basis
from harmonica_steps.spectral.leaders import Members
from harmonica_steps.spectral.recovery import FEWEST, Recovery, origin_and_unit

FOLDS = 5
HALVES = 10

Recover = Callable[[np.ndarray, np.ndarray], Recovery]
"""From levels and scores to a recovery."""


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
) -> Trust:
    """Repeat a recovery on folds and on halves of its samples.

    With fewer than twice as many samples as a recovery needs, or equal scores, nothing is known.
    """
    mean, spread = origin_and_unit(scores)
    if len(scores) < 2 * FEWEST or not spread:
        return Trust(None, {})
    scores = (scores - mean) / spread
    folds, halves = (np.random.default_rng(s) for s in seed.spawn(2))
    return Trust(
        held_out_r2(recover, basis, levels, scores, folds),
        stability(recover, levels, scores, halves),
    )


def held_out_r2(
    recover: Recover,
    basis: Basis,
    levels: np.ndarray,
    scores: np.ndarray,
    rng: np.random.Generator,
) -> float:
    """Share of the variance of unseen samples that the polynomial explains.

    The whole recovery, selection included, is repeated without each fold, and the fold predicted.
    At most 1; 0 for the mean alone; negative when worse than the mean.
    """
    fold = rng.permutation(len(scores)) % FOLDS
    errors = np.empty(len(scores))
    for k in range(FOLDS):
        left, out = fold != k, fold == k
        recovery = recover(levels[left], scores[left])
        errors[out] = scores[out] - recovery.predict(basis, levels[out])
    total = float(((scores - scores.mean()) ** 2).sum())
    return 1.0 - float((errors**2).sum()) / total if total > 0 else 0.0


def stability(
    recover: Recover, levels: np.ndarray, scores: np.ndarray, rng: np.random.Generator
) -> dict[Members, float]:
    """For each set of variables, the share of random halves of the samples that propose it."""
    seen: Counter[Members] = Counter()
    for _ in range(HALVES):
        half = rng.permutation(len(scores))[: len(scores) // 2]
        recovery = recover(levels[half], scores[half])
        seen.update(term.members for term in [*recovery.terms, *recovery.rejected])
    return {members: count / HALVES for members, count in seen.items()}
