"""Random search."""

from typing import Literal

from pydantic import Field

from harmonica_steps.config.bounds import Budget, Count
from harmonica_steps.config.rounds import Final, Round


class RandomSearch(Final):
    """One round of uniform samples."""

    optimiser: Literal["random"] = Field(description="Random search")
    configurations: Count = Field(default=27, description="How many")
    budget: Budget = Field(default=1, description="Budget of each training, e.g. epochs")

    @property
    def schedule(self) -> list[Round]:
        """A single round."""
        return [Round("round-0", self.configurations, self.budget, "draw")]
