"""The products, or sets of variables, that correlate most with a residual."""

import numpy as np

from harmonica_steps.spectral.products import Block, Product, Products

Members = tuple[int, ...]
"""Variables of a set, increasing."""


Leading = tuple[list[Product], np.ndarray]
"""Products, best first, and the score of each."""


def leading_products(
    products: Products, residuals: np.ndarray, most: int, above: np.ndarray
) -> list[Leading]:
    """The products with the largest inner product with each residual.

    What leads is scored again in double precision. A bound on the rounding error of the first
    scores is subtracted from `above`, so that nothing is missed because of it.

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
    bars = above - rounding_error(products, residuals)
    leading = _scan(products, residuals, most, bars, whole_sets=False)
    results = []
    for sizes, residual, least in zip(leading, residuals, above, strict=True):
        found = sorted(tuple(row) for rows in sizes for row in rows.tolist())
        exact = np.abs((products.columns(found) * residual).sum(axis=1))
        order = [i for i in np.argsort(-exact, kind="stable") if exact[i] > least]
        order = order[:most]
        results.append(([found[i] for i in order], exact[order]))
    return results


def rounding_error(products: Products, residuals: np.ndarray) -> np.ndarray:
    """A bound on the error of each residual's scores in the precision of `products`."""
    largest = max(1.0, float(np.abs(products.features).max(initial=0.0))) ** products.degree
    unit = float(np.finfo(products.factors.dtype).eps) / 2
    error = largest * np.abs(residuals).sum(axis=1) * (residuals.shape[1] + 8) * unit
    return np.asarray(error)


def leading_sets(products: Products, residuals: np.ndarray, most: int) -> list[list[np.ndarray]]:
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
    list of list of ndarray
        For each residual and each size from 1 to the degree the sets, shape ``(sets, size)``, best
        first.
    """
    scale = np.linalg.norm(residuals, axis=1, keepdims=True)
    unit = residuals / np.where(scale, scale, 1.0)
    bars = np.full(len(residuals), -np.inf)
    # With one function a variable the order is that of the products, which is less work.
    several = bool((np.diff(products.starts) > 1).any())
    leading = _scan(products, unit, most, bars, whole_sets=several)
    return [[products.variable[found] for found in sizes] for sizes in leading]


def _scan(
    products: Products, residuals: np.ndarray, most: int, bars: np.ndarray, *, whole_sets: bool
) -> list[list[np.ndarray]]:
    """For each residual and size, the functions of the leading products or sets, best first.

    A set of variables is represented by its first functions.
    """
    residuals = residuals.astype(products.factors.dtype)
    found: list[list[np.ndarray]] = [[] for _ in residuals]
    for size in range(1, products.degree + 1):
        leaders = [_Leaders(most, float(bar)) for bar in bars]
        for block in products.blocks(size, whole_sets=whole_sets):
            read = _Sets(products, block) if whole_sets else _Singles(products, block)
            later = products.factors[block.first :]
            for residual, best in zip(residuals, leaders, strict=True):
                best.offer(read.scores((later * residual) @ block.values.T), read)
        for k, best in enumerate(leaders):
            stems = products.stems[size - 1].functions(best.stems)
            found[k].append(np.column_stack([stems, best.functions]))
    return found


class _Singles:
    """The products of a block on their own."""

    def __init__(self, products: Products, block: Block) -> None:
        self.stems = block.numbers
        self.functions = np.arange(block.first, len(products.features))
        self.absent: np.ndarray | None = None
        if block.ends[-1] > block.first:
            self.absent = self.functions[:, None] < block.ends

    def scores(self, inner: np.ndarray) -> np.ndarray:
        """Scores from inner products, shape ``(functions, stems)``; -inf for no product."""
        scores: np.ndarray = np.abs(inner, out=inner)
        if self.absent is not None:
            scores[self.absent] = -np.inf
        return scores


class _Sets:
    """The sets of variables of a block."""

    def __init__(self, products: Products, block: Block) -> None:
        borders = products.starts[np.searchsorted(products.starts, block.first) :]
        self.columns = np.flatnonzero(block.stems.open_sets(block.numbers))
        self.rows = borders[:-1] - block.first
        self.stems, self.functions = block.numbers[self.columns], borders[:-1]
        # Of sets with the same number of products the order is that of the power itself.
        self.alike = len(set(np.diff(products.starts).tolist())) == 1
        self.freedom = np.diff(borders)[:, None] * np.diff([*self.columns, len(block.values)])
        self.absent = self.functions[:, None] < block.ends[self.columns]

    def scores(self, inner: np.ndarray) -> np.ndarray:
        """Scores from inner products, shape ``(variables, sets of stems)``; -inf for no set."""
        power = np.add.reduceat(np.square(inner, out=inner), self.columns, axis=1)
        power = np.add.reduceat(power, self.rows, axis=0)
        scores = power if self.alike else _normal_score(power, self.freedom)
        scores[self.absent] = -np.inf
        return scores


def _normal_score(power: np.ndarray, freedom: np.ndarray) -> np.ndarray:
    spread = 2 / (9 * freedom)
    return np.asarray((np.cbrt(power / freedom) - (1 - spread)) / np.sqrt(spread))


class _Leaders:
    """The largest of many scores of one residual and size, above a bar that rises.

    Parameters
    ----------
    most
        How many are kept.
    bar
        Only what is larger.
    """

    def __init__(self, most: int, bar: float) -> None:
        self.most, self.bar = most, bar
        self.kept = np.empty(0)
        """Scores, largest first; ties in the order of stems and functions."""
        self.stems = np.empty(0, dtype=np.int64)
        self.functions = np.empty(0, dtype=np.int64)

    def offer(self, scores: np.ndarray, read: _Singles | _Sets) -> None:
        """Keep the best, of shape ``(functions, stems)``."""
        peaks = scores.max(axis=0)
        bar = self.bar
        if not len(self.kept) and len(peaks) > self.most:
            # So many stems have a product that is at least as good.
            least = np.partition(peaks, -self.most)[-self.most]
            bar = max(bar, float(np.nextafter(least, -np.inf, dtype=peaks.dtype)))
        high = np.flatnonzero(peaks > bar)
        if not len(high):
            return
        rows, columns = np.nonzero(scores[:, high] > bar)
        columns = high[columns]
        kept = np.concatenate([self.kept, scores[rows, columns]])
        stems = np.concatenate([self.stems, read.stems[columns]])
        functions = np.concatenate([self.functions, read.functions[rows]])
        order = np.lexsort((functions, stems, -kept))[: self.most]
        self.kept, self.stems, self.functions = kept[order], stems[order], functions[order]
        if len(order) == self.most:
            self.bar = max(self.bar, float(self.kept[-1]))
