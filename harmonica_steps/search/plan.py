"""The parts of a search, all known before anything runs."""

from dataclasses import dataclass
from typing import Any

from harmonica_steps.config.models import Budget, Failures, Search
from harmonica_steps.space import Value


@dataclass(frozen=True)
class Part:
    """A stage or a rung: a number of trainings that can run in parallel."""

    name: str
    """Its folder below the search's: ``stage-1`` or ``final/rung-0``."""
    trials: int
    budget: Budget
    fidelity: dict[str, Value]
    failures: Failures
    rung: int | None = None
    """Number of the rung, None for a stage."""

    def trains_like(self, other: "Part") -> bool:
        """Whether the same configuration means the same training in both."""
        return (self.budget, self.fidelity) == (other.budget, other.fidelity)


def parts(search: Search) -> list[Part]:
    """The stages and rungs in the order in which they run."""
    stages = [
        Part(f"stage-{number}", stage.samples, stage.budget, stage.fidelity, stage.failures)
        for number, stage in enumerate(search.stages, start=1)
    ]
    rungs = [
        Part(f"final/rung-{r}", count, budget, search.final.fidelity, search.final.failures, r)
        for r, (count, budget) in enumerate(search.final.rungs)
    ]
    return stages + rungs


def part(search: Search, name: str) -> Part:
    """The part of that name."""
    return next(p for p in parts(search) if p.name == name)


def plan(search: Search) -> dict[str, Any]:
    """What will be done, as data: every part with its trainings and the most they can cost.

    ``core_hours_at_most`` assumes that every training uses one core until its timeout.
    """
    hours = search.objective.timeout / 3600
    rows = [
        {
            "part": p.name,
            "trainings": p.trials,
            "budget": p.budget,
            "fidelity": p.fidelity,
            "core_hours_at_most": round(p.trials * hours, 2),
        }
        for p in parts(search)
    ]
    return {
        "search": search.search,
        "parts": rows,
        "trainings": sum(p.trials for p in parts(search)),
        "sequential_rounds": len(rows),
        "core_hours_at_most": round(sum(p.trials for p in parts(search)) * hours, 2),
    }
