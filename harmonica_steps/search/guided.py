"""Guided samples: of three kinds, each used as often as it has lately been a success.

A *guided* sample is drawn as often as each choice is likely to be best (Thompson sampling, see
`Model`): a certain effect is nearly frozen, a doubtful one is not. A *child* crosses two of the
best trainings, and a *mutant* changes one of them: these know of interactions that no polynomial of
low degree describes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from harmonica_steps.search.draw import CHILD, GUIDED, MUTANT
from harmonica_steps.search.model import Model
from harmonica_steps.search.restriction import Restriction
from harmonica_steps.search.samples import Samples, pooled
from harmonica_steps.space import Space

PARENTS = 20
"""The best trainings, which children and mutants are made of."""
FAVOUR = 0.2
"""Probability with which the best training is changed, rather than one after it."""
CHANGES = {GUIDED: 1, CHILD: 1, MUTANT: 3}
"""Parameters of a sample that are drawn uniformly, on average."""
MUTATION = 0.02
"""Least probability of that for each parameter."""
RECENT = 2
"""Rounds whose successes count."""
SUCCESS = {GUIDED: 0.10, CHILD: 0.10, MUTANT: 0.05}
"""Share of a kind's samples that is expected among the best before it was used ..."""
EXPECTED = 100
"""... and the number of samples that the expectation counts for."""
LEAST = 0.1
"""Share of each kind, at least."""
ATTEMPTS = 30
"""Times that a sample is changed, and that another is made, in search of one that is new."""


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
    among
        Of how many parameters these are a part, where others are proposed apart. Of so many, and
        not of these alone, some are drawn uniformly.

    Raises
    ------
    ValueError
        When no training has a score.
    """

    def __init__(
        self,
        space: Space,
        rounds: Sequence[Samples],
        within: Restriction | None = None,
        among: int = 0,
    ) -> None:
        rounds = [_failures_worst(found, rounds) for found in rounds]
        self._among = max(among, len(space))
        self._within = within.regions(space) if within and within.assigned else []
        self._model = Model(space, rounds)
        self._parents = _best(pooled(rounds))
        self._shares = _shares(rounds)

    def kind(self, rng: np.random.Generator) -> str:
        """Draw the kind of a sample."""
        kinds = list(self._shares)
        return kinds[rng.choice(len(kinds), p=list(self._shares.values()))]

    def attempts(self, rng: np.random.Generator, origin: str | None = None) -> Iterator[Proposal]:
        """A sample, then others to take in its place if it is not new.

        Parameters
        ----------
        rng
            Of this sample alone.
        origin
            The kind of the sample; by default it is drawn.
        """
        proposal = self.propose(rng, origin)
        for _ in range(ATTEMPTS):
            yield proposal
            proposal = self.changed(proposal, rng)
        for _ in range(ATTEMPTS):
            yield self.neighbour(rng)

    def propose(self, rng: np.random.Generator, origin: str | None = None) -> Proposal:
        """Draw one sample, of a given kind or of any."""
        origin = origin or self.kind(rng)
        make = {GUIDED: self._model.draw, CHILD: self._child, MUTANT: self._parent}[origin]
        point = make(rng)
        rate = max(MUTATION, CHANGES[origin] / self._among)
        point = np.where(rng.random(len(point)) < rate, self._model.region.draw(rng)[0], point)
        return Proposal(self._confined(point, rng), origin)

    def changed(self, proposal: Proposal, rng: np.random.Generator) -> Proposal:
        """The same with one parameter changed."""
        point = proposal.point.copy()
        column = rng.integers(len(point))
        point[column] = self._model.region.draw(rng)[0, column]
        return Proposal(self._confined(point, rng), proposal.origin)

    def neighbour(self, rng: np.random.Generator) -> Proposal:
        """One of the best trainings with one parameter changed."""
        return self.changed(Proposal(self._parent(rng), MUTANT), rng)

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


def _shares(rounds: Sequence[Samples]) -> dict[str, float]:
    """How often each kind of sample is used: as its success in the last rounds says."""
    everything, recent = pooled(rounds), pooled(rounds[-RECENT:])
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
