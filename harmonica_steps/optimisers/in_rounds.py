"""Rounds of the same size and budget."""

from typing import Any, ClassVar

from pydantic import Field

from harmonica_steps.config.bounds import Budget, Count, Rounds
from harmonica_steps.config.rounds import Final, Origin, Round
from harmonica_steps.optimisers.optimiser import Optimiser


class EqualRounds(Final):
    """Rounds one after another, each as large as the others."""

    origin: ClassVar[Origin]
    """Where their configurations come from."""

    rounds: Rounds = Field(default=3, description="Rounds, one after another")
    configurations: Count = Field(
        default=9, description="Configurations of a round, all in parallel"
    )
    budget: Budget = Field(default=1, description="Budget of each training, e.g. epochs")

    @property
    def schedule(self) -> list[Round]:
        """All rounds."""
        guided = 1.0 if self.origin == "guide" else 0.0
        return [
            Round(f"round-{n}", self.configurations, self.budget, self.origin, guided)
            for n in range(self.rounds)
        ]


class InRounds(EqualRounds, Optimiser):
    """Rounds of configurations that the optimiser chooses from what all earlier ones have shown."""

    origin: ClassVar[Origin] = "ask"

    @property
    def settings_of_choice(self) -> list[Any]:
        """The keys of this optimiser alone."""
        own = [name for name in type(self).model_fields if name not in InRounds.model_fields]
        return [getattr(self, name) for name in own]
