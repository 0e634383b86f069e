"""The section ``final``: one model for each optimiser, and the rounds of trainings it asks for."""

from fractions import Fraction
from math import ceil
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, Field, field_validator, model_validator

from harmonica_steps.config.section import Budget, Failures, Section, Settings, fixed_settings
from harmonica_steps.space import Value

Origin = Literal["draw", "promote", "ask", "guide", "retrain"]
"""Where samples come from: drawn from the restricted space, the best of the rung before, asked from
a sampler that is given all earlier trainings of the same kind, guided by these, or the best of
all."""


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
    """The best configurations of the whole search, trained once more with new seeds."""

    configurations: int = Field(default=5, ge=1, description="How many of the best")
    seeds: int = Field(
        default=1,
        ge=1,
        description="New seeds of each configuration. The result is the configuration with the "
        "best mean over them",
    )
    budget: Budget | None = Field(
        default=None,
        gt=0,
        description="Budget of each training, e.g. epochs. Default: the largest of the final "
        "search",
    )
    fidelity: Settings | None = Field(
        default=None,
        description="Fixed settings passed with every configuration, such as a large network. "
        "Default: those of the final search",
    )


class Final(Section):
    """The last search, in the space that the stages left."""

    optimiser: str
    fidelity: Settings = fixed_settings()
    retrain: Retrain | None = Field(
        default=None,
        description="Train the best configurations once more at the end, from the start and with "
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


class _Halving(Final):
    """Rungs with ever fewer configurations and larger budgets."""

    guided: float = Field(
        default=1.0,
        ge=0,
        le=1,
        description="Share of the first rung that is guided by the trainings of the stages; the "
        "rest is drawn uniformly from what they have left. The best configurations of the stages "
        "enter it as well: one of eta x eta, at least one",
    )

    eta: int = Field(
        default=3,
        ge=2,
        description="From rung to rung: one configuration in eta continues, eta x budget",
    )
    min_budget: Budget = Field(default=1, gt=0, description="Smallest budget: of the first rung")
    max_budget: Budget = Field(
        default=9, gt=0, description="Budget of the last rung: min_budget times a power of eta"
    )

    @model_validator(mode="after")
    def _budgets_fit(self) -> "_Halving":
        if self.max_budget < self.min_budget:
            raise ValueError(
                f"max_budget: must not be below min_budget ({self.min_budget}), "
                f"got {self.max_budget}"
            )
        budgets = self._budgets
        if abs(budgets[-1] - self.max_budget) > 1e-9 * self.max_budget:
            fits = [self.min_budget * self.eta ** (len(budgets) - 1 + more) for more in (0, 1)]
            raise ValueError(
                f"max_budget: must be min_budget ({self.min_budget}) times a power of eta "
                f"({self.eta}), got {self.max_budget}; use {fits[0]} or {fits[1]}"
            )
        return self

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
    configurations: int = Field(default=27, ge=1, description="Configurations of the first rung")

    @model_validator(mode="after")
    def _enough_configurations(self) -> "SuccessiveHalving":
        rungs = len(self._budgets)
        if self.configurations < (needed := self.eta ** (rungs - 1)):
            raise ValueError(
                f"configurations: {rungs} rungs with eta {self.eta} need at least {needed}, "
                f"got {self.configurations}"
            )
        return self

    @property
    def schedule(self) -> list[Round]:
        """One bracket."""
        return self._rungs(self.configurations, self._budgets)


class Hyperband(_Halving):
    """Brackets of successive halving that begin at larger and larger budgets (Li et al. 2018).

    So it does not rely on small budgets to tell which configurations are good.
    """

    optimiser: Literal["hyperband"] = Field(description="Several brackets of successive halving")
    repetitions: int = Field(
        default=1, ge=1, description="How often all brackets are run, each time with new samples"
    )

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
    configurations: int = Field(default=27, ge=1, description="How many")
    budget: Budget = Field(default=1, gt=0, description="Budget of each training, e.g. epochs")

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
    rounds: int = Field(default=3, ge=1, description="Rounds, one after another")
    configurations: int = Field(
        default=27, ge=1, description="Configurations of a round, all in parallel"
    )
    budget: Budget = Field(default=1, gt=0, description="Budget of each training, e.g. epochs")

    @property
    def schedule(self) -> list[Round]:
        """All rounds, each as large as the others."""
        rounds = range(self.rounds)
        return [Round(f"round-{n}", self.configurations, self.budget, "guide", 1.0) for n in rounds]


class OptunaRounds(Final):
    """Rounds of parallel trainings that a sampler of Optuna's proposes.

    Before each it is told all trainings so far with the same budget and settings, also of stages,
    that agree with what was frozen.
    """

    optimiser: Literal["optuna"] = Field(description="A sampler of Optuna's, asked in rounds")
    sampler: str = Field(
        default="TPESampler",
        description="A class of optuna.samplers, such as TPESampler (or tpe), GPSampler (gp), "
        "CmaEsSampler (cmaes)",
    )
    settings: Settings = Field(
        default_factory=dict,
        description="The sampler's keyword arguments, such as {multivariate: true}",
    )
    rounds: int = Field(default=3, ge=1, description="Rounds, one after another")
    configurations: int = Field(
        default=9, ge=1, description="Configurations of a round, all in parallel"
    )
    budget: Budget = Field(default=1, gt=0, description="Budget of each training, e.g. epochs")

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


def _enough_to_retrain(final: Final) -> Final:
    # Not a validator of the class: those run before the ones of its subclasses, which make sure
    # that there is a schedule.
    rounds = final.schedule
    largest = max(round_.budget for round_ in rounds)
    found = sum(r.configurations for r in rounds if r.budget == largest)
    if final.retrain and final.retrain.configurations > found:
        raise ValueError(
            f"retrain.configurations: the search has {found} with its largest budget, "
            f"got {final.retrain.configurations}"
        )
    return final


AnyFinal = Annotated[
    SuccessiveHalving | Hyperband | GuidedRounds | RandomSearch | OptunaRounds,
    Field(discriminator="optimiser"),
    AfterValidator(_enough_to_retrain),
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
