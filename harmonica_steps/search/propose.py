"""The samples of a part: some uniform, some guided, none of them trained before."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from math import floor

import numpy as np

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.search.draw import Sample, draws, seed_of_training
from harmonica_steps.search.guided import ATTEMPTS, Guide, Proposal
from harmonica_steps.search.restriction import Restriction
from harmonica_steps.search.samples import Samples, consistent
from harmonica_steps.space import Space, Value

AFTER_FREEZING = 2 / 3
"""Factor of the share of guided samples after a stage that has frozen something."""
DRAWS = 10_000
"""Draws among which so many that are not forbidden are looked for."""


class Seen:
    """Configurations that need no other training at the same budget and fidelity.

    Parameters
    ----------
    space
        The search space.
    rounds
        What was trained.
    """

    def __init__(self, space: Space, rounds: Iterable[Samples] = ()) -> None:
        self._space = space
        self._seen = {self._key(space.decode(point)) for found in rounds for point in found.points}

    def __contains__(self, sample: Sample) -> bool:
        return self._key(sample.configuration) in self._seen

    def add(self, sample: Sample) -> None:
        """A sample that will be trained."""
        self._seen.add(self._key(sample.configuration))

    def _key(self, configuration: Mapping[str, Value]) -> str:
        return json.dumps(self._space.active(configuration))


class Proposer:
    """Chooses the samples of a part; a pure function of its arguments.

    Parameters
    ----------
    space, restriction
        What uniform samples are drawn from.
    seed, number
        The search's seed, and the number of the part.
    rounds
        What was trained before, round by round: what guided samples know.
    share
        Of guided samples.
    within
        What guided samples are restricted to, if they are.
    trained
        What not to train again.
    """

    def __init__(
        self,
        space: Space,
        restriction: Restriction,
        seed: int,
        number: int,
        rounds: Sequence[Samples] = (),
        share: float = 0.0,
        within: Restriction | None = None,
        trained: Seen | None = None,
    ) -> None:
        self._space, self._restriction = space, restriction
        self._seed, self._number = seed, number
        self._share = share
        self._trained = trained or Seen(space)
        self.repeated = 0
        """Samples so far that were trained before, because nothing new was found in their place."""
        known = [found for found in rounds if len(found.scores)]
        scored = any(np.isfinite(found.scores).any() for found in known)
        self._guide = Guide(space, known, within) if scored else None

    def samples(self, trials: Iterable[int]) -> list[Sample]:
        """These samples, one after the other."""
        chosen = []
        for trial in trials:
            sample = self._sample(trial)
            self._trained.add(sample)
            chosen.append(sample)
        return chosen

    def _sample(self, trial: int) -> Sample:
        """The first that was not trained before, or else the first."""
        attempts = self._attempts(trial)
        first = next(attempts, None)
        if first is None:
            raise HarmonicaError(
                "forbidden: the stages have left no allowed configuration, or hardly any (none in "
                f"{DRAWS:,} draws). Edit the frozen.json of the last stage."
            )
        if first not in self._trained:
            return first
        other = next((other for other in attempts if other not in self._trained), None)
        self.repeated += other is None
        return other or first

    def _attempts(self, trial: int) -> Iterator[Sample]:
        """The sample, then others in its place; none of them is forbidden."""
        guided = self._guided(self._guide, trial) if self._guide else iter(())
        uniform = islice(
            draws(self._space, self._restriction, self._seed, self._number, trial), DRAWS
        )
        allowed = islice(filter(self._is_allowed, uniform), ATTEMPTS)
        guided = filter(self._is_allowed, guided)
        if self._guide and is_guided(trial, self._share):
            return chain(guided, allowed)
        return chain(allowed, guided)

    def _is_allowed(self, sample: Sample) -> bool:
        return not self._space.forbids(sample.configuration)

    def _guided(self, guide: Guide, trial: int) -> Iterator[Sample]:
        key = (self._number, trial, 1)  # the one that ends with 0 is the training's
        rng = np.random.default_rng(np.random.SeedSequence(self._seed, spawn_key=key))
        seed = seed_of_training(self._seed, self._number, trial)
        return (self._at(trial, seed, proposal) for proposal in guide.attempts(rng))

    def _at(self, trial: int, seed: int, proposal: Proposal) -> Sample:
        point, space = proposal.point, self._space
        alone = Samples(np.array([-1]), point[None], np.zeros(1), np.array([proposal.origin]))
        found = consistent(space, self._restriction, alone).candidate
        candidate = int(found[0]) if len(found) else -1
        where, configuration = tuple(point.tolist()), space.decode(point)
        return Sample(trial, seed, candidate, where, configuration, proposal.origin)


def share_of_guided(share: float, before: Restriction, now: Restriction) -> float:
    """The share of guided samples in a stage.

    Where the stage before has frozen something, the smaller space shows effects that were hidden by
    larger ones: more of the samples stay uniform, to find them.

    Parameters
    ----------
    share
        What the stage asks for.
    before, now
        The restriction that the stage before drew from, and the one that it left.
    """
    return share if before.frozen == now.frozen else AFTER_FREEZING * share


def is_guided(trial: int, share: float) -> bool:
    """Whether a sample belongs to the guided share: they are spread evenly over the part."""
    return floor((trial + 1) * share + 1e-9) > floor(trial * share + 1e-9)
