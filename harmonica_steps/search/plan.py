"""The parts of a search, all known before anything runs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from harmonica_steps.config import Budget, Failures, Origin, Retrain, Search
from harmonica_steps.records.best import RETRAIN
from harmonica_steps.space import Value

UNIFORM = 20
"""Samples of a stage that stay uniform whatever the share of guided ones."""


@dataclass(frozen=True)
class Part:
    """A stage, or a round of the final search: trainings that can run in parallel."""

    name: str
    """Its folder below the search's: ``stage-1``, ``final/rung-0``, ``final/bracket-1/rung-0``,
    ``final/round-0`` or ``final/retrain``."""
    trials: int
    budget: Budget
    fidelity: dict[str, Value]
    failures: Failures
    origin: Origin = "draw"
    """How its samples are chosen."""
    previous: str | None = None
    """The part whose best configurations it continues, if it promotes."""
    informed_by: tuple[str, ...] = ()
    """The parts whose trainings its samples follow from, in addition to the restriction."""
    guided: float = 0.0
    """Share of its samples that are guided."""
    entering: int = 0
    """How many of its samples are the best configurations before it; they come first."""
    depth: int = 1
    """How many parts, this one included, must follow one another until it has ended."""
    added_budget: Budget = 0
    """Additional budget beyond the checkpoint."""

    @property
    def stage(self) -> int | None:
        """Number of the stage, None in the final search."""
        return self._number("stage")

    @property
    def bracket(self) -> int | None:
        """Number of the bracket of several."""
        return self._number("bracket")

    @property
    def rung(self) -> int | None:
        """Number of the rung, None where there are none."""
        return self._number("rung")

    @property
    def round(self) -> int | None:
        """Number of the round of a search that has no rungs."""
        return self._number("round")

    @property
    def title(self) -> str:
        """Its name for people, e.g. ``Bracket 1, rung 0``."""
        return self.name.removeprefix("final/").replace("-", " ").replace("/", ", ").capitalize()

    def _number(self, what: str) -> int | None:
        found = re.search(rf"\b{what}-(\d+)", self.name)
        return int(found[1]) if found else None

    def trains_like(self, other: "Part") -> bool:
        """Whether the same configuration means the same training in both."""
        return (self.budget, self.fidelity) == (other.budget, other.fidelity)


def parts(search: Search) -> list[Part]:
    """The stages, then the rounds of the final search; none before a part that it depends on."""
    stages: list[Part] = []
    for n, s in enumerate(search.stages, start=1):
        share = min(s.guided, max(1 - UNIFORM / s.samples, 0.0))
        part = Part(f"stage-{n}", s.samples, s.budget, s.fidelity, s.failures, guided=share)
        informed_by = _informing(part, stages)
        stages.append(replace(part, informed_by=informed_by, depth=n, added_budget=s.budget))
    found = [*stages]
    final = search.final
    for name, count, budget, origin, guided, entering in final.schedule:
        part = Part(
            f"final/{name}",
            count,
            budget,
            final.fidelity,
            final.failures,
            origin,
            guided=guided,
            entering=entering if stages else 0,
        )
        informing = stages if origin == "draw" else found
        informed_by = _informing(part, informing)
        before: list[Part] = []
        if origin == "promote":
            before, informed_by = found[-1:], ()
        elif origin in ("ask", "guide"):
            before = [p for p in found if p.trains_like(part)]
            informed_by = tuple(p.name for p in before) if origin == "ask" else informed_by
        found.append(
            replace(
                part,
                previous=before[0].name if origin == "promote" else None,
                informed_by=informed_by,
                depth=1 + max([len(search.stages), *(p.depth for p in before)]),
                added_budget=budget - before[0].budget if origin == "promote" else budget,
            )
        )
    if final.retrain:
        found.append(_retrained(final.retrain, final.failures, found))
    return found


def _informing(part: Part, before: Sequence[Part]) -> tuple[str, ...]:
    """The earlier parts that train like a part; without any, those that train like the last."""
    alike = [p for p in before if p.trains_like(part)]
    return tuple(p.name for p in alike or [p for p in before if p.trains_like(before[-1])])


def _retrained(retrain: Retrain, failures: Failures, found: list[Part]) -> Part:
    like = max((part for part in found if part.stage is None), key=lambda part: part.budget)
    budget = like.budget if retrain.budget is None else retrain.budget
    return Part(
        RETRAIN,
        retrain.configurations * retrain.seeds,
        budget,
        like.fidelity if retrain.fidelity is None else retrain.fidelity,
        failures,
        "retrain",
        informed_by=tuple(part.name for part in _comparable(found)),
        depth=1 + max(part.depth for part in found),
        added_budget=budget,
    )


def _comparable(found: Sequence[Part]) -> list[Part]:
    """The parts whose trainings may decide what is retrained: see `records.best.competing`."""
    final = [part for part in found if part.stage is None]
    return [part for part in found if any(part.trains_like(other) for other in final)]


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
            "added_budget": p.added_budget,
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
        "sequential_rounds": max(p.depth for p in parts(search)),
        "core_hours_at_most": round(sum(p.trials for p in parts(search)) * hours, 2),
    }
