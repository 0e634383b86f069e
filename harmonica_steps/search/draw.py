"""Draws: sample i of a part is a pure function of (seed, part, i, restriction)."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from harmonica_steps.search.restriction import Restriction
from harmonica_steps.space import Interval, Space, Value

UNIFORM = "uniform"
"""Origin of a sample that was drawn uniformly from what the stages have left."""
START = "start"
"""Origin of a sample that the user has named."""
BEST = "best"
"""Origin of a sample that was the best of earlier parts, and is retrained in another way."""
COPIED = "copied"
"""Origin of a sample that was the best of earlier parts, if the same training is not repeated."""
ASKED = "asked"
"""Origin of a sample that an optimiser has chosen itself."""
GUIDED, CHILD, MUTANT = "guided", "child", "mutant"
"""Origins of guided samples, see `guided`."""


@dataclass(frozen=True)
class Sample:
    """One drawn configuration."""

    trial: int
    seed: int
    """Seed of the training's own random numbers."""
    candidate: int
    """Which kept candidate of the restriction it carries; -1 for none."""
    point: tuple[float, ...]
    """Its coordinates."""
    configuration: dict[str, Value]
    """Value of every parameter, active or not."""
    origin: str = UNIFORM
    """How it was chosen."""


def source(seed: int, number: int, trial: int) -> np.random.SeedSequence:
    """The source of a sample's random numbers, its own: no other sample matters."""
    return np.random.SeedSequence(seed, spawn_key=(number, trial))


def seed_of_training(seed: int, number: int, trial: int) -> int:
    """The seed of the training's own random numbers: 31 bits, which every framework accepts."""
    return int(source(seed, number, trial).spawn(1)[0].generate_state(1)[0] >> 1)


def seed_of_round(seed: int, number: int) -> int:
    """The seed of an optimiser that chooses the samples of part `number` itself."""
    # A spawn key of its own: those of samples have two or three parts.
    stream = np.random.SeedSequence(seed, spawn_key=(number, 0, 0, 0))
    return int(stream.generate_state(1)[0])


def draw(
    space: Space, restriction: Restriction, seed: int, number: int, count: int
) -> Iterator[Sample]:
    """Draw samples of a part.

    Each sample draws one of the candidates uniformly, and every free parameter uniformly over its
    values, or over the interval to which it is narrowed, from a random stream of its own: neither
    order nor number of the samples matters.

    Parameters
    ----------
    space, restriction
        What is drawn from.
    seed
        The search's seed.
    number
        The part's number; different parts draw independently.
    count
        How many samples.
    """
    for trial in range(count):
        yield next(draws(space, restriction, seed, number, trial))


def draws(
    space: Space, restriction: Restriction, seed: int, number: int, trial: int
) -> Iterator[Sample]:
    """A sample, and others in its place, without end; see `draw`."""
    regions = restriction.regions(space)
    rng = np.random.default_rng(source(seed, number, trial))
    training = seed_of_training(seed, number, trial)
    while True:
        candidate = int(rng.integers(len(regions)))
        (point,) = regions[candidate].draw(rng)
        fixed = restriction.candidates[candidate].assignment.items()
        configuration = {
            **space.decode(point),
            **{name: value for name, value in fixed if not isinstance(value, Interval)},
        }
        yield Sample(trial, training, candidate, tuple(point.tolist()), configuration)
