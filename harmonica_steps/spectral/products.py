"""Scores of all products of functions of distinct variables, without ever storing the products.

With the functions sorted by variable, a product is met at the last but one of its functions: the
products through function j are the rectangle (shorter products before j) x (functions after j), one
matrix product. The rectangles of all j cover every product exactly once. A function that is 1
everywhere comes after all others; its column holds the products that end at j.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import comb
from typing import Any

import numpy as np

Product = tuple[int, ...]
"""Indices of the functions that are multiplied, increasing."""

ROWS = 256
"""Height of a rectangle, so that what it reads and writes stays in the processor's cache."""


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


@dataclass(frozen=True)
class Prefixes:
    """All products of one size, ordered so that those of variables before v are the first."""

    values: np.ndarray
    """Shape ``(products, samples)``."""
    functions: np.ndarray
    """Which functions each product multiplies, shape ``(products, size)``."""
    before: np.ndarray
    """``before[v]``: how many of the products have all variables before v."""
    sets: np.ndarray
    """Where the products of each set of variables start, and the end of the last."""

    def extended(self, features: np.ndarray, starts: np.ndarray) -> "Prefixes":
        """The products with one more function each."""
        samples = features.shape[1]
        values, functions, before, sets = [features[:0]], [], [0], [0]
        for v, (first, last) in enumerate(pairwise(starts)):
            end, own = int(self.before[v]), np.arange(first, last)
            values.append((self.values[:end, None] * features[None, own]).reshape(-1, samples))
            old = np.repeat(self.functions[:end], len(own), axis=0)
            functions.append(np.column_stack([old, np.tile(own, end)]))
            shorter = self.sets[1 : np.searchsorted(self.sets, end) + 1]
            sets += [before[-1] + int(stop) * len(own) for stop in shorter]
            before.append(before[-1] + end * len(own))
        return Prefixes(
            np.concatenate(values), np.concatenate(functions), np.array(before), np.array(sets)
        )


@dataclass(frozen=True)
class Rectangle:
    """The products of some prefixes, a function of one variable, and a function after it or 1."""

    prefixes: Prefixes
    rows: slice
    """Of the prefixes; whole sets."""
    variable: int | None
    """The variable in the middle; None for the prefixes alone."""
    first: int
    """The function of the first column; the last column is the function that is 1."""

    @property
    def size(self) -> int:
        """Number of functions in a product of the last column; one less than in the others."""
        return int(self.prefixes.functions.shape[1]) + (self.variable is not None)


class Products:
    """All products of at most `degree` functions of distinct variables of a design.

    Products of up to ``degree - 2`` functions are stored, the others only counted.

    Parameters
    ----------
    features : ndarray of shape (functions, samples)
        Values of the functions, sorted by variable.
    starts
        Functions ``starts[v]:starts[v + 1]`` are those of variable v.
    degree
        Largest number of functions in a product, at least 1.
    precision
        Type of the scores: `numpy.float32` is twice as fast.
    """

    def __init__(
        self, features: np.ndarray, starts: np.ndarray, degree: int, precision: Any = np.float32
    ) -> None:
        self.features, self.starts, self.degree = features, np.asarray(starts), degree
        self.variable = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        """The variable of each function."""
        self.precision = precision
        self._extended = np.vstack([features, np.ones((1, features.shape[1]))]).astype(precision)
        single = self._extended[:-1]
        nothing = np.ones((1, features.shape[1]), dtype=precision)
        always = np.ones(len(starts), dtype=int)
        self._prefixes = [Prefixes(nothing, np.empty((1, 0), dtype=int), always, np.array([0, 1]))]
        """By their size, from 0; the last are the longest."""
        while len(self._prefixes) <= degree - 2:
            self._prefixes.append(self._prefixes[-1].extended(single, self.starts))

    def columns(self, products: Sequence[Product]) -> np.ndarray:
        """Values of products in double precision, shape ``(products, samples)``."""
        columns = np.empty((len(products), self.features.shape[1]))
        sizes = np.array([len(product) for product in products])
        for size in np.unique(sizes):
            of_size = np.flatnonzero(sizes == size)
            functions = np.array([products[i] for i in of_size.tolist()])
            values = self.features[functions[:, 0]]
            for factor in functions.T[1:]:
                values = values * self.features[factor]
            columns[of_size] = values
        return columns

    def at(self, size: int, positions: np.ndarray) -> np.ndarray:
        """The functions of the products of a size at some positions.

        Parameters
        ----------
        size
            Number of functions in a product.
        positions : ndarray of int, shape (3, products)
            Number of the prefix, function in the middle, function of the column; what a product of
            this size does not have is ignored.

        Returns
        -------
        ndarray of shape (products, size)
        """
        prefixes = self._prefixes[min(size, len(self._prefixes) - 1)]
        return np.column_stack([prefixes.functions[positions[0]], *positions[1:]])[:, :size]

    def row_sets(self, rectangle: Rectangle) -> tuple[np.ndarray, np.ndarray]:
        """The first prefix of each set of variables, and the number of products in a column."""
        rows, sets = rectangle.rows, rectangle.prefixes.sets
        inside = sets[np.searchsorted(sets, rows.start) : np.searchsorted(sets, rows.stop) + 1]
        v = rectangle.variable
        functions = 1 if v is None else self.starts[v + 1] - self.starts[v]
        return inside[:-1], np.diff(inside) * functions

    def column_sets(self, rectangle: Rectangle) -> tuple[np.ndarray, np.ndarray]:
        """The first function of each variable, and how many it has; the function 1 comes last."""
        borders = np.append(self.starts, len(self.features) + 1)
        borders = borders[np.searchsorted(borders, rectangle.first) :]
        return borders[:-1], np.diff(borders)

    def rectangles(
        self, residuals: np.ndarray
    ) -> Iterator[tuple[Rectangle, Iterator[tuple[int, np.ndarray]]]]:
        """The inner products of every product with some residuals, cut into rectangles.

        Parameters
        ----------
        residuals : ndarray of shape (residuals, samples)

        Yields
        ------
        rectangle : Rectangle
        scores : iterator of (function, ndarray)
            One array for each function of the variable in the middle, of shape
            ``(residuals, rows, columns)``, valid until the next one.
        """
        residuals = residuals.astype(self.precision)
        count, samples = residuals.shape
        one = len(self.features)
        for prefixes in self._prefixes[1:]:
            whole = Rectangle(prefixes, slice(0, len(prefixes.values)), None, one)
            yield whole, iter([(one, (residuals @ prefixes.values.T)[:, :, None])])
        longest = self._prefixes[-1]
        cuts = _cuts(longest.sets, max(1, ROWS // count))
        height = int(np.diff(cuts).max(initial=0))
        weighted = np.empty(count * height * samples, dtype=self.precision)
        scores = np.empty(count * height * (one + 1), dtype=self.precision)

        def each(rectangle: Rectangle, v: int) -> Iterator[tuple[int, np.ndarray]]:
            left = longest.values[rectangle.rows]
            right = self._extended[rectangle.first :].T
            shape = count, len(left), right.shape[1]
            product = weighted[: count * len(left) * samples].reshape(count, len(left), samples)
            out = scores[: count * len(left) * right.shape[1]].reshape(-1, right.shape[1])
            for j in range(self.starts[v], self.starts[v + 1]):
                np.multiply(left, (residuals * self._extended[j])[:, None], out=product)
                np.matmul(product.reshape(-1, samples), right, out=out)
                yield j, out.reshape(shape)

        after = self.starts[1:] if self.degree > 1 else np.full(len(self.starts) - 1, one)
        area = longest.before[:-1] * (one + 1 - after)
        # The largest first: what leads among many is hard to beat for the others.
        for v in np.argsort(-area, kind="stable"):
            end, first = int(longest.before[v]), int(after[v])
            for start, stop in pairwise(cuts):
                if start < end:
                    rectangle = Rectangle(longest, slice(start, min(stop, end)), v, first)
                    yield rectangle, each(rectangle, v)


def _cuts(sets: np.ndarray, most: int) -> np.ndarray:
    """Borders between sets, at most `most` products apart where a set is not larger itself."""
    cuts = [0]
    while cuts[-1] < sets[-1]:
        next_ = np.searchsorted(sets, cuts[-1], side="right")
        last = np.searchsorted(sets, cuts[-1] + most, side="right") - 1
        cuts.append(int(sets[max(next_, last)]))
    return np.array(cuts)
