"""Rounds of the same size and budget."""

from typing import Any

from pydantic import Field

from harmonica_steps.config.bounds import Budget, Count, Rounds
from harmonica_steps.config.rounds import Round
from harmonica_steps.optimisers.optimiser import Optimiser


class InRounds(Optimiser):
    """Rounds of configurations that the optimiser chooses from what all earlier ones have shown."""

    rounds: Rounds = Field(default=3, description="Rounds, one after another")
    configurations: Count = Field(
        default=9, description="Configurations of a round, all in parallel"
    )
    budget: Budget = Field(default=1, description="Budget of each training, e.g. epochs")

    @property
    def schedule(self) -> list[Round]:
        """All rounds, each as large as the others."""
        return [
            Round(f"round-{n}", self.configurations, self.budget, "ask") for n in range(self.rounds)
        ]

    @property
    def settings_of_choice(self) -> list[Any]:
        """The keys of this optimiser alone."""
        own = [name for name in type(self).model_fields if name not in InRounds.model_fields]
        return [getattr(self, name) for name in own]
