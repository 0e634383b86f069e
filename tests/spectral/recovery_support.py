"""Samples of planted polynomials."""

import numpy as np

from harmonica_steps.spectral import Basis, Recovery

Planted = dict[tuple[int, ...], float]

PLANTED: Planted = {(0, 1): 3.0, (2,): -2.0, (3, 4, 5): 1.5}


def bits(variables: int) -> Basis:
    return Basis([2] * variables, [True] * variables)


def sample(
    basis: Basis, planted: Planted, count: int, seed: int, noise: float = 0.3
) -> tuple[np.ndarray, np.ndarray]:
    """Uniform levels, and scores made of the first function of each planted set."""
    rng = np.random.default_rng(seed)
    levels = rng.integers(basis.sizes, size=(count, len(basis.sizes)))
    features = basis.evaluate(levels)
    scores = noise * rng.normal(size=count)
    for members, weight in planted.items():
        scores += weight * basis.set_columns(features, members)[0]
    return levels, scores


def members(recovery: Recovery) -> list[tuple[int, ...]]:
    return [term.members for term in recovery.terms]
