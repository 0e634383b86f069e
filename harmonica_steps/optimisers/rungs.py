"""What successive halving and Hyperband have in common: rungs of ever larger budgets."""

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from harmonica_steps.config.bounds import MOST_TRAININGS, Budget, Share, Whole
from harmonica_steps.config.rounds import Final, Round


class Halving(Final):
    """Rungs with ever fewer configurations and larger budgets."""

    explanation: ClassVar[str] = "Each rung trains the best of the previous rung longer."

    guided: Share = Field(
        default=1.0,
        description="Share of the first rung that is guided by the trainings of the stages; the "
        "rest is drawn uniformly from what they have left. The best configurations of the stages "
        "enter it as well: one of eta x eta, at least one",
    )

    eta: Whole = Field(
        default=3,
        ge=2,
        le=1_000,
        description="From rung to rung one configuration in eta continues, at eta times the budget",
    )
    min_budget: Budget = Field(default=1, description="Smallest budget: of the first rung")
    max_budget: Budget = Field(
        default=9, description="Budget of the last rung: min_budget times a power of eta"
    )

    def schedule_problems(self) -> Iterator[str]:
        """Whether the budgets of the rungs are what the keys say."""
        if self.max_budget < self.min_budget:
            yield (
                f"max_budget: must not be below min_budget ({self.min_budget}), "
                f"got {self.max_budget}"
            )
            return
        budgets = self.budgets
        if abs(budgets[-1] - self.max_budget) > 1e-9 * self.max_budget:
            fits = [_tidy(budgets[-1]), _tidy(budgets[-1] * self.eta)]
            smallest = _tidy(self.max_budget / self.eta ** (len(budgets) - 1))
            yield (
                f"max_budget: must be min_budget ({self.min_budget}) times a power of eta "
                f"({self.eta}), got {self.max_budget}; use {fits[0]} or {fits[1]}, "
                f"or min_budget: {smallest}"
            )

    @property
    def budgets(self) -> list[Budget]:
        """Budgets of the rungs, from the smallest to the largest."""
        budgets: list[Budget] = [self.min_budget]
        while budgets[-1] * self.eta <= self.max_budget * (1 + 1e-9):
            budgets.append(budgets[-1] * self.eta)
        return budgets

    def rungs(self, configurations: int, budgets: list[Budget], prefix: str = "") -> list[Round]:
        """One bracket: this many configurations at the first budget, the best at the others."""
        return [
            Round(
                f"{prefix}rung-{rung}",
                configurations // self.eta**rung,
                budget,
                "promote" if rung else "draw",
                0.0 if rung else self.guided,
                # Whatever max_budget is: a longer bracket continues a shorter one.
                0 if rung else max(1, configurations // self.eta**2),
            )
            for rung, budget in enumerate(budgets)
        ]


def too_many_rungs(rungs: int, eta: int) -> str:
    """What to say of a bracket that no search could afford."""
    return (
        f"max_budget: {rungs} rungs with eta {eta} need more than {MOST_TRAININGS:,} "
        "configurations; use a larger min_budget or eta, or a smaller max_budget"
    )


def _tidy(budget: Budget) -> str:
    """A budget with no more digits than it takes to be recognised as this one."""
    if isinstance(budget, int):
        return str(budget)
    texts = (f"{budget:.{digits}g}" for digits in range(1, 16))
    best = next((t for t in texts if abs(float(t) - budget) <= 1e-10 * budget), repr(budget))
    return str(int(float(best))) if float(best).is_integer() else best
