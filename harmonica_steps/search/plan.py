"""The parts of a search, all known before anything runs."""

from dataclasses import dataclass
from typing import Any

from harmonica_steps.config import Budget, Failures, Search
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
    longer_by: Budget = 0
    """What a training has still to do: its budget, less what a rung continues from."""

    def trains_like(self, other: "Part") -> bool:
        """Whether the same configuration means the same training in both."""
        return (self.budget, self.fidelity) == (other.budget, other.fidelity)


def parts(search: Search) -> list[Part]:
    """The stages and rungs in the order in which they run."""
    found = [
        Part(f"stage-{n}", s.samples, s.budget, s.fidelity, s.failures, longer_by=s.budget)
        for n, s in enumerate(search.stages, start=1)
    ]
    before: Budget = 0
    final = search.final
    for r, (count, budget) in enumerate(final.rungs):
        more = budget - before
        found.append(
            Part(f"final/rung-{r}", count, budget, final.fidelity, final.failures, r, more)
        )
        before = budget
    return found


def part(search: Search, name: str) -> Part:
    """The part of that name."""
    return next(p for p in parts(search) if p.name == name)


def jobs(search: Search) -> dict[str, int]:
    """How many jobs each rule of the workflow has, when nothing is done yet."""
    count = len(parts(search))
    return {
        "draw_samples": count,
        "train_sample": sum(p.trials for p in parts(search)),
        "collect_records": count,
        "recover_terms": len(search.stages),
        "choose_best": 1,
        # After every part but the last, for whom the whole report is written.
        "refresh_report": count - 1,
        "write_report": 1,
        "draw_figures": 1,
        "all": 1,
    }


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
            "longer_by": p.longer_by,
            "fidelity": p.fidelity,
            "core_hours_at_most": round(p.trials * hours, 2),
        }
        for p in parts(search)
    ]
    return {
        "search": search.search,
        "jobs": jobs(search),
        "parts": rows,
        "trainings": sum(p.trials for p in parts(search)),
        "sequential_rounds": len(rows),
        "core_hours_at_most": round(sum(p.trials for p in parts(search)) * hours, 2),
    }
