"""Successive halving."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from harmonica_steps.config.bounds import MOST_TRAININGS, Count
from harmonica_steps.config.rounds import Round
from harmonica_steps.optimisers.rungs import Halving, too_many_rungs


class SuccessiveHalving(Halving):
    """Many configurations at a small budget, the best of them at a larger one, and so on."""

    optimiser: Literal["successive_halving"] = Field(
        default="successive_halving",
        description="How the restricted space is searched: successive_halving, hyperband, guided, "
        "random or optuna; the other keys depend on it, see docs/how-to/final.md",
    )
    configurations: Count = Field(default=27, description="Configurations of the first rung")

    def schedule_problems(self) -> Iterator[str]:
        """Whether there are enough configurations for the last rung."""
        yield from super().schedule_problems()
        rungs = len(self.budgets)
        needed = self.eta ** (rungs - 1)
        if needed > MOST_TRAININGS:
            yield too_many_rungs(rungs, self.eta)
        elif self.configurations < needed:
            yield (
                f"configurations: {rungs} rungs with eta {self.eta} need at least {needed}, "
                f"got {self.configurations}"
            )

    @property
    def schedule(self) -> list[Round]:
        """One bracket."""
        return self.rungs(self.configurations, self.budgets)
