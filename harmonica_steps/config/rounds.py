"""What all optimisers of the final search have in common: rounds of trainings, and retraining."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Literal, NamedTuple

from pydantic import Field

from harmonica_steps.config.bounds import Budget, Count
from harmonica_steps.config.section import Failures, Section, Settings, fixed_settings
from harmonica_steps.records.part_name import ROUND_NAME

Origin = Literal["draw", "promote", "ask", "guide", "retrain"]
"""How samples are chosen: drawn from the restricted space, the best of the rung before, chosen by
the optimiser, which is given all earlier trainings of the same kind, guided by these, or the best
of all."""


class Round(NamedTuple):
    """Trainings of the final search that can run in parallel."""

    name: str
    """Such as ``rung-0``, ``bracket-1/rung-0`` or ``round-0``."""
    configurations: int
    budget: Budget
    origin: Origin
    guided: float = 0.0
    """Share of guided samples."""
    entering: int = 0
    """How many of its configurations are the best of the stages."""


class Retrain(Section):
    """The best configurations of the whole search, retrained with new seeds."""

    configurations: Count = Field(default=5, description="How many of the best")
    seeds: Count = Field(
        default=1,
        description="New seeds of each configuration. The result is the configuration with the "
        "best mean over them",
    )
    budget: Budget | None = Field(
        default=None,
        description="Budget of each training, e.g. epochs. Default: the largest of the final "
        "search",
    )
    fidelity: Settings | None = Field(
        default=None,
        description=(
            "Fixed settings passed with every configuration, e.g. a large network. Default: "
            "those of the final search"
        ),
    )


class Final(Section):
    """The final search, in the space that the stages have left: what all optimisers have."""

    explanation: ClassVar[str] = ""
    """A sentence about the rounds, for the report."""

    optimiser: str
    fidelity: Settings = fixed_settings()
    retrain: Retrain | None = Field(
        default=None,
        description="Retrain the best configurations at the end, from the start and with "
        "new seeds: {configurations: 5, budget: 27, fidelity: {depth: 20}}. The best of these is "
        "then the result of the search. Default: no retraining",
    )
    failures: Failures = Field(
        default_factory=lambda: Failures(max_failed_fraction=1.0), description="Failure policy"
    )

    @property
    def schedule(self) -> list[Round]:
        """All rounds, in order; one that promotes takes the best of the one before it."""
        raise NotImplementedError

    @property
    def label(self) -> str:
        """What chooses the configurations, for people."""
        return self.optimiser

    @property
    def settings_of_choice(self) -> list[Any]:
        """The keys that decide what the optimiser itself chooses: a round does not say them."""
        return []

    def check(self) -> None:
        """Whether what the optimiser needs is there.

        Raises
        ------
        HarmonicaError
            With what to do, when it is not.
        """

    def problems(self) -> Iterator[str]:
        """Whether there is a schedule, and one that ends."""
        if found := list(self.schedule_problems()) or list(_round_problems(self.schedule)):
            yield from found
            return
        rounds = self.schedule
        largest = max(round_.budget for round_ in rounds)
        best = sum(r.configurations for r in rounds if r.budget == largest)
        if self.retrain and self.retrain.configurations > best:
            yield (
                f"retrain.configurations: the search has {best} with its largest budget, "
                f"got {self.retrain.configurations}"
            )

    def schedule_problems(self) -> Iterator[str]:
        """Sentences about keys from which no schedule follows."""
        yield from ()


def _round_problems(rounds: Sequence[Round]) -> Iterator[str]:
    """Whether rounds can be planned: a user's own optimiser may return any."""
    if not rounds:
        yield "optimiser: has no rounds"
    names = [round_.name for round_ in rounds]
    if wrong := [name for name in names if not re.fullmatch(ROUND_NAME, name)]:
        yield f"optimiser: {wrong[0]!r} is not the name of a round, e.g. round-0 or rung-0"
    if len(set(names)) < len(names):
        yield "optimiser: two rounds have the same name"
    for before, round_ in zip([None, *rounds], rounds, strict=False):
        if round_.configurations < 1 or not round_.budget > 0:
            yield f"optimiser: {round_.name} needs at least one configuration, and a budget above 0"
        if round_.origin == "promote" and (
            before is None or before.configurations < round_.configurations
        ):
            yield f"optimiser: {round_.name} promotes more than the round before it has"
