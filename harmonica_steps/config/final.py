"""The section ``final``."""

from typing import Literal

from pydantic import Field, model_validator

from harmonica_steps.config.section import Budget, Failures, Section, fixed_settings
from harmonica_steps.space import Value


class Final(Section):
    """The last search, in the space that the stages left: successive halving.

    With one rung (min_budget equal to max_budget) it is random search.
    """

    optimiser: Literal["successive_halving"] = Field(
        default="successive_halving", description="How the restricted space is searched"
    )
    configurations: int = Field(default=27, ge=1, description="Configurations of the first rung")
    eta: int = Field(
        default=3, description="From rung to rung: one configuration in eta goes on, eta x budget"
    )
    min_budget: Budget = Field(default=1, gt=0, description="Budget of the first rung")
    max_budget: Budget = Field(default=9, gt=0, description="Budget of the last rung")
    fidelity: dict[str, Value] = fixed_settings()
    continuous: bool = Field(
        default=False,
        description="Draw free float and int parameters from their whole range, not from levels",
    )
    failures: Failures = Field(
        default_factory=lambda: Failures(max_failed_fraction=1.0), description="Failure policy"
    )

    @model_validator(mode="after")
    def _rungs_shrink(self) -> "Final":
        if self.eta < 2:
            raise ValueError(f"eta: must be at least 2 (the rungs shrink by it), got {self.eta}")
        if self.max_budget < self.min_budget:
            raise ValueError(
                f"max_budget: must not be below min_budget ({self.min_budget}), "
                f"got {self.max_budget}"
            )
        rungs = self.rungs
        if abs(rungs[-1][1] - self.max_budget) > 1e-9 * self.max_budget:
            fits = [self.min_budget * self.eta ** (len(rungs) - 1 + more) for more in (0, 1)]
            raise ValueError(
                f"max_budget: must be min_budget ({self.min_budget}) times a power of eta "
                f"({self.eta}), got {self.max_budget}; use {fits[0]} or {fits[1]}"
            )
        if rungs[-1][0] < 1:
            needed = self.eta ** (len(rungs) - 1)
            raise ValueError(
                f"configurations: {len(rungs)} rungs with eta {self.eta} need at least {needed}, "
                f"got {self.configurations}"
            )
        return self

    @property
    def rungs(self) -> list[tuple[int, Budget]]:
        """Number of configurations and budget of each rung."""
        rungs: list[tuple[int, Budget]] = []
        budget: Budget = self.min_budget
        count = self.configurations
        while budget <= self.max_budget * (1 + 1e-9):
            rungs.append((count, budget))
            budget, count = budget * self.eta, count // self.eta
        return rungs
