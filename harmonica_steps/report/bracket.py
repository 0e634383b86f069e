"""The final search, configuration by configuration: budgets and results."""

from dataclasses import dataclass, field
from math import inf
from typing import Any, NamedTuple

from harmonica_steps.records.best import Candidate, ranked, ranking
from harmonica_steps.records.direction import sign_of
from harmonica_steps.records.sample import SampleLine
from harmonica_steps.report.trainings import PartFacts
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.search.plan import Part


class Result(NamedTuple):
    """The result of a training."""

    status: str
    value: float | None
    part: Part


@dataclass
class Contender:
    """A configuration of the final search."""

    number: int
    """Its first trial."""
    configuration: dict[str, Any]
    results: list[Result] = field(default_factory=list)
    """Results of every rung that it reached, or of its only training."""
    trainings: list[tuple[str, int]] = field(default_factory=list)
    """Part and trial of each."""
    best: bool = False
    """Whether it is the answer of the search."""

    @property
    def scored(self) -> list[Result]:
        """The results with a metric."""
        return [result for result in self.results if result.value is not None]

    @property
    def last(self) -> float | None:
        """Metric of the last rung in which it has one."""
        return self.scored[-1].value if self.scored else None

    @property
    def name(self) -> str:
        """Its first trial and, of several brackets or rounds, which it was in."""
        first = self.results[0].part
        if first.origin == "retrain":
            return f"retrained, {self.number}"
        if first.bracket is not None:
            return f"bracket {first.bracket}, {self.number}"
        return str(self.number) if first.round is None else f"round {first.round}, {self.number}"

    def at(self, budget: float) -> Result | None:
        """What it had with a budget."""
        return next((result for result in self.results if result.part.budget == budget), None)


def unlike(configuration: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """The settings of a configuration that another one has not."""
    return {k: v for k, v in configuration.items() if k not in other or other[k] != v}


def finished(parts: list[PartFacts]) -> list[PartFacts]:
    """The rungs or rounds of the final search that have ended, by budget."""
    found = [part for part in parts if part.part.stage is None and part.done]
    return sorted(found, key=lambda part: part.part.budget)


def bracket(search: SearchRun, parts: list[PartFacts]) -> list[Contender]:
    """All configurations of the final search.

    In front are those that compete, in the order of `records.best`; then those that reached the
    largest budgets.
    """
    direction = search.config.objective.direction
    order = ranking((training for part in parts for training in part.trained), direction)
    places = {
        (training.part, training.trial): place
        for place, candidate in enumerate(order.candidates)
        for training in candidate.trainings
    }
    sign = sign_of(direction)

    def place(contender: Contender) -> tuple[float, float, float]:
        ranks = [places[training] for training in contender.trainings if training in places]
        furthest = contender.scored[-1].part.budget if contender.scored else 0
        return (min(ranks, default=inf), -furthest, sign * (contender.last or 0.0))

    followed = sorted(_followed(search, parts), key=place)
    for contender in followed:
        contender.best = order.best is not None and place(contender)[0] == 0
    return followed


def _followed(search: SearchRun, parts: list[PartFacts]) -> list[Contender]:
    """The configurations with all their trainings, in the order of the first of them."""
    contenders: dict[tuple[str, int], Contender] = {}
    """The configurations by their last training."""
    followed: list[Contender] = []
    ended: set[str] = set()
    for part in parts:
        about = part.part
        if about.stage is not None or (about.previous and about.previous not in ended):
            continue  # what continued a rung that is being repeated is gone as well
        samples = search.drawn(part.name)
        # Another number: they are being drawn again.
        if part.table is None or len(samples) != len(part.table):
            continue
        ended.add(part.name)
        statuses, values = part.table["status"].tolist(), part.table["value"].tolist()
        if about.origin == "retrain":
            direction = search.config.objective.direction
            followed += _retrained(part, ranked(part.trained, direction), samples, statuses)
            continue
        for sample, status, value in zip(samples, statuses, values, strict=True):
            trial, before = sample["trial"], sample["continues"]
            if before:
                contender = contenders[before["part"], before["trial"]]
            else:
                contender = Contender(trial, sample["configuration"])
                followed.append(contender)
            contenders[part.name, trial] = contender
            contender.trainings.append((part.name, trial))
            contender.results.append(
                Result(status, float(value) if value == value else None, about)
            )
    return followed


def _retrained(
    part: PartFacts, order: list[Candidate], samples: list[SampleLine], statuses: list[str]
) -> list[Contender]:
    """The retrained configurations: all seeds of one together, with their mean."""
    return [
        Contender(
            candidate.trainings[0].trial,
            samples[candidate.first.trial]["configuration"],
            [Result(statuses[candidate.first.trial], candidate.value, part.part)],
            [(training.part, training.trial) for training in candidate.trainings],
        )
        for candidate in order
    ]
