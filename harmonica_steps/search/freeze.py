"""Freezing: from a stage's scores to the restriction of the next one."""

from dataclasses import dataclass

import numpy as np

from harmonica_steps.config import Stage
from harmonica_steps.search.restriction import CANDIDATE, Candidate, Restriction
from harmonica_steps.search.samples import Samples
from harmonica_steps.space import Space, Value
from harmonica_steps.spectral import Basis, Recovery, Term, minimisers, recover


@dataclass(frozen=True)
class Design:
    """The variables of a stage's regression: the candidate, if there are several, and what is free.

    With several candidates, the choice among them is one more categorical variable: parameters on
    which the candidates disagree multiply free ones, which would otherwise act as noise.
    """

    space: Space
    restriction: Restriction
    comparable: bool = True
    """Whether the earlier predictions are on this stage's scale: not of ranks, nor after another
    training."""

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

    def levels(self, candidate: np.ndarray, levels: np.ndarray) -> np.ndarray:
        """Level indices of the variables, from those of all parameters."""
        free = set(self.restriction.free(self.space))
        columns = [i for i, name in enumerate(self.space.names) if name in free]
        picked = levels[:, columns]
        return np.column_stack([candidate, picked]) if self.several else picked

    def offset(self) -> np.ndarray:
        """What the earlier stages predict for each candidate, shape ``(candidates,)``.

        Zero where that is not comparable, or a person has edited it away.
        """
        predicted = [candidate.predicted for candidate in self.restriction.candidates]
        if not self.comparable or any(value is None for value in predicted):
            return np.zeros(len(predicted))
        return np.array(predicted, dtype=float)

    def value(self, variable: int, level: int) -> Value:
        """The user's value of a level of a variable (candidates are counted from 1)."""
        name = self.names[variable]
        return level + 1 if name == CANDIDATE else self.space.grids[name][level]

    def prefers(self, term: Term) -> dict[str, Value]:
        """The setting of a term's variables that lowers the score most."""
        table = self.basis().set_table(term.members, term.coefficients)
        best = np.unravel_index(int(np.argmin(table)), table.shape)
        return {
            self.names[v]: self.value(v, int(level))
            for v, level in zip(term.members, best, strict=True)
        }


def residuals(design: Design, samples: Samples) -> tuple[np.ndarray, np.ndarray]:
    """What is left for a stage to explain.

    Parameters
    ----------
    design
        The stage's variables.
    samples
        With finite scores.

    Returns
    -------
    levels : ndarray, shape (samples, variables)
        Of the design's variables.
    residual : ndarray, shape (samples,)
        The score less what the earlier stages predict for the sample's candidate, so that the new
        terms describe what is left.
    """
    residual = samples.scores - design.offset()[samples.candidate]
    return design.levels(samples.candidate, samples.levels), residual


def fit(
    design: Design,
    stage: Stage,
    levels: np.ndarray,
    residual: np.ndarray,
    thorough: bool = True,
) -> Recovery:
    """Recover the polynomial of the restricted objective, see `residuals` and `recover`."""
    if not design.names:
        return Recovery.nothing(float(residual.mean()))
    degree = min(stage.degree, len(design.names))
    return recover(
        design.basis(), levels, residual, degree, stage.sparsity, stage.selection, thorough
    )


def freeze(design: Design, recovery: Recovery, keep: int, apart: int = 1) -> Restriction:
    """The `keep` best assignments over the recovered support and the earlier candidates.

    Any two differ in at least `apart` parameters. Best by the sum of what the earlier stages
    predict for the candidate and the new terms. Ties are broken by a fixed rule, see `minimisers`.
    If nothing was recovered the restriction stays as it was.
    """
    if not recovery.variables:
        return design.restriction
    basis = design.basis()
    several = design.several
    unknown = [v for v in recovery.variables if design.names[v] != CANDIDATE]
    earlier = [tuple(c.assignment.values()) for c in design.restriction.candidates]

    def differ(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
        before = zip(earlier[one[0]], earlier[other[0]], strict=True) if several else ()
        distance = sum(a != b for a, b in before) + sum(one[v] != other[v] for v in unknown)
        return distance >= apart

    tables = [
        (term.members, basis.set_table(term.members, term.coefficients)) for term in recovery.terms
    ]
    offset = design.offset()
    floor = float(offset.min())
    if several:
        tables.append(((0,), offset - floor))
    candidates = []
    for assignment, total in minimisers(tables, basis.sizes, keep, differ if apart > 1 else None):
        start = design.restriction.candidates[assignment[0] if several else 0]
        chosen = dict(start.assignment)
        for v in unknown:
            chosen[design.names[v]] = design.space.grids[design.names[v]][assignment[v]]
        ordered = {name: chosen[name] for name in design.space.names if name in chosen}
        candidates.append(Candidate(ordered, recovery.intercept + floor + total))
    return Restriction(tuple(candidates))


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
    at = slice(best, best + 1)
    levels = design.levels(samples.candidate[at], samples.levels[at])
    (predicted,) = recovery.predict(design.basis(), levels)
    added = Candidate(
        {name: incumbent[name] for name in restriction.frozen},
        float(predicted + design.offset()[samples.candidate[best]]),
    )
    return Restriction((*restriction.candidates, added))
