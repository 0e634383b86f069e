"""All products of functions of distinct variables, of which only blocks are ever stored.

With the functions sorted by variable, a product is a stem, the product of all its functions but the
last, and a function of a later variable. The stems are ordered by their last variable. Then the
inner products of a residual with a block of stems times all later functions are one matrix product.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import comb
from typing import Any

import numpy as np

Product = tuple[int, ...]
"""Indices of the functions that are multiplied, increasing."""

STEMS = 512
"""Stems of a block: enough for a fast matrix product, few enough for the processor's cache."""
STORED = 1 << 21
"""Most numbers that are stored; stems that take more are computed again in each scan."""


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


class Stems:
    """All products of one number of functions, ordered by the last variable, then by the others.

    Parameters
    ----------
    features : ndarray of shape (functions, samples)
        Values of the functions, sorted by variable.
    starts
        Functions ``starts[v]:starts[v + 1]`` are those of variable v.
    shorter
        The products of one function less, whose values are stored; None for the empty product.
    """

    def __init__(self, features: np.ndarray, starts: np.ndarray, shorter: "Stems | None") -> None:
        self.features, self.starts, self.shorter = features, starts, shorter
        self.before = np.ones(len(starts), dtype=np.int64)
        """How many have all variables before each variable; the last counts all."""
        if shorter is not None:
            self.before = np.cumsum([0, *(shorter.before[:-1] * np.diff(starts))])
        self.stored: np.ndarray | None = None

    def __len__(self) -> int:
        return int(self.before[-1])

    def store(self) -> "Stems":
        """Compute all values once and for all."""
        self.stored = self.values(0, len(self))
        return self

    def values(self, start: int, stop: int) -> np.ndarray:
        """Values of some of them, shape ``(products, samples)``."""
        if self.stored is not None:
            return np.asarray(self.stored[start:stop])
        if self.shorter is None or self.shorter.stored is None:
            return np.ones((1, self.features.shape[1]), dtype=self.features.dtype)
        shorter, last = self._split(np.arange(start, stop))
        return np.asarray(self.shorter.stored[shorter] * self.features[last])

    def functions(self, numbers: np.ndarray) -> np.ndarray:
        """The functions that some of them multiply, shape ``(products, size)``."""
        if self.shorter is None:
            return np.empty((len(numbers), 0), dtype=np.int64)
        shorter, last = self._split(numbers)
        return np.column_stack([self.shorter.functions(shorter), last])

    def ends(self, start: int, stop: int) -> np.ndarray:
        """For some of them, where the functions after their last variable start."""
        if self.shorter is None:
            return np.zeros(1, dtype=np.int64)
        following = np.searchsorted(self.before, np.arange(start, stop), side="right")
        return np.asarray(self.starts[following])

    def open_sets(self, numbers: np.ndarray) -> np.ndarray:
        """Whether each is the first product of its set of variables; these are contiguous."""
        if self.shorter is None:
            return np.ones(len(numbers), dtype=bool)
        shorter, last = self._split(numbers)
        return np.asarray(np.isin(last, self.starts) & self.shorter.open_sets(shorter))

    def _split(self, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The shorter product, and the last function."""
        variable = np.searchsorted(self.before, numbers, side="right") - 1
        first, own = self.starts[variable], self.starts[variable + 1] - self.starts[variable]
        shorter, offset = np.divmod(numbers - self.before[variable], own)
        return shorter, first + offset


@dataclass(frozen=True)
class Block:
    """The products of some stems with all functions after the first stem's last variable."""

    stems: Stems
    start: int
    """Number of the first stem."""
    first: int
    """The first function."""
    values: np.ndarray
    """Values of the stems, shape ``(stems, samples)``."""
    ends: np.ndarray
    """Where the functions after each stem's own last variable start."""

    @property
    def numbers(self) -> np.ndarray:
        """Numbers of the stems."""
        return np.arange(self.start, self.start + len(self.values))


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
        Type of the inner products: `numpy.float32` is twice as fast.
    """

    def __init__(
        self, features: np.ndarray, starts: np.ndarray, degree: int, precision: Any = np.float32
    ) -> None:
        self.features, self.starts, self.degree = features, np.asarray(starts), degree
        self.variable = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        """The variable of each function."""
        self.factors = features.astype(precision)
        """The same functions in the precision of the inner products."""
        self.stems = [Stems(self.factors, self.starts, None).store()]
        """Stems by their size from 0, which is one less than that of their products."""
        while len(self.stems) < degree:
            longer = Stems(self.factors, self.starts, self.stems[-1])
            needed = len(self.stems) < degree - 1
            if needed or len(longer) * features.shape[1] <= STORED:
                longer.store()
            self.stems.append(longer)

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

    def blocks(self, size: int, *, whole_sets: bool) -> Iterator[Block]:
        """All products of exactly `size` functions.

        Parameters
        ----------
        size
            From 1 to the degree.
        whole_sets
            Whether the stems of a set of variables must be in the same block.
        """
        stems, start = self.stems[size - 1], 0
        while start < len(stems):
            first = int(stems.ends(start, start + 1)[0])
            if first == len(self.features):
                break  # there is no function after these stems
            stop = start + STEMS
            if whole_sets:
                stop = _end_of_set(stems, start, stop)
            stop = min(stop, len(stems))
            yield Block(stems, start, first, stems.values(start, stop), stems.ends(start, stop))
            start = stop


def _end_of_set(stems: Stems, start: int, stop: int) -> int:
    """The last end of a set up to `stop`, or else the first after it."""
    while stop < len(stems):
        opened = np.flatnonzero(stems.open_sets(np.arange(start + 1, stop + 1)))
        if len(opened):
            return start + 1 + int(opened[-1])
        stop = start + 2 * (stop - start)
    return stop
