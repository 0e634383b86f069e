"""The products, or sets of variables, that correlate most with a residual."""

from collections import Counter, defaultdict
from collections.abc import Iterator

import numpy as np

from harmonica_steps.spectral.products import Product, Products, Rectangle

Members = tuple[int, ...]
"""Variables of a set, increasing."""


def leading_products(
    products: Products, residuals: np.ndarray, most: int, above: np.ndarray
) -> list[tuple[list[Product], np.ndarray]]:
    """The products with the largest inner product with each residual.

    What leads is scored again in double precision. A bound on the rounding error of the first
    scores is subtracted from `above`, so that nothing is missed for it.

    Parameters
    ----------
    products
        What is searched.
    residuals : ndarray of shape (residuals, samples)
    most
        How many products to return at the most, for each residual.
    above : ndarray of shape (residuals,)
        Only products whose score is larger than this.

    Returns
    -------
    list of (products, scores)
        For each residual the products, best first, ties in lexicographic order, and
        ``|<product, residual>|`` of each.
    """
    leaders = _Leaders(products, most, above - rounding_error(products, residuals))
    for rectangle, parts in products.rectangles(residuals):
        prefixes, functions = leaders.everything(rectangle)
        for middle, scores in parts:
            leaders.offer(rectangle, np.abs(scores, out=scores), prefixes, middle, functions)
    results = []
    for k, (residual, least) in enumerate(zip(residuals, above, strict=True)):
        found = sorted(tuple(row) for rows in leaders.best(k) for row in rows.tolist())
        exact = np.abs((products.columns(found) * residual).sum(axis=1))
        order = [i for i in np.argsort(-exact, kind="stable") if exact[i] > least]
        order = order[:most]
        results.append(([found[i] for i in order], exact[order]))
    return results


def rounding_error(products: Products, residuals: np.ndarray) -> np.ndarray:
    """A bound on the error of each residual's scores in the precision of `products`."""
    largest = max(1.0, float(np.abs(products.features).max(initial=0.0))) ** products.degree
    unit = float(np.finfo(products.precision).eps) / 2
    error = largest * np.abs(residuals).sum(axis=1) * (residuals.shape[1] + 8) * unit
    return np.asarray(error)


def leading_sets(products: Products, residuals: np.ndarray, most: int) -> list[list[list[Members]]]:
    """The sets of variables whose products together correlate most with each residual.

    The score of a set is the sum of the squares over its w products. Were the residual noise, it
    would be chi-squared with w degrees of freedom; sets of different w are compared after the
    cube-root transformation of Wilson and Hilferty (1931).

    Parameters
    ----------
    products
        What is searched.
    residuals : ndarray of shape (residuals, samples)
    most
        How many sets of each size to return at the most.

    Returns
    -------
    list of list of list
        For each residual and each size from 1 to the degree the sets, best first.
    """
    leaders = _Leaders(products, most, np.full(len(residuals), -np.inf))
    single = bool((np.diff(products.starts) == 1).all())
    scale = np.linalg.norm(residuals, axis=1, keepdims=True)
    for rectangle, parts in products.rectangles(residuals / np.where(scale, scale, 1.0)):
        if single:  # the same order, without the work
            ((middle, score),) = parts
            np.abs(score, out=score)
            prefixes, functions = leaders.everything(rectangle)
        else:
            middle, power = _power(parts)
            prefixes, heights = products.row_sets(rectangle)
            functions, widths = products.column_sets(rectangle)
            power = np.add.reduceat(power, prefixes - rectangle.rows.start, axis=1)
            power = np.add.reduceat(power, functions - rectangle.first, axis=2)
            score = _normal_score(power, heights[:, None] * widths)
        leaders.offer(rectangle, score, prefixes, middle, functions)
    return [
        [[tuple(row) for row in products.variable[found].tolist()] for found in leaders.best(k)]
        for k in range(len(residuals))
    ]


def _power(parts: Iterator[tuple[int, np.ndarray]]) -> tuple[int, np.ndarray]:
    """The sum of squares over the functions of the variable in the middle, and the first one."""
    first, scores = next(parts)
    power = np.square(scores)
    for _, scores in parts:
        power += np.square(scores, out=scores)
    return first, power


def _normal_score(power: np.ndarray, freedom: np.ndarray) -> np.ndarray:
    spread = 2 / (9 * freedom)
    return np.asarray((np.cbrt(power / freedom) - (1 - spread)) / np.sqrt(spread))


class _Leaders:
    """The largest of many scores, of each residual and size, above thresholds that rise."""

    def __init__(self, products: Products, most: int, thresholds: np.ndarray) -> None:
        self.products, self.most = products, most
        self.thresholds = np.tile(thresholds, (products.degree, 1))
        self.held: dict[tuple[int, int], list[tuple[np.ndarray, np.ndarray]]] = defaultdict(list)
        """Scores and positions, see `Products.at`, by size and residual."""
        self.count: Counter[tuple[int, int]] = Counter()

    def everything(self, rectangle: Rectangle) -> tuple[np.ndarray, np.ndarray]:
        """Prefixes of all rows and functions of all columns."""
        last = len(self.products.features) + 1
        rows = rectangle.rows
        return np.arange(rows.start, rows.stop), np.arange(rectangle.first, last)

    def offer(
        self,
        rectangle: Rectangle,
        scores: np.ndarray,
        prefixes: np.ndarray,
        middle: int,
        functions: np.ndarray,
    ) -> None:
        """Keep what is above the thresholds, of shape ``(residuals, prefixes, functions)``."""
        last = len(functions) - 1
        self._offer(rectangle.size, scores[:, :, last:], prefixes, middle, functions[last:])
        if last:
            self._offer(rectangle.size + 1, scores[:, :, :last], prefixes, middle, functions[:last])

    def _offer(
        self,
        size: int,
        scores: np.ndarray,
        prefixes: np.ndarray,
        middle: int,
        functions: np.ndarray,
    ) -> None:
        thresholds = self.thresholds[size - 1]
        for k in np.flatnonzero(scores.max(axis=(1, 2)) > thresholds).tolist():
            rows, columns = np.nonzero(scores[k] > thresholds[k])
            positions = np.empty((3, len(rows)), dtype=np.int64)
            positions[0], positions[1], positions[2] = prefixes[rows], middle, functions[columns]
            held = self.held[size, k]
            held.append((scores[k, rows, columns], positions))
            self.count[size, k] += len(rows)
            if self.count[size, k] > 4 * self.most:
                self._cut(size, k)
                thresholds[k] = max(thresholds[k], float(held[0][0].min()))

    def best(self, k: int) -> list[np.ndarray]:
        """Functions of the leading products of each size, best first."""
        found = []
        for size in range(1, self.products.degree + 1):
            self._cut(size, k)
            held = self.held[size, k]
            positions = held[0][1] if held else np.empty((3, 0), dtype=np.int64)
            found.append(self.products.at(size, positions))
        return found

    def _cut(self, size: int, k: int) -> None:
        held = self.held[size, k]
        if held:
            scores = np.concatenate([scores for scores, _ in held])
            positions = np.concatenate([positions for _, positions in held], axis=1)
            order = np.argsort(-scores, kind="stable")[: self.most]
            held[:] = [(scores[order], positions[:, order])]
            self.count[size, k] = len(order)
