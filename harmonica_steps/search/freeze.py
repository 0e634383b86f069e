"""Freezing: from a stage's scores to the restriction of the next one."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from harmonica_steps.config import Stage
from harmonica_steps.search.restriction import CANDIDATE, Candidate, Restriction
from harmonica_steps.search.samples import Samples
from harmonica_steps.space import Space, Value
from harmonica_steps.spectral import Basis, Recovery, Term, minimisers, recover


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

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the variables."""
        return ((CANDIDATE,) if self.several else ()) + self.restriction.free(self.space)

    def basis(self) -> Basis:
        """The functions of the variables."""
        free = self.restriction.free(self.space)
        sizes = [len(self.space.grids[name]) for name in free]
        ordered = [self.space.parameters[name].ordered for name in free]
        if self.several:
            return Basis([len(self.restriction.candidates), *sizes], [False, *ordered])
        return Basis(sizes, ordered)

    def levels(self, samples: Samples) -> np.ndarray:
        """Level indices of the variables, shape ``(samples, variables)``."""
        free = set(self.restriction.free(self.space))
        columns = [i for i, name in enumerate(self.space.names) if name in free]
        picked = samples.levels[:, columns]
        return np.column_stack([samples.candidate, picked]) if self.several else picked

    def value(self, variable: int, level: int) -> Value:
        """The user's value of a level of a variable (candidates are counted from 1)."""
        name = self.names[variable]
        return level + 1 if name == CANDIDATE else self.space.grids[name][level]

    def table(self, term: Term, levels: np.ndarray) -> np.ndarray:
        """What a term says about each combination of its variables, of which one is to be chosen.

        One that no sample has is taken to be as bad as the worst that some have: what the
        polynomial says there follows from nothing that was seen.
        """
        table = self.basis().set_table(term.members, term.coefficients)
        seen = np.zeros(table.shape, dtype=bool)
        seen[tuple(levels[:, v] for v in term.members)] = True
        return np.where(seen, table, table[seen].max())

    def prefers(self, term: Term, levels: np.ndarray) -> dict[str, Value]:
        """The setting of a term's variables that lowers the score most; ties as in `freeze`."""
        table = self.table(term, levels)
        ((best, _),) = minimisers([(tuple(range(table.ndim)), table)], table.shape, keep=1)
        return {self.names[v]: self.value(v, n) for v, n in zip(term.members, best, strict=True)}


def fit(
    design: Design,
    stage: Stage,
    levels: np.ndarray,
    scores: np.ndarray,
    thorough: bool = True,
) -> Recovery:
    """Recover the polynomial of the restricted objective, see `recover`.

    Parameters
    ----------
    design, stage
        The variables, and the settings of the stage.
    levels
        From `Design.levels`.
    scores : ndarray, shape (samples,)
        Finite; smaller is better.
    thorough
        See `recover`.
    """
    if not design.names:
        return Recovery.nothing(float(scores.mean()))
    degree = min(stage.degree, len(design.names))
    return recover(
        design.basis(), levels, scores, degree, stage.sparsity, stage.selection, thorough
    )


def freeze(
    design: Design, recovery: Recovery, levels: np.ndarray, keep: int, apart: int = 1
) -> Restriction:
    """The `keep` best assignments over the recovered support and the earlier candidates.

    Best by the sum of the terms; any two differ in at least `apart` parameters that a training is
    given. Ties are broken by a fixed rule, see `minimisers`. If nothing was recovered the
    restriction stays as it was.

    Parameters
    ----------
    design, recovery
        The variables, and what was recovered.
    levels
        Of the samples that it was recovered from, see `Design.table`.
    keep, apart
        Settings of the stage.
    """
    if not recovery.variables:
        return design.restriction
    unknown = [v for v in recovery.variables if design.names[v] != CANDIDATE]

    def assigned(choice: tuple[int, ...]) -> dict[str, Value]:
        start = design.restriction.candidates[choice[0] if design.several else 0]
        chosen = {
            **start.assignment,
            **{design.names[v]: design.value(v, choice[v]) for v in unknown},
        }
        return {name: chosen[name] for name in design.space.names if name in chosen}

    @cache
    def given(choice: tuple[int, ...]) -> set[tuple[str, int]]:
        assignment = assigned(choice)
        withheld = design.space.withheld(assignment)
        return {
            (name, design.space.level(name, value))
            for name, value in assignment.items()
            if name not in withheld
        }

    def differ(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
        return len({name for name, _ in given(one) ^ given(other)}) >= apart

    tables = [(term.members, design.table(term, levels)) for term in recovery.terms]
    if design.several:  # one of them is chosen, whether or not it matters
        tables.append(((0,), np.zeros(len(design.restriction.candidates))))
    best = minimisers(tables, design.basis().sizes, keep, differ)
    return Restriction(
        tuple(Candidate(assigned(choice), recovery.intercept + total) for choice, total in best)
    )


def with_incumbent(
    design: Design, recovery: Recovery, restriction: Restriction, samples: Samples
) -> Restriction:
    """The restriction, and one more candidate if none of its own leaves the best sample as it is.

    So the best training stays in the space. The polynomial describes averages over what is free,
    and its best assignment may exclude a better configuration that few samples are near.

    Parameters
    ----------
    design, recovery, samples
        What was frozen from; the scores are finite.
    restriction
        From `freeze`.
    """
    best = int(np.argmin(samples.scores))
    incumbent = design.space.decode(samples.levels[best])
    training = design.space.active(incumbent)
    for candidate in restriction.candidates:
        if design.space.active({**incumbent, **candidate.assignment}) == training:
            return restriction
    predicted = recovery.predict(design.basis(), design.levels(samples))[best]
    assignment = {name: incumbent[name] for name in restriction.frozen}
    added = Candidate(assignment, float(predicted))
    return Restriction((*restriction.candidates, added))
