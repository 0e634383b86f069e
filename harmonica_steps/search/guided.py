"""Guided samples: drawn as often as each choice is likely to be best, given all that was trained.

Three sources of knowledge meet. Terms that the sparse recovery finds; the main effects of all
parameters, tested or not, as a Gaussian posterior; and the best trainings themselves. A sample
draws coefficients from what is known of them (Thompson sampling) and takes the best choice under
these: a certain effect is nearly frozen, a doubtful one is not. Part of the samples are children of
the best trainings instead, which know of interactions that no polynomial of low degree describes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from harmonica_steps.search.restriction import Restriction
from harmonica_steps.search.samples import Samples, normal_scores, pooled
from harmonica_steps.space import Region, Space
from harmonica_steps.spectral import Basis, Posterior, Recovery, minimisers, recover
from harmonica_steps.spectral.basis import contrasts
from harmonica_steps.spectral.minimise import Table
from harmonica_steps.spectral.recovery import FEWEST

GUIDED = "guided"
"""Origin of a sample that was drawn from the posterior."""
CHILD = "child"
"""Origin of a sample that two of the best trainings were crossed for."""

CELLS = 8
"""Cells of the interval of a number."""
CURVES = 2
"""Functions of such an interval: a slope and a curvature."""
MEMORY = 2
"""Rounds whose samples count wherever they are; older ones only inside the present intervals."""
STRESS = 0.5
"""How much more a better training weighs: its weight is ``exp(-STRESS * score)``."""
DEGREE, SPARSITY = 2, 5
"""Of the sparse recovery."""
PARENTS = 20
"""The best trainings, which have children."""
CHILDREN = 0.5
"""Share of children."""
MUTATION = 0.02
"""Least probability with which a parameter is drawn uniformly; else it is one a sample."""
TAIL = 0.05
"""Share of the draws beyond each end of the next interval."""
NARROWEST = 1e-3
"""Width of the smallest interval, as a share of the range."""


@dataclass(frozen=True)
class Proposal:
    """A guided sample."""

    point: np.ndarray
    origin: str


class Guide:
    """What is known before a part, ready to draw samples from.

    Parameters
    ----------
    space
        The search space.
    rounds
        Trainings of the same kind, round by round, the earliest first. A failure counts as the
        worst that was seen.
    within
        What samples are restricted to, if they are.

    Raises
    ------
    ValueError
        When no training has a score.
    """

    def __init__(
        self, space: Space, rounds: Sequence[Samples], within: Restriction | None = None
    ) -> None:
        self._space = space
        self._within = within.regions(space) if within and within.assigned else []
        rounds = [_failures_worst(found, rounds) for found in rounds]
        self.region = _intervals(space, rounds)
        everything = pooled(rounds)
        age = np.repeat(np.arange(len(rounds))[::-1], [len(found.scores) for found in rounds])
        inside = (self.region.contains(everything.points) | ~space.numeric).all(axis=1)
        self._used = everything.where((age < MEMORY) | inside)
        self._parents = _best(everything)

    def propose(self, rng: np.random.Generator) -> Proposal:
        """Draw one sample."""
        point, origin = self._thompson(rng), GUIDED
        if len(self._parents) > 1 and rng.random() < CHILDREN:
            one, other = rng.choice(len(self._parents), 2, replace=False)
            mixed = rng.random(len(point)) < 0.5
            point, origin = np.where(mixed, self._parents[one], self._parents[other]), CHILD
        changed = rng.random(len(point)) < max(MUTATION, 1 / len(point))
        point = np.where(changed, self._uniform(rng), point)
        return Proposal(self._confined(point, rng), origin)

    def changed(self, proposal: Proposal, rng: np.random.Generator) -> Proposal:
        """The same with one parameter changed."""
        point = proposal.point.copy()
        column = rng.integers(len(point))
        point[column] = self._uniform(rng)[column]
        return Proposal(self._confined(point, rng), proposal.origin)

    def neighbour(self, rng: np.random.Generator) -> Proposal:
        """One of the best trainings with one parameter changed."""
        point = self._parents[min(rng.geometric(0.3) - 1, len(self._parents) - 1)]
        return self.changed(Proposal(point, CHILD), rng)

    @cached_property
    def _scores(self) -> np.ndarray:
        return normal_scores(self._used.scores)

    @cached_property
    def _levels(self) -> np.ndarray:
        return self.region.levels(self._used.points, CELLS)

    @cached_property
    def _varying(self) -> list[int]:
        """Columns in which the samples differ."""
        return [j for j, column in enumerate(self._levels.T) if (column != column[0]).any()]

    @cached_property
    def _basis(self) -> Basis:
        sizes = self.region.sizes(CELLS)
        ordered = [parameter.ordered for parameter in self._space.parameters.values()]
        return Basis([sizes[j] for j in self._varying], [ordered[j] for j in self._varying])

    @cached_property
    def terms(self) -> Recovery:
        """What the sparse recovery finds."""
        scores, varying = self._scores, self._varying
        if not varying or len(scores) < FEWEST:
            return Recovery.nothing(float(scores.mean()))
        degree, sparsity = min(DEGREE, len(varying)), min(SPARSITY, len(scores) // 2)
        levels = self._levels[:, varying]
        return recover(self._basis, levels, scores, degree, sparsity, thorough=False)

    @cached_property
    def _functions(self) -> list[np.ndarray]:
        """The functions of every parameter, at each of its levels."""
        sizes = self.region.sizes(CELLS).tolist()
        kinds = zip(self._space.parameters.values(), sizes, strict=True)
        found = [contrasts(size, p.ordered) if size > 1 else np.empty((0, 1)) for p, size in kinds]
        return [
            functions[:CURVES] if numeric else functions
            for functions, numeric in zip(found, self._space.numeric, strict=True)
        ]

    @cached_property
    def effects(self) -> Posterior:
        """What is known of all main effects, beside the terms."""
        levels, scores = self._levels, self._scores
        weights = np.exp(-STRESS * scores)
        weights *= len(weights) / weights.sum()
        columns = [f[:, levels[:, j]] for j, f in enumerate(self._functions)]
        terms = self.terms
        explained = np.average(scores, weights=weights)
        if terms.terms:
            explained = terms.predict(self._basis, levels[:, self._varying])
        return Posterior(np.concatenate(columns).T, scores - explained, weights)

    @cached_property
    def _ends(self) -> np.ndarray:
        return np.cumsum([len(functions) for functions in self._functions])[:-1]

    def _thompson(self, rng: np.random.Generator) -> np.ndarray:
        """The best point under coefficients drawn from what is known of them."""
        blocks = np.split(self.effects.draw(rng), self._ends)
        effects = [b @ functions for b, functions in zip(blocks, self._functions, strict=True)]
        levels = np.array([int(np.argmin(effect)) for effect in effects])
        if mentioned := self.terms.variables:
            tables: list[Table] = [((v,), effects[self._varying[v]]) for v in mentioned]
            for term in self.terms.terms:
                error = term.standard_error / np.sqrt(len(term.coefficients))
                drawn = term.coefficients + error * rng.standard_normal(len(term.coefficients))
                tables.append((term.members, self._basis.set_table(term.members, drawn)))
            ((best, _),) = minimisers(tables, self._basis.sizes, 1)
            for v in mentioned:
                levels[self._varying[v]] = best[v]
        inside = (levels + rng.random(len(levels))) / CELLS
        width = self.region.high - self.region.low
        return np.where(self._space.numeric, self.region.low + inside * width, levels)

    def _uniform(self, rng: np.random.Generator) -> np.ndarray:
        count = len(self._space)
        return self.region.uniform(rng.integers(self._space.sizes), rng.random(count))

    def _confined(self, point: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The point, moved into the part of the restriction that it is nearest to."""
        if not self._within:
            return point
        wrong = [int((~region.contains(point)).sum()) for region in self._within]
        region = self._within[int(np.argmin(wrong))]
        moved = region.uniform(rng.integers(self._space.sizes), rng.random(len(point)))
        return np.where(region.contains(point), point, moved)


def _failures_worst(found: Samples, rounds: Sequence[Samples]) -> Samples:
    scores = np.concatenate([r.scores for r in rounds])
    if np.isnan(scores).all():
        raise ValueError("no training has a score")
    return found._replace(scores=np.where(np.isnan(found.scores), np.nanmax(scores), found.scores))


def _intervals(space: Space, rounds: Sequence[Samples]) -> Region:
    """Where the numbers of guided samples are drawn.

    After each round that is where most of its guided samples were, one cell wider on each side: so
    an interval shrinks, and moves, as its inside says.
    """
    region = Region.whole(space)
    low, high = region.low.copy(), region.high.copy()
    for found in rounds:
        guided = found.points[~found.uniform]
        if len(guided) < FEWEST:
            continue
        margin = (high - low) / CELLS
        start, stop = np.quantile(guided, [TAIL, 1 - TAIL], axis=0)
        start, stop = np.maximum(start - margin, 0.0), np.minimum(stop + margin, 1.0)
        middle, half = (start + stop) / 2, np.maximum((stop - start) / 2, NARROWEST / 2)
        # To a grid: the last bits of sums may differ between processors.
        start, stop = (np.round(end * 2**20) / 2**20 for end in (middle - half, middle + half))
        low = np.where(space.numeric, np.maximum(start, 0.0), low)
        high = np.where(space.numeric, np.minimum(stop, 1.0), high)
    return Region(space, low, high)


def _best(samples: Samples) -> np.ndarray:
    """The best points, all different, best first."""
    order = np.argsort(samples.scores, kind="stable")
    seen: dict[bytes, np.ndarray] = {}
    for index in order:
        point = samples.points[index]
        seen.setdefault(point.tobytes(), point)
        if len(seen) == PARENTS:
            break
    return np.array(list(seen.values()))
