"""The design of a stage's regression, and what was recovered in it."""

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np

from harmonica_steps.config import Stage
from harmonica_steps.search.restriction import CANDIDATE, Restriction
from harmonica_steps.search.samples import Samples
from harmonica_steps.space import Assigned, Region, Space
from harmonica_steps.spectral import Basis, Posterior, Recovery, Term, minimisers, recover
from harmonica_steps.spectral.minimise import Table
from harmonica_steps.spectral.recovery import origin_and_unit


@dataclass(frozen=True)
class Design:
    """The variables of a stage's regression: the candidate, if there are several, and what is free.

    With several candidates, the choice among them is one more categorical variable: whether one is
    better is asked like anything else, and parameters on which they disagree multiply free ones,
    which would otherwise act as noise.
    """

    space: Space
    restriction: Restriction

    @property
    def several(self) -> bool:
        """Whether the candidate is a variable."""
        return len(self.restriction.candidates) > 1

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the variables."""
        return ((CANDIDATE,) if self.several else ()) + self.restriction.free(self.space)

    @cached_property
    def regions(self) -> list[Region]:
        """What each candidate leaves of the space."""
        return self.restriction.regions(self.space)

    @cached_property
    def basis(self) -> Basis:
        """The functions of the variables."""
        sizes = self.regions[0].sizes()[self._columns].tolist()
        ordered = [self.space.parameters[self.space.names[c]].ordered for c in self._columns]
        if self.several:
            return Basis([len(self.regions), *sizes], [False, *ordered])
        return Basis(sizes, ordered)

    def levels(self, samples: Samples) -> np.ndarray:
        """Level indices of the variables, shape ``(samples, variables)``.

        A level of a narrowed parameter is relative to the interval of the sample's own candidate.
        """
        found = np.zeros(samples.points.shape, dtype=int)
        for number, region in enumerate(self.regions):
            own = samples.candidate == number
            found[own] = region.levels(samples.points[own])
        picked = found[:, self._columns]
        return np.column_stack([samples.candidate, picked]) if self.several else picked

    def candidate(self, choice: tuple[int, ...]) -> int:
        """Which candidate a choice of a level for each variable takes."""
        return choice[0] if self.several else 0

    def value(self, variable: int, level: int) -> Assigned:
        """The user's value, or interval, of a level of a variable (candidates count from 1)."""
        name = self.names[variable]
        return level + 1 if name == CANDIDATE else self.regions[0].cell(name, level)

    @cached_property
    def _columns(self) -> np.ndarray:
        free = set(self.restriction.free(self.space))
        return np.array([i for i, name in enumerate(self.space.names) if name in free], dtype=int)


@dataclass(frozen=True)
class Fit:
    """What was recovered from some samples."""

    design: Design
    recovery: Recovery
    levels: np.ndarray
    """Levels of the samples, shape ``(samples, variables)``."""
    scores: np.ndarray
    """Smaller is better, shape ``(samples,)``."""

    def table(self, term: Term) -> np.ndarray:
        """What a term says about each combination of its variables, one of which is to be chosen.

        One that no sample has is taken to be as bad as the worst that some have: what the
        polynomial says there follows from nothing that was seen.
        """
        table = self.design.basis.set_table(term.members, term.coefficients)
        seen = np.zeros(table.shape, dtype=bool)
        seen[tuple(self.levels[:, v] for v in term.members)] = True
        return np.where(seen, table, table[seen].max())

    def predicted(self, choice: tuple[int, ...]) -> float:
        """The polynomial at a level of every variable."""
        values = (self.table(t)[tuple(choice[v] for v in t.members)] for t in self.recovery.terms)
        return self.recovery.intercept + float(sum(values))

    def prefers(self, term: Term) -> dict[str, Assigned]:
        """The setting of a term's variables that is best for them, as `tables` says."""
        inside = [(members, t) for members, t in self.tables if {*members} <= {*term.members}]
        ((best, _),) = minimisers(inside, self.design.basis.sizes, keep=1)
        return {self.design.names[v]: self.design.value(v, best[v]) for v in term.members}

    @cached_property
    def tables(self) -> list[Table]:
        """What is to be minimised: the terms, and the smaller effects of their variables.

        A product of two switches has two equally good settings. Their own effects, too small for a
        test, are what the samples say about which is better; they are shrunk as chance would have
        it (see `Posterior`).
        """
        terms = [(term.members, self.table(term)) for term in self.recovery.terms]
        sets = self._smaller_sets()
        if not sets:
            return terms
        basis = self.design.basis
        features = basis.evaluate(self.levels)
        columns = np.concatenate([basis.set_columns(features, members) for members in sets]).T
        rest = self.scores - self.recovery.predict(basis, self.levels)
        mean, unit = origin_and_unit(rest)
        posterior = Posterior(columns, (rest - mean) / (unit or 1.0), np.ones(len(rest)))
        ends = np.cumsum([basis.width(members) for members in sets])[:-1]
        blocks = np.split(posterior.mean * unit, ends)
        return terms + [
            (members, basis.set_table(members, block))
            for members, block in zip(sets, blocks, strict=True)
        ]

    def _smaller_sets(self) -> list[tuple[int, ...]]:
        kept = {term.members for term in self.recovery.terms}
        found = {
            subset
            for members in kept
            for size in range(1, len(members))
            for subset in combinations(members, size)
        }
        return sorted(found - kept)


def fit(design: Design, stage: Stage, samples: Samples) -> Fit:
    """Recover the polynomial of the restricted objective, see `recover`.

    Parameters
    ----------
    design, stage
        The variables, and the settings of the stage.
    samples
        Each carries a candidate of the design and has a score.
    """
    levels = design.levels(samples)
    return Fit(design, refit(design, stage, levels, samples.scores), levels, samples.scores)


def refit(
    design: Design, stage: Stage, levels: np.ndarray, scores: np.ndarray, thorough: bool = True
) -> Recovery:
    """The recovery alone, of samples with these levels; `thorough` as in `recover`."""
    if not design.names:
        return Recovery.nothing(float(scores.mean()))
    degree = min(stage.degree, len(design.names))
    return recover(design.basis, levels, scores, degree, stage.sparsity, stage.selection, thorough)
