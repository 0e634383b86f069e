"""An optimiser that chooses its configurations itself, what it is given, and what it returns."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from harmonica_steps.config.rounds import Final
from harmonica_steps.search.restriction import Restriction
from harmonica_steps.search.samples import Samples, consistent, pooled
from harmonica_steps.space import Space, Value


class Earlier(NamedTuple):
    """The trainings of an earlier part with the same budget and fixed settings."""

    name: str
    """Name of the part."""
    samples: Samples
    """Its samples with their scores: smaller is better, NaN is a failure."""
    notes: list[dict[str, Any]] | None
    """What the optimiser noted about each; None where it did not choose them, e.g. in a stage."""


@dataclass(frozen=True)
class Request:
    """What an optimiser is given to choose the configurations of a round."""

    space: Space
    restriction: Restriction
    """What the stages have frozen and narrowed."""
    count: int
    """How many configurations to choose; they are trained in parallel."""
    seed: int
    """Seed of random numbers, another one for each round."""
    earlier: tuple[Earlier, ...]
    """What is known, oldest first."""
    uniform: Sequence[dict[str, Value]] = field(repr=False)
    """`count` configurations, drawn uniformly from what the stages have left: none is forbidden,
    nor one of the earlier trainings as long as there are others."""

    @cached_property
    def known(self) -> Samples:
        """All earlier trainings that agree with what is frozen."""
        agreeing = [consistent(self.space, self.restriction, part.samples) for part in self.earlier]
        width = len(self.space)
        none = Samples(
            np.empty(0, dtype=int), np.empty((0, width)), np.empty(0), np.empty(0, dtype=object)
        )
        return pooled([none, *agreeing])


@dataclass(frozen=True)
class Chosen:
    """A configuration that an optimiser has chosen."""

    configuration: dict[str, Value]
    """A value for every parameter, active or not."""
    candidate: int | None = None
    """Which kept candidate of the stages it belongs to. Default: the first that it agrees with."""
    notes: dict[str, Any] = field(default_factory=dict)
    """What the optimiser wants to know of it in later rounds (`Earlier.notes`), as JSON."""


class Optimiser(Final):
    """One that chooses the configurations of its rounds with the origin ``ask`` itself."""

    @property
    def settings_of_choice(self) -> list[Any]:
        """The keys that not all optimisers have."""
        own = [name for name in type(self).model_fields if name not in Final.model_fields]
        return [getattr(self, name) for name in own]

    def choose(self, request: Request) -> Sequence[Chosen]:
        """Choose the configurations of a round: a function of the request and nothing else.

        Parameters
        ----------
        request
            What may be chosen, and what is known.

        Returns
        -------
        sequence of Chosen
            `request.count` of them.
        """
        raise NotImplementedError
