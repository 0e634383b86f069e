"""Guided samples: drawn as often as each choice is likely to be best, given all that was trained.

There are three kinds. A *guided* sample draws coefficients from what is known of them (Thompson
sampling) and takes the best choice under these: of the terms that the sparse recovery finds, and of
the main effects of all parameters, tested or not, as a Gaussian posterior. So a certain effect is
nearly frozen, and a doubtful one is not. A *child* crosses two of the best trainings, and a
*mutant* changes one of them: these know of interactions that no polynomial of low degree describes.
Each kind is used as often as it has lately brought trainings that are among the best.
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

GUIDED, CHILD, MUTANT = "guided", "child", "mutant"
"""Origins of the samples of each kind."""
SUCCESS = {GUIDED: 0.10, CHILD: 0.10, MUTANT: 0.05}
"""Share of a kind's samples that is expected among the best before it was tried ..."""
EXPECTED = 100
"""... and the number of samples that the expectation counts for."""
LEAST = 0.1
"""Share of each kind, at least."""

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
"""The best trainings, which others are made of."""
CHANGES = {GUIDED: 1, CHILD: 1, MUTANT: 3}
"""Parameters of a sample that are drawn uniformly, on average."""
MUTATION = 0.02
"""Least probability of that for each parameter."""
FAVOUR = 0.2
"""Probability with which the best training is changed, rather than one after it."""
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
        self._shares = _shares(rounds)

    def propose(self, rng: np.random.Generator) -> Proposal:
        """Draw one sample."""
        kinds = list(self._shares)
        origin = kinds[rng.choice(len(kinds), p=list(self._shares.values()))]
        make = {GUIDED: self._thompson, CHILD: self._child, MUTANT: self._parent}[origin]
        point = make(rng)
        rate = max(MUTATION, CHANGES[origin] / len(point))
        point = np.where(rng.random(len(point)) < rate, self.region.draw(rng)[0], point)
        return Proposal(self._confined(point, rng), origin)

    def changed(self, proposal: Proposal, rng: np.random.Generator) -> Proposal:
        """The same with one parameter changed."""
        point = proposal.point.copy()
        column = rng.integers(len(point))
        point[column] = self.region.draw(rng)[0, column]
        return Proposal(self._confined(point, rng), proposal.origin)

    def neighbour(self, rng: np.random.Generator) -> Proposal:
        """One of the best trainings with one parameter changed."""
        return self.changed(Proposal(self._parent(rng), MUTANT), rng)

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

    def _child(self, rng: np.random.Generator) -> np.ndarray:
        """Two of the best trainings, crossed."""
        one, other = self._parents[rng.integers(len(self._parents), size=2)]
        return np.asarray(np.where(rng.random(len(one)) < 0.5, one, other))

    def _parent(self, rng: np.random.Generator) -> np.ndarray:
        """One of the best trainings, the better the more often."""
        place = int(rng.geometric(FAVOUR)) - 1
        return np.asarray(self._parents[min(place, len(self._parents) - 1)])

    def _confined(self, point: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The point, moved into the part of the restriction that it is nearest to."""
        if not self._within:
            return point
        wrong = [int((~region.contains(point)).sum()) for region in self._within]
        region = self._within[int(np.argmin(wrong))]
        return np.where(region.contains(point), point, region.draw(rng)[0])


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


def _shares(rounds: Sequence[Samples]) -> dict[str, float]:
    """How often each kind of sample is used: as its success in the last rounds says."""
    everything, recent = pooled(rounds), pooled(rounds[-MEMORY:])
    last_best = np.sort(everything.scores)[:PARENTS][-1]
    success = {}
    for kind, expected in SUCCESS.items():
        scores = recent.scores[recent.origin == kind]
        among = float((scores <= last_best).sum())
        success[kind] = (among + expected * EXPECTED) / (len(scores) + EXPECTED)
    total = sum(success.values())
    free = 1.0 - LEAST * len(success)
    return {kind: LEAST + free * found / total for kind, found in success.items()}


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
