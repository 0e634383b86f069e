"""Hyperband."""

from collections.abc import Iterator
from fractions import Fraction
from math import ceil
from typing import Literal

from pydantic import Field

from harmonica_steps.config.bounds import MOST_PARTS, MOST_TRAININGS, Rounds
from harmonica_steps.config.rounds import Round
from harmonica_steps.optimisers.rungs import Halving, too_many_rungs


class Hyperband(Halving):
    """Brackets of successive halving that begin at larger and larger budgets (Li et al. 2018).

    So it does not rely on small budgets to tell which configurations are good.
    """

    optimiser: Literal["hyperband"] = Field(description="Several brackets of successive halving")
    repetitions: Rounds = Field(
        default=1, description="How often all brackets are run, each time with new samples"
    )

    def schedule_problems(self) -> Iterator[str]:
        """Whether there are not too many rungs."""
        yield from super().schedule_problems()
        rungs = len(self.budgets)
        if self.eta ** (rungs - 1) > MOST_TRAININGS:
            yield too_many_rungs(rungs, self.eta)
        elif (count := self.repetitions * rungs * (rungs + 1) // 2) > MOST_PARTS:
            yield f"repetitions: make {count} rungs, at most {MOST_PARTS} are possible; use fewer"

    @property
    def schedule(self) -> list[Round]:
        """All brackets, the one with the most configurations first."""
        budgets = self.budgets
        rounds = []
        for number in range(self.repetitions * len(budgets)):
            skipped = number % len(budgets)
            rungs = len(budgets) - skipped
            # All brackets cost about the same.
            count = ceil(Fraction(len(budgets) * self.eta ** (rungs - 1), rungs))
            rounds += self.rungs(count, budgets[skipped:], f"bracket-{number}/")
        return rounds
