"""Polynomial sparse recovery (PSR, arXiv 1706.00764, algorithm 1): which terms explain the scores.

Sets of variables are proposed, kept where chance does not explain them, and refitted together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from math import log

import numpy as np

from harmonica_steps.spectral.basis import Basis
from harmonica_steps.spectral.leaders import Members
from harmonica_steps.spectral.products import count_products
from harmonica_steps.spectral.regression import Regression
from harmonica_steps.spectral.selection import SELECTIONS, Selection, penalty
from harmonica_steps.spectral.significance import (
    Limits,
    Propose,
    Verdict,
    before_chance,
    significant,
)

FEWEST = 10
"""Samples below which nothing can be said."""


@dataclass(frozen=True)
class Term:
    """The joint effect of a set of variables."""

    members: Members
    coefficients: np.ndarray
    """One for each product of the set, in the order of `Basis.set_columns`."""
    share: float
    """Share of the variance: those of all recovered terms add up to `Recovery.r2`, see
    `Regression.shares`; that of a rejected term is what it would add."""
    standard_error: float
    """Standard error of the weight, to first order, as if the set had not been selected."""
    log_p: float
    """Natural logarithm of the p-value that decided, corrected for everything that was looked at:
    a recovered term has at most `significance.ERROR_RATE`, a rejected one more."""

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
    products: int
    """Number of products that were searched."""
    r2: float
    """Share of the variance that the terms explain on the samples they were fitted to."""
    alpha: float | None = None
    """The Lasso penalty in scikit-learn's convention, if the Lasso has proposed the terms."""
    least_log_p: float = -np.inf
    """What permutations say of everything that is in no term, where they were asked."""
    variables: tuple[int, ...] = field(init=False)
    """The variables that the terms mention (J of the paper), increasing."""

    def __post_init__(self) -> None:
        mentioned = sorted({v for term in self.terms for v in term.members})
        object.__setattr__(self, "variables", tuple(mentioned))

    @classmethod
    def nothing(cls, intercept: float, products: int = 0) -> "Recovery":
        """A recovery without terms."""
        return cls([], intercept, [], products=products, r2=0.0)

    def predict(self, basis: Basis, levels: np.ndarray) -> np.ndarray:
        """The polynomial at level indices of shape ``(samples, variables)``."""
        prediction = np.full(len(levels), self.intercept)
        for term in self.terms:
            table = basis.set_table(term.members, term.coefficients)
            prediction += table[tuple(levels[:, v] for v in term.members)]
        return prediction


def recover(
    basis: Basis,
    levels: np.ndarray,
    scores: np.ndarray,
    degree: int,
    sparsity: int,
    selection: str = "beam",
    thorough: bool = True,
) -> Recovery:
    """Find the terms of a sparse low-degree polynomial that explain the scores.

    Everything is relative to the spread of the scores, so that their unit and origin do not matter.

    Parameters
    ----------
    basis
        The functions of the variables.
    levels : ndarray of int, shape (samples, variables)
        Uniformly drawn level indices.
    scores : ndarray of shape (samples,)
        What the trainings returned, finite; smaller is better. At least 10.
    degree
        Largest number of variables in a term.
    sparsity
        Largest number of terms (s of the paper).
    selection
        How terms are proposed: ``beam`` (see `selection.beam`) or ``lasso``, the paper's rule (see
        `selection.lasso`). The same test decides what is kept, see `significance.significant`.
    thorough
        Search again, at several times the cost, if nothing beats chance at first; and where the
        F test is doubtful (few or extreme scores), demand that permuted scores do worse, too.

    Returns
    -------
    Recovery
        Without terms where the scores are constant or no better than noise.

    Raises
    ------
    ValueError
        When an argument is out of its range, or the shapes do not agree.
    """
    scores = np.asarray(scores, dtype=float)
    _check(basis, levels, scores, degree, sparsity, selection)
    products = count_products(np.diff(basis.starts), degree)
    intercept, spread = origin_and_unit(scores)
    if not spread:
        return Recovery.nothing(intercept, products)
    regression = Regression(basis, levels, (scores - intercept) / spread)
    limits = Limits(len(basis.sizes), degree, sparsity)
    ways = [partial(_proposed, select, limits) for select in SELECTIONS[selection]]
    convincing, propose = _first_convincing(regression, ways if thorough else ways[:1], limits)
    verdict = before_chance(regression, convincing, propose, limits) if thorough else convincing
    refuted = len(verdict.kept) < len(convincing.kept)
    kept = verdict.kept
    fit = regression.solve(kept)
    terms = [
        Term(members, block * spread, share, error * spread, verdict.log_p[members])
        for members, block, share, error in zip(
            kept, fit.blocks, regression.shares(kept), fit.errors, strict=True
        )
    ]
    refused = [
        _added(regression, spread, kept, members, log_p)
        for members, log_p in verdict.log_p.items()
        if members not in kept
    ]
    return Recovery(
        sorted(terms, key=lambda term: -abs(term.weight)),
        intercept + fit.intercept * spread,
        sorted(refused, key=lambda term: term.log_p),
        products=products,
        r2=1.0 - fit.rss / len(scores),
        alpha=penalty(products, len(scores)) * spread if selection == "lasso" else None,
        least_log_p=max(verdict.log_p.values()) if refuted else -np.inf,
    )


def _proposed(select: Selection, limits: Limits, to_explain: Regression) -> list[Members]:
    return select(to_explain, limits.degree, limits.sparsity)


def _first_convincing(
    regression: Regression, ways: Sequence[Propose], limits: Limits
) -> tuple[Verdict, Propose]:
    """What the first way of proposing terms that finds any has found, and that way.

    Another one after it would be another chance for chance.
    """
    way, *others = ways
    verdict = significant(regression, way(regression), limits)
    if verdict.kept or not others:
        return verdict, way
    return _first_convincing(regression, others, limits)


def single_effects(
    basis: Basis, levels: np.ndarray, scores: np.ndarray, recovery: Recovery
) -> list[Term]:
    """The effect of each variable that is in no term, added to the terms on its own.

    Its p-value is corrected for the number of variables, and at least that of what was rejected.

    Parameters
    ----------
    basis, levels, scores
        What `recover` has worked on.
    recovery
        What it returned.
    """
    intercept, spread = origin_and_unit(scores)
    if not spread:
        return []
    regression = Regression(basis, levels, (scores - intercept) / spread)
    kept = [term.members for term in recovery.terms]
    decided = {term.members: term.log_p for term in recovery.rejected}
    others = [(v,) for v in range(len(basis.sizes)) if v not in recovery.variables]
    found = []
    for members in others:
        log_p = regression.log_p(kept, [*kept, members]) + log(len(others))
        log_p = decided.get(members, min(max(log_p, recovery.least_log_p), 0.0))
        found.append(_added(regression, spread, kept, members, log_p))
    return found


def _added(
    regression: Regression, spread: float, kept: list[Members], members: Members, log_p: float
) -> Term:
    larger = regression.solve([*kept, members])
    share = max(regression.rss(tuple(kept)) - larger.rss, 0.0) / regression.samples
    block, error = larger.blocks[-1] * spread, larger.errors[-1] * spread
    return Term(members, block, share, error, log_p)


def origin_and_unit(scores: np.ndarray) -> tuple[float, float]:
    """Mean and standard deviation, of any size; the latter 0 where it is all rounding error."""
    size = float(np.abs(scores).max()) or 1.0
    spread = float((scores / size).std()) * size  # squares of huge scores would overflow
    mean = float((scores / size).mean()) * size
    # A constant score leaves rounding errors of its own size as its spread.
    return mean, spread if spread > 1e-12 * max(abs(mean), 1e-300) else 0.0


def _check(
    basis: Basis,
    levels: np.ndarray,
    scores: np.ndarray,
    degree: int,
    sparsity: int,
    selection: str,
) -> None:
    variables = len(basis.sizes)
    if levels.shape != (len(scores), variables):
        raise ValueError(
            f"levels has shape {levels.shape}, but there are {len(scores)} scores and "
            f"{variables} variables"
        )
    if len(scores) < FEWEST:
        raise ValueError(f"scores has {len(scores)} entries, must have at least {FEWEST}")
    if not np.isfinite(scores).all():
        raise ValueError("scores must be finite")
    if not 1 <= degree <= variables:
        raise ValueError(f"degree is {degree}, must be from 1 to {variables}, that of variables")
    if sparsity < 1:
        raise ValueError(f"sparsity is {sparsity}, must be at least 1")
    if selection not in SELECTIONS:
        raise ValueError(f"selection is {selection!r}, must be one of {', '.join(SELECTIONS)}")
