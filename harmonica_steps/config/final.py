"""The section ``final``: one model for each optimiser, and the rounds of trainings it asks for."""

from collections.abc import Iterator
from fractions import Fraction
from math import ceil
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from harmonica_steps.config.bounds import (
    MOST_PARTS,
    MOST_TRAININGS,
    Budget,
    Count,
    Line,
    Rounds,
    Share,
    Whole,
)
from harmonica_steps.config.rounds import Final, Round
from harmonica_steps.config.section import Settings
from harmonica_steps.space import Value


class _Halving(Final):
    """Rungs with ever fewer configurations and larger budgets."""

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
        budgets = self._budgets
        if abs(budgets[-1] - self.max_budget) > 1e-9 * self.max_budget:
            fits = [_tidy(budgets[-1]), _tidy(budgets[-1] * self.eta)]
            smallest = _tidy(self.max_budget / self.eta ** (len(budgets) - 1))
            yield (
                f"max_budget: must be min_budget ({self.min_budget}) times a power of eta "
                f"({self.eta}), got {self.max_budget}; use {fits[0]} or {fits[1]}, "
                f"or min_budget: {smallest}"
            )

    @property
    def _budgets(self) -> list[Budget]:
        budgets: list[Budget] = [self.min_budget]
        while budgets[-1] * self.eta <= self.max_budget * (1 + 1e-9):
            budgets.append(budgets[-1] * self.eta)
        return budgets

    def _rungs(self, configurations: int, budgets: list[Budget], prefix: str = "") -> list[Round]:
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


class SuccessiveHalving(_Halving):
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
        rungs = len(self._budgets)
        needed = self.eta ** (rungs - 1)
        if needed > MOST_TRAININGS:
            yield _too_many_rungs(rungs, self.eta)
        elif self.configurations < needed:
            yield (
                f"configurations: {rungs} rungs with eta {self.eta} need at least {needed}, "
                f"got {self.configurations}"
            )

    @property
    def schedule(self) -> list[Round]:
        """One bracket."""
        return self._rungs(self.configurations, self._budgets)


class Hyperband(_Halving):
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
        rungs = len(self._budgets)
        if self.eta ** (rungs - 1) > MOST_TRAININGS:
            yield _too_many_rungs(rungs, self.eta)
        elif (count := self.repetitions * rungs * (rungs + 1) // 2) > MOST_PARTS:
            yield f"repetitions: make {count} rungs, at most {MOST_PARTS} are possible; use fewer"

    @property
    def schedule(self) -> list[Round]:
        """All brackets, the one with the most configurations first."""
        budgets = self._budgets
        rounds = []
        for number in range(self.repetitions * len(budgets)):
            skipped = number % len(budgets)
            rungs = len(budgets) - skipped
            # All brackets cost about the same.
            count = ceil(Fraction(len(budgets) * self.eta ** (rungs - 1), rungs))
            rounds += self._rungs(count, budgets[skipped:], f"bracket-{number}/")
        return rounds


class RandomSearch(Final):
    """One round of uniform samples."""

    optimiser: Literal["random"] = Field(description="Random search")
    configurations: Count = Field(default=27, description="How many")
    budget: Budget = Field(default=1, description="Budget of each training, e.g. epochs")

    @property
    def schedule(self) -> list[Round]:
        """A single round."""
        return [Round("round-0", self.configurations, self.budget, "draw")]


class GuidedRounds(Final):
    """Rounds of guided samples in the space that the stages left.

    All trainings so far with the same budget and settings, also of stages, guide the samples of a
    round. Without stages the first round is uniform.
    """

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


class OptunaRounds(Final):
    """Rounds of parallel trainings that a sampler of Optuna's proposes.

    Before each round it is given all trainings so far with the same budget and settings, also those
    of stages, that agree with what was frozen.
    """

    optimiser: Literal["optuna"] = Field(description="A sampler of Optuna's, asked in rounds")
    sampler: Line = Field(
        default="TPESampler",
        description="A class of optuna.samplers, e.g. TPESampler (or tpe), GPSampler (gp), "
        "CmaEsSampler (cmaes), or module:Class for one of your own",
    )
    settings: Settings = Field(
        default_factory=dict,
        description="The sampler's keyword arguments, e.g. {multivariate: true}",
    )
    rounds: Rounds = Field(default=3, description="Rounds, one after another")
    configurations: Count = Field(
        default=9, description="Configurations of a round, all in parallel"
    )
    budget: Budget = Field(default=1, description="Budget of each training, e.g. epochs")

    @field_validator("settings")
    @classmethod
    def _seed_is_ours(cls, settings: dict[str, Value]) -> dict[str, Value]:
        if "seed" in settings:
            raise ValueError("seed: follows from the search's seed; leave it out")
        return settings

    @property
    def schedule(self) -> list[Round]:
        """All rounds, each as large as the others."""
        return [
            Round(f"round-{n}", self.configurations, self.budget, "ask") for n in range(self.rounds)
        ]


def _too_many_rungs(rungs: int, eta: int) -> str:
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


AnyFinal = Annotated[
    SuccessiveHalving | Hyperband | GuidedRounds | RandomSearch | OptunaRounds,
    Field(discriminator="optimiser"),
]

DEFAULT = "successive_halving"

OPTIMISERS: dict[str, type[Final]] = {
    DEFAULT: SuccessiveHalving,
    "hyperband": Hyperband,
    "guided": GuidedRounds,
    "random": RandomSearch,
    "optuna": OptunaRounds,
}


def with_default_optimiser(content: Any) -> Any:
    """The section as it was given, the optimiser named.

    The key ``continuous`` of earlier versions has no effect: numbers are always drawn from ranges.
    """
    if not isinstance(content, dict):
        return content
    return {"optimiser": DEFAULT, **{k: v for k, v in content.items() if k != "continuous"}}
