"""The final search, configuration by configuration: who went how far, and with what result."""

import json
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from harmonica_steps.report.trainings import PartFacts
from harmonica_steps.results.opened import Opened
from harmonica_steps.search.plan import Part


class Result(NamedTuple):
    """Of a training."""

    status: str
    value: float | None
    part: Part


@dataclass
class Contender:
    """A configuration of the final search."""

    number: int
    """Its first trial."""
    configuration: dict[str, Any]
    seed: int
    results: list[Result] = field(default_factory=list)
    """Of every rung that it reached, or of its only training."""

    @property
    def last(self) -> float | None:
        """Metric of the last rung that it reached."""
        return self.results[-1].value

    @property
    def name(self) -> str:
        """Its first trial and, of several brackets or rounds, which it was in."""
        first = self.results[0].part
        if first.origin == "retrain":
            return f"once more, {self.number}"
        if first.bracket is not None:
            return f"bracket {first.bracket}, {self.number}"
        return str(self.number) if first.round is None else f"round {first.round}, {self.number}"

    def at(self, budget: float) -> Result | None:
        """What it had with a budget."""
        return next((result for result in self.results if result.part.budget == budget), None)


def finished(parts: list[PartFacts]) -> list[PartFacts]:
    """The rungs or rounds of the final search that have ended, by budget."""
    found = [part for part in parts if part.part.stage is None and part.done]
    return sorted(found, key=lambda part: part.part.budget)


def bracket(opened: Opened, parts: list[PartFacts]) -> list[Contender]:
    """All configurations of the final search, those in front that went furthest and were best."""
    contenders: dict[tuple[str, int], Contender] = {}
    """By their last training."""
    followed: list[Contender] = []
    ended: set[str] = set()
    for part in parts:
        about = part.part
        if about.stage is not None or (about.previous and about.previous not in ended):
            continue  # what a rung being done anew was continued by is gone as well
        if part.table is None or not opened.folder.samples(part.name).is_file():
            continue
        ended.add(part.name)
        text = opened.folder.samples(part.name).read_text(encoding="utf-8")
        samples = [json.loads(line) for line in text.splitlines()]
        statuses, values = part.table["status"], part.table["value"]
        for sample, status, value in zip(samples, statuses, values, strict=True):
            trial, before = sample["trial"], sample["continues"]
            if before:
                contender = contenders[before["part"], before["trial"]]
            else:
                contender = Contender(trial, sample["configuration"], sample["seed"])
                followed.append(contender)
            contenders[part.name, trial] = contender
            contender.results.append(
                Result(status, float(value) if value == value else None, about)
            )
    sign = -1.0 if opened.config.objective.direction == "maximize" else 1.0

    def place(contender: Contender) -> tuple[bool, float, bool, float]:
        last, part = contender.last, contender.results[-1].part
        return (part.origin != "retrain", -part.budget, last is None, sign * (last or 0.0))

    return sorted(followed, key=place)
