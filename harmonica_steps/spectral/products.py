"""Scores of all products of functions of distinct variables, without ever storing the products.

A product of three functions is met at its middle one: with the functions sorted by variable, the
products through function j are the rectangle (functions before) x (functions after), one matrix
product. The rectangles of all j cover every product exactly once.
"""

from collections.abc import Iterator
from math import comb

import numpy as np

DEGREES = (1, 2, 3)

Product = tuple[int, ...]
"""Indices of the functions that are multiplied, increasing."""


def count_products(functions_per_variable: np.ndarray, degree: int) -> int:
    """Number of products of at most `degree` functions of distinct variables, without the constant.

    The elementary symmetric polynomials of the numbers of functions.
    """
    symmetric = [1] + [0] * degree
    for functions in functions_per_variable:
        for d in range(degree, 0, -1):
            symmetric[d] += int(functions) * symmetric[d - 1]
    return sum(symmetric[1:])


def count_sets(variables: int, size: int) -> int:
    """Number of sets of exactly `size` of the variables."""
    return comb(variables, size)


def _blocks(
    features: np.ndarray,
    starts: np.ndarray,
    variable: np.ndarray,
    residual: np.ndarray,
    degree: int,
) -> Iterator[tuple[np.ndarray, tuple[int, int, int]]]:
    """Yield the scores of a rectangle of products, its middle function, the first one after it."""
    yield (features @ residual)[:, None], (0, 0, 1)
    if degree == 1:
        return
    weighted = features * residual
    for j in range(len(features)):
        before, after = starts[variable[j]], starts[variable[j] + 1]
        if before:
            yield (features[:before] @ weighted[j])[:, None], (j, 0, 2)
        if degree == 3 and before and after < len(features):
            yield (features[:before] * weighted[j]) @ features[after:].T, (j, int(after), 3)


def leaders(
    features: np.ndarray,
    starts: np.ndarray,
    variable: np.ndarray,
    residual: np.ndarray,
    degree: int,
    most: int,
    above: float = 0.0,
) -> tuple[list[Product], np.ndarray]:
    """The products that correlate most with `residual`.

    Parameters
    ----------
    features : ndarray of shape (functions, samples)
        Sorted by variable.
    starts, variable
        The layout of `Basis`: rows of a variable, variable of a row.
    residual : ndarray of shape (samples,)
    degree
        1, 2 or 3.
    most
        How many products to return at the most.
    above
        Only products whose score is larger than this.

    Returns
    -------
    products
        Best first; ties in a fixed order.
    scores : ndarray
        ``|<product, residual>|`` of each.
    """
    threshold, held = above, 0
    kept: list[tuple[np.ndarray, np.ndarray]] = []
    for block, (middle, after, size) in _blocks(features, starts, variable, residual, degree):
        score = np.abs(block)
        rows, columns = np.nonzero(score > threshold)
        if not len(rows):
            continue
        found = np.full((len(rows), 3), -1)
        found[:, 0] = rows
        if size >= 2:
            found[:, 1] = middle
        if size == 3:
            found[:, 2] = after + columns
        kept.append((score[rows, columns], found))
        held += len(rows)
        if held > 4 * most:
            kept = [_best(kept, most)]
            held, threshold = most, max(above, float(kept[0][0][-1]))
    if not kept:
        return [], np.empty(0)
    scores, found = _best(kept, most)
    return [tuple(int(i) for i in row if i >= 0) for row in found], scores


def _best(kept: list[tuple[np.ndarray, np.ndarray]], most: int) -> tuple[np.ndarray, np.ndarray]:
    scores = np.concatenate([score for score, _ in kept])
    found = np.concatenate([product for _, product in kept])
    order = np.argsort(-scores, kind="stable")[:most]
    return scores[order], found[order]
