"""Rounds of guided samples."""

from typing import ClassVar, Literal

from pydantic import Field

from harmonica_steps.config.bounds import Count
from harmonica_steps.config.rounds import Origin
from harmonica_steps.optimisers.in_rounds import EqualRounds


class GuidedRounds(EqualRounds):
    """Rounds of guided samples in the space that the stages left.

    All trainings so far with the same budget and settings, also of stages, guide the samples of a
    round. Without stages the first round is uniform.
    """

    explanation: ClassVar[str] = "Rounds are guided by all earlier trainings."
    origin: ClassVar[Origin] = "guide"

    optimiser: Literal["guided"] = Field(description="Guided samples, in rounds")
    configurations: Count = Field(
        default=27, description="Configurations of a round, all in parallel"
    )
