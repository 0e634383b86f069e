"""How far a recovery can be trusted: prediction of held-out samples, agreement of halves."""

from collections import Counter

import numpy as np

from harmonica_steps.spectral.basis import Basis
from harmonica_steps.spectral.recovery import Members, recover


def held_out_r2(
    basis: Basis,
    levels: np.ndarray,
    scores: np.ndarray,
    degree: int,
    sparsity: int,
    rng: np.random.Generator,
    folds: int = 5,
) -> float:
    """Share of the variance of unseen samples that the polynomial explains.

    The whole recovery, selection included, is repeated without each fold, and the fold predicted.
    At most 1; 0 for the mean alone; negative when worse than the mean.
    """
    fold = rng.permutation(len(scores)) % folds
    errors = np.empty(len(scores))
    for k in range(folds):
        left, out = fold != k, fold == k
        recovery = recover(basis, levels[left], scores[left], degree, sparsity)
        errors[out] = scores[out] - recovery.predict(basis, levels[out])
    total = float(((scores - scores.mean()) ** 2).sum())
    return 1.0 - float((errors**2).sum()) / total if total > 0 else 0.0


def stability(
    basis: Basis,
    levels: np.ndarray,
    scores: np.ndarray,
    degree: int,
    sparsity: int,
    rng: np.random.Generator,
    halves: int = 20,
) -> dict[Members, float]:
    """For each set of variables, the share of random halves of the samples that propose it."""
    seen: Counter[Members] = Counter()
    for _ in range(halves):
        half = rng.permutation(len(scores))[: len(scores) // 2]
        recovery = recover(basis, levels[half], scores[half], degree, sparsity)
        seen.update(term.members for term in [*recovery.terms, *recovery.rejected])
    return {members: count / halves for members, count in seen.items()}
