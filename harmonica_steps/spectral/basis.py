"""Orthonormal functions of discrete variables under the uniform distribution."""

from collections.abc import Sequence
from math import prod

import numpy as np

HIGHEST_POWER = 3
"""Ordered variables are described by polynomials up to cubic, however many levels they have."""


def contrasts(levels: int, ordered: bool) -> np.ndarray:
    """Orthonormal functions on `levels` equally likely points, without the constant one.

    Ordered variables get the discrete orthonormal polynomials up to the third degree, others a
    complete set. Two levels give the parity ``[-1, +1]``, which makes the method that of the paper
    (arXiv 1706.00764, section 2; any bounded orthonormal system will do).

    Parameters
    ----------
    levels
        Number of levels k, at least 2.
    ordered
        Whether neighbouring levels are expected to behave alike.

    Returns
    -------
    ndarray of shape (functions, levels)
        Rows have mean 0 and mean square 1; at most 3 rows if ordered, k - 1 otherwise.
    """
    count = min(levels - 1, HIGHEST_POWER) if ordered else levels - 1
    points = np.linspace(-1.0, 1.0, levels)
    functions, _ = np.linalg.qr(np.vander(points, count + 1, increasing=True))
    rows = functions[:, 1:].T * np.sqrt(levels)
    # QR leaves the signs open: let every function be positive at the last level.
    return np.asarray(rows * np.sign(rows[:, -1:]))


class Basis:
    """The functions of every variable of a design, stacked.

    Parameters
    ----------
    sizes
        Number of levels of each variable.
    ordered
        Whether each variable is ordered.
    """

    def __init__(self, sizes: Sequence[int], ordered: Sequence[bool]) -> None:
        self.sizes = tuple(int(size) for size in sizes)
        self.tables = [contrasts(size, o) for size, o in zip(self.sizes, ordered, strict=True)]
        self.counts = np.array([len(table) for table in self.tables], dtype=int)
        """Number of functions of each variable."""
        self.starts = np.concatenate([[0], np.cumsum(self.counts)]).astype(int)
        """Rows ``starts[v]:starts[v + 1]`` belong to variable v."""
        self.variable = np.repeat(np.arange(len(self.sizes)), self.counts)
        """The variable of each row."""

    def evaluate(self, levels: np.ndarray) -> np.ndarray:
        """Values of all functions.

        Parameters
        ----------
        levels : ndarray of shape (samples, variables)
            Level indices.

        Returns
        -------
        ndarray of shape (functions, samples)
        """
        rows = [table[:, levels[:, v]] for v, table in enumerate(self.tables)]
        return np.concatenate(rows) if rows else np.empty((0, len(levels)))

    def width(self, members: Sequence[int]) -> int:
        """Number of products of a set."""
        return prod(len(self.tables[v]) for v in members)

    def set_columns(self, features: np.ndarray, members: Sequence[int]) -> np.ndarray:
        """All products of one function of each variable of a set.

        Parameters
        ----------
        features : ndarray of shape (functions, samples)
            What `evaluate` returned.
        members
            The variables of the set.

        Returns
        -------
        ndarray of shape (products, samples)
            The last member's function changes fastest, as in `set_table`.
        """
        first, *others = (features[self.starts[v] : self.starts[v + 1]] for v in members)
        for rows in others:
            first = (first[:, None, :] * rows[None, :, :]).reshape(-1, features.shape[1])
        return first

    def set_table(self, members: Sequence[int], coefficients: np.ndarray) -> np.ndarray:
        """The function of a set of variables on the grid of their levels.

        Parameters
        ----------
        members
            The variables of the set.
        coefficients : ndarray of shape (products,)
            One for each column of `set_columns`.

        Returns
        -------
        ndarray of shape (sizes of the members)
        """
        counts = [len(self.tables[v]) for v in members]
        table = np.asarray(coefficients, dtype=float).reshape(counts)
        for axis, v in enumerate(members):
            table = np.moveaxis(np.tensordot(table, self.tables[v], axes=(axis, 0)), -1, axis)
        return table
