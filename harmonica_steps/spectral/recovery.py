"""Polynomial sparse recovery (PSR, arXiv 1706.00764, algorithm 1): which terms explain the scores.

The Lasso over all products proposes the `sparsity` largest sets of variables, as in the paper; a
least-squares refit gives their sizes; and a set is kept only where chance does not explain it.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from math import comb, log

import numpy as np
from scipy.stats import f as f_distribution

from harmonica_steps.spectral.basis import Basis
from harmonica_steps.spectral.lasso import product_lasso
from harmonica_steps.spectral.products import count_products, count_sets

ERROR_RATE = 0.05
"""Probability of keeping anything at all when the scores are independent of every variable."""

Members = tuple[int, ...]


@dataclass(frozen=True)
class Term:
    """The joint effect of a set of variables."""

    members: Members
    coefficients: np.ndarray
    """One for each product of the set, in the order of `Basis.set_columns`."""
    log_p: float
    """Natural logarithm of the p-value of the F test against the fit without this term,
    multiplied by the number of sets of the same size (Bonferroni)."""

    @property
    def weight(self) -> float:
        """The coefficient of a single product; otherwise the root of the summed squares."""
        if len(self.coefficients) == 1:
            return float(self.coefficients[0])
        return float(np.linalg.norm(self.coefficients))


@dataclass(frozen=True)
class Recovery:
    """What was recovered, and what was looked at and refused."""

    terms: list[Term]
    """Largest first."""
    intercept: float
    rejected: list[Term]
    """Proposed, but no better than chance."""
    alpha: float
    """The Lasso penalty in scikit-learn's convention."""
    products: int
    """Number of products that were searched."""
    r2: float
    """Share of the variance that the terms explain on the samples they were fitted to."""
    variables: tuple[int, ...] = field(init=False)
    """The variables that the terms mention (J of the paper), increasing."""

    def __post_init__(self) -> None:
        mentioned = sorted({v for term in self.terms for v in term.members})
        object.__setattr__(self, "variables", tuple(mentioned))

    def predict(self, basis: Basis, levels: np.ndarray) -> np.ndarray:
        """The polynomial at level indices of shape ``(samples, variables)``."""
        prediction = np.full(len(levels), self.intercept)
        for term in self.terms:
            table = basis.set_table(term.members, term.coefficients)
            prediction += table[tuple(levels[:, v] for v in term.members)]
        return prediction


def recover(
    basis: Basis, levels: np.ndarray, scores: np.ndarray, degree: int, sparsity: int
) -> Recovery:
    """Find the terms of a sparse low-degree polynomial that explain the scores.

    Everything is relative to the spread of the scores, so that their unit and origin do not matter.
    The penalty is ``alpha = sd(y) sqrt(log N / (2 T))``, half the universal threshold, where N is
    the number of products and T that of samples: on the scale of the theory, and low enough that
    strong terms, which are part of sd(y), do not hide each other.

    A group of sets enters together if its F test passes ``ERROR_RATE`` after a union bound over
    all groups with as many sets of each size; a single set stays if its own F test passes after a
    Bonferroni correction for all sets of its size. Sets of more variables pay for their larger
    number. For independent Gaussian errors the chance of keeping anything from pure noise is at
    most ``ERROR_RATE``.

    Parameters
    ----------
    basis
        The functions of the variables.
    levels : ndarray of int, shape (samples, variables)
        Uniformly drawn level indices.
    scores : ndarray of shape (samples,)
        What the trainings returned, finite; smaller is better.
    degree
        Largest number of variables in a term, 1 to 3.
    sparsity
        Largest number of terms (s of the paper).

    Returns
    -------
    Recovery

    Raises
    ------
    ValueError
        When the scores are not finite or the shapes do not agree.
    """
    scores = np.asarray(scores, dtype=float)
    if levels.shape != (len(scores), len(basis.sizes)):
        raise ValueError(f"levels has shape {levels.shape}, scores has {len(scores)} entries")
    if not np.isfinite(scores).all():
        raise ValueError("scores must be finite")
    samples = len(scores)
    counts = np.diff(basis.starts)
    products = count_products(counts, degree)
    size = float(np.abs(scores).max(initial=0.0)) or 1.0
    spread = float((scores / size).std()) * size  # squares of huge scores would overflow
    intercept = float((scores / size).mean()) * size if samples else 0.0
    # A constant score leaves rounding errors of its own size as its spread.
    if samples < 3 or products == 0 or spread <= 1e-12 * max(abs(intercept), 1e-300):
        return Recovery([], intercept, [], alpha=0.0, products=products, r2=0.0)

    standard = (scores - intercept) / spread
    alpha = float(np.sqrt(log(max(products, 2)) / (2 * samples)))
    features = basis.evaluate(levels)
    fit = _Refit(basis, features, standard)
    proposed = fit.largest_first(
        _proposals(basis, features, standard, degree, alpha, sparsity, fit)
    )
    kept = _prune(fit, _enter(fit, proposed, len(basis.sizes), degree, sparsity), degree)
    refused = [members for members in proposed if members not in kept]
    constant, blocks, rss = fit.solve(kept)
    terms = [
        Term(members, block * spread, fit.drop_log_p(kept, members))
        for members, block in zip(kept, blocks, strict=True)
    ]
    rejected = [
        Term(members, fit.solve([*kept, members])[1][-1] * spread, fit.add_log_p(kept, members))
        for members in refused
    ]
    terms.sort(key=lambda term: -abs(term.weight))
    return Recovery(
        terms,
        intercept + constant * spread,
        rejected,
        alpha=alpha * spread,
        products=products,
        r2=1.0 - rss / samples,
    )


class _Refit:
    """Ordinary least squares on the columns of whole sets."""

    def __init__(self, basis: Basis, features: np.ndarray, target: np.ndarray) -> None:
        self.basis, self.features, self.target = basis, features, target
        self.samples = len(target)

    def width(self, members: Members) -> int:
        """Number of columns of a set."""
        return int(np.prod([len(self.basis.tables[v]) for v in members]))

    def solve(self, sets: list[Members]) -> tuple[float, list[np.ndarray], float]:
        """Intercept, the coefficients of each set, and the residual sum of squares."""
        columns = [np.ones((1, self.samples))]
        columns += [self.basis.set_columns(self.features, members) for members in sets]
        design = np.concatenate(columns).T
        solution = np.linalg.lstsq(design, self.target, rcond=None)[0]
        residual = self.target - design @ solution
        ends = np.cumsum([self.width(members) for members in sets])
        blocks = np.split(solution[1:], ends)[: len(sets)]
        return float(solution[0]), blocks, float(residual @ residual)

    def largest_first(self, sets: list[Members]) -> list[Members]:
        """The sets in the order of their size in a joint fit."""
        _, blocks, _ = self.solve(sets)
        order = np.argsort([-np.linalg.norm(block) for block in blocks], kind="stable")
        return [sets[i] for i in order]

    def log_p(self, smaller: list[Members], larger: list[Members]) -> float:
        """Logarithm of the p-value of the F test of `larger` against its part `smaller`."""
        few = sum(self.width(members) for members in smaller)
        many = sum(self.width(members) for members in larger)
        freedom = self.samples - 1 - many
        if freedom < 1 or many == few:
            return 0.0
        rss_small, rss_large = self.solve(smaller)[2], self.solve(larger)[2]
        if rss_large <= 1e-20 * self.samples:
            return -np.inf if rss_small > rss_large else 0.0
        statistic = (rss_small - rss_large) / (many - few) / (rss_large / freedom)
        return float(f_distribution.logsf(max(statistic, 0.0), many - few, freedom))

    def _family(self, members: Members) -> float:
        return log(count_sets(len(self.basis.sizes), len(members)))

    def drop_log_p(self, sets: list[Members], members: Members) -> float:
        """Corrected log p-value of one of the sets, given the others."""
        others = [other for other in sets if other != members]
        return min(self.log_p(others, sets) + self._family(members), 0.0)

    def add_log_p(self, sets: list[Members], members: Members) -> float:
        """Corrected log p-value of one more set."""
        return min(self.log_p(sets, [*sets, members]) + self._family(members), 0.0)


def _proposals(
    basis: Basis,
    features: np.ndarray,
    standard: np.ndarray,
    degree: int,
    alpha: float,
    sparsity: int,
    fit: _Refit,
) -> list[Members]:
    """The sets with the largest Lasso coefficients, at most `sparsity`; zeros never count."""
    lasso = product_lasso(features, basis.starts, basis.variable, standard, degree, alpha)
    power: dict[Members, float] = defaultdict(float)
    for product, coefficient in lasso.items():
        power[tuple(int(basis.variable[row]) for row in product)] += coefficient**2
    chosen: list[Members] = []
    room = len(standard) // 2
    for members in sorted(power, key=lambda members: (-power[members], members)):
        if len(chosen) < sparsity and fit.width(members) <= room:
            chosen.append(members)
            room -= fit.width(members)
    return chosen


def _enter(
    fit: _Refit, proposed: list[Members], variables: int, degree: int, sparsity: int
) -> list[Members]:
    """Grow the model along `proposed` by the most convincing leap, as long as one convinces."""
    kinds = comb(sparsity + degree, degree)  # how many numbers of sets of each size there are
    kept = 0
    while kept < len(proposed):
        leaps = []
        for end in range(kept + 1, len(proposed) + 1):
            sizes = Counter(len(members) for members in proposed[kept:end])
            ways = sum(log(comb(count_sets(variables, size), n)) for size, n in sizes.items())
            leaps.append((fit.log_p(proposed[:kept], proposed[:end]) + ways, end))
        evidence, end = min(leaps)
        if evidence + log(kinds) > log(ERROR_RATE):
            break
        kept = end
    return proposed[:kept]


def _prune(fit: _Refit, kept: list[Members], degree: int) -> list[Members]:
    """Drop what came in as a passenger of stronger sets, weakest first."""
    while kept:
        evidence = [fit.drop_log_p(kept, members) for members in kept]
        weakest = int(np.argmax(evidence))
        if evidence[weakest] + log(degree) <= log(ERROR_RATE):
            break
        kept = kept[:weakest] + kept[weakest + 1 :]
    return kept
