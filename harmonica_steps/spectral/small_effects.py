"""Many small effects: all main effects together, none of which needs to stand out on its own."""

from dataclasses import dataclass

import numpy as np

from harmonica_steps.spectral.basis import Basis
from harmonica_steps.spectral.posterior import Posterior
from harmonica_steps.spectral.recovery import Recovery, origin_and_unit

PERMUTATIONS = 999
DRAWS = 400
"""Draws from the posterior, in which it is counted how often each level is best."""
FOLDS = 5


@dataclass(frozen=True)
class SmallEffects:
    """What the main effects of the variables that are in no term say together."""

    p_value: float
    """How often chance makes them as large together; at least 1 / (`PERMUTATIONS` + 1)."""
    held_out_r2: float
    """Share of the variance of unseen samples that they explain, in addition to the terms."""
    leaning: dict[int, tuple[int, float]]
    """For each variable the level that is most likely the best, and how likely that is."""


def small_effects(
    basis: Basis, levels: np.ndarray, scores: np.ndarray, recovery: Recovery
) -> SmallEffects | None:
    """Test and estimate the main effects that the terms leave.

    The test statistic is the sum of the squared covariances with all functions (the score test of
    Goeman, van de Geer and van Houwelingen 2006), compared with permutations of the scores: valid
    for any distribution, and for more functions than samples. The estimates are those of
    `Posterior`. Both are the same for the same samples.

    Parameters
    ----------
    basis, levels, scores
        What `recover` has worked on.
    recovery
        What it returned.

    Returns
    -------
    SmallEffects
        None if nothing is left to explain, or every variable is in a term.
    """
    variables = [v for v in range(len(basis.sizes)) if v not in recovery.variables]
    rest = scores - recovery.predict(basis, levels)
    mean, unit = origin_and_unit(rest)
    # What is left of scores that the terms explain exactly is rounding error.
    if not variables or not unit or unit < 1e-9 * (origin_and_unit(scores)[1] or 1.0):
        return None
    target = (rest - mean) / unit
    rows = np.isin(basis.variable, variables)
    functions = basis.evaluate(levels)[rows]
    columns = (functions - functions.mean(axis=1, keepdims=True)).T
    rng = np.random.default_rng(0)
    posterior = _posterior(columns, target)
    return SmallEffects(
        _p_value(columns, target, rng),
        _held_out_r2(columns, target, rng),
        _leaning(basis, variables, posterior, rng),
    )


def _posterior(columns: np.ndarray, target: np.ndarray) -> Posterior:
    return Posterior(columns, target, np.ones(len(target)))


def _p_value(columns: np.ndarray, target: np.ndarray, rng: np.random.Generator) -> float:
    permuted = np.column_stack([target, *(rng.permutation(target) for _ in range(PERMUTATIONS))])
    sizes = ((columns.T @ permuted) ** 2).sum(axis=0)
    # A sum in another order is the same: rounding errors must not make it smaller.
    return float((sizes >= sizes[0] * (1 - 1e-9)).mean())


def _held_out_r2(columns: np.ndarray, target: np.ndarray, rng: np.random.Generator) -> float:
    fold = rng.permutation(len(target)) % FOLDS
    errors = np.empty(len(target))
    for k in range(FOLDS):
        inside, outside = fold != k, fold == k
        middle = target[inside].mean()
        posterior = _posterior(columns[inside], target[inside] - middle)
        errors[outside] = target[outside] - middle - columns[outside] @ posterior.mean
    return 1.0 - float((errors**2).mean() / target.var())


def _leaning(
    basis: Basis, variables: list[int], posterior: Posterior, rng: np.random.Generator
) -> dict[int, tuple[int, float]]:
    drawn = np.array([posterior.draw(rng) for _ in range(DRAWS)])
    found, start = {}, 0
    for v in variables:
        table = basis.tables[v]
        effects = drawn[:, start : start + len(table)] @ table
        start += len(table)
        counts = np.bincount(effects.argmin(axis=1), minlength=basis.sizes[v])
        best = int(counts.argmax())
        found[v] = best, float(counts[best] / DRAWS)
    return found
