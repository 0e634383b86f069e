"""The final search, configuration by configuration: who went how far, and with what result."""

import json
from dataclasses import dataclass, field
from typing import Any

from harmonica_steps.report.trainings import PartFacts
from harmonica_steps.results.opened import Opened


@dataclass
class Contender:
    """A configuration of the final search."""

    number: int
    """Its trial in the first rung."""
    configuration: dict[str, Any]
    seed: int
    results: list[tuple[str, float | None]] = field(default_factory=list)
    """Status and metric of every rung that it reached."""

    @property
    def last(self) -> float | None:
        """Metric of the last rung that it reached."""
        return self.results[-1][1]


def bracket(opened: Opened, parts: list[PartFacts]) -> list[Contender]:
    """All configurations of the finished rungs, those in front that went furthest and were best."""
    contenders: dict[int, Contender] = {}
    before: dict[int, int] = {}
    for part in parts:
        if part.part.rung is None:
            continue
        if part.table is None or not opened.folder.samples(part.name).is_file():
            break  # being done anew: what later rungs still have continues what is gone
        text = opened.folder.samples(part.name).read_text(encoding="utf-8")
        samples = [json.loads(line) for line in text.splitlines()]
        origin = {}
        statuses, values = part.table["status"], part.table["value"]
        for sample, status, value in zip(samples, statuses, values, strict=True):
            trial = sample["trial"]
            number = before[sample["continues"]["trial"]] if sample["continues"] else trial
            origin[trial] = number
            contender = contenders.setdefault(
                number, Contender(number, sample["configuration"], sample["seed"])
            )
            contender.results.append((status, float(value) if value == value else None))
        before = origin
    sign = -1.0 if opened.config.objective.direction == "maximize" else 1.0

    def place(contender: Contender) -> tuple[int, bool, float, int]:
        last = contender.last
        return (-len(contender.results), last is None, sign * (last or 0.0), contender.number)

    return sorted(contenders.values(), key=place)
