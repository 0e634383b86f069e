"""Draws: sample i of a part is a pure function of (seed, part, i, restriction)."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from harmonica_steps.search.restriction import Restriction
from harmonica_steps.space import Space, Value


@dataclass(frozen=True)
class Sample:
    """One drawn configuration."""

    trial: int
    seed: int
    """For the training's own random numbers."""
    candidate: int
    """Which kept candidate of the restriction it carries."""
    levels: tuple[int, ...]
    """Level of every parameter; -1 for a value between the levels."""
    configuration: dict[str, Value]
    """Value of every parameter, active or not."""


def draw(
    space: Space,
    restriction: Restriction,
    seed: int,
    number: int,
    count: int,
    continuous: bool = False,
) -> Iterator[Sample]:
    """Draw the samples of a part.

    Each sample draws one of the candidates uniformly, and every free parameter uniformly over its
    levels, from a random stream of its own: neither order nor number of the samples matters.

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
    continuous
        Draw free numeric parameters from their whole range.
    """
    frozen = [
        {name: space.level(name, value) for name, value in candidate.assignment.items()}
        for candidate in restriction.candidates
    ]
    for trial in range(count):
        stream = np.random.SeedSequence(seed, spawn_key=(number, trial))
        rng = np.random.default_rng(stream)
        candidate = int(rng.integers(len(frozen)))
        drawn = rng.integers(space.sizes)
        positions = rng.random(len(space))
        levels, configuration = [], {}
        for name, level, position in zip(space.names, drawn, positions, strict=True):
            between = space.parameters[name].between(float(position)) if continuous else None
            if name in frozen[candidate]:
                level = frozen[candidate][name]
            elif between is not None:
                level = -1
            levels.append(int(level))
            configuration[name] = (
                between if level == -1 and between is not None else space.grids[name][int(level)]
            )
        # 31 bits: what every framework's seeding accepts.
        train_seed = int(stream.spawn(1)[0].generate_state(1)[0] >> 1)
        yield Sample(trial, train_seed, candidate, tuple(levels), configuration)
