"""Rounds of guided samples."""

from typing import ClassVar, Literal

from pydantic import Field

from harmonica_steps.config.bounds import Budget, Count, Rounds
from harmonica_steps.config.rounds import Final, Round


class GuidedRounds(Final):
    """Rounds of guided samples in the space that the stages left.

    All trainings so far with the same budget and settings, also of stages, guide the samples of a
    round. Without stages the first round is uniform.
    """

    explanation: ClassVar[str] = "Rounds are guided by all earlier trainings."

    optimiser: Literal["guided"] = Field(description="Guided samples, in rounds")
    rounds: Rounds = Field(default=3, description="Rounds, one after another")
    configurations: Count = Field(
        default=27, description="Configurations of a round, all in parallel"
    )
    budget: Budget = Field(default=1, description="Budget of each training, e.g. epochs")

    @property
    def schedule(self) -> list[Round]:
        """All rounds, each as large as the others."""
        rounds = range(self.rounds)
        return [Round(f"round-{n}", self.configurations, self.budget, "guide", 1.0) for n in rounds]
