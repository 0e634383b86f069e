"""The learning curves of the report: of the final search, or of the last stage that has some."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.records.best import ranked
from harmonica_steps.report.facts import Facts
from harmonica_steps.report.trainings import PartFacts
from harmonica_steps.results.curve import Point, joined, thinned
from harmonica_steps.results.search_run import SearchRun

MOST_OF_FINAL = 60
"""Most configurations of the final search."""

MOST_OF_STAGE = 20
"""Most trainings of a stage."""

MOST_POINTS = 50
"""Most points of each curve."""

MOST_LOOKED_AT = 500
"""Most records of a part that are searched for curves: usually all have one, or none."""


class Curve(NamedTuple):
    """The metric of a training, or of those that continue one another, step by step."""

    name: str
    points: list[Point]
    best: bool
    """Whether it belongs to the best."""


def curves(facts: Facts) -> list[Curve]:
    """The curves to show, the best first; none where no training has one."""
    if found := list(islice(_of_final(facts), MOST_OF_FINAL)):
        return found
    for part in reversed(facts.parts):
        if part.part.stage is None:
            continue
        if found := list(islice(_of_stage(facts, part), MOST_OF_STAGE)):
            return found
    return []


def _of_final(facts: Facts) -> Iterator[Curve]:
    for contender in facts.contenders[:MOST_LOOKED_AT]:
        again = contender.results[0].part.origin == "retrain"
        # The seeds of a configuration do not continue one another: the first stands for all.
        trainings = contender.trainings[:1] if again else contender.trainings
        if points := _points(facts.search, trainings):
            yield Curve(contender.name, points, contender.best)


def _of_stage(facts: Facts, part: PartFacts) -> Iterator[Curve]:
    order = [candidate.first.trial for candidate in ranked(part.trained, facts.direction)]
    for place, trial in enumerate(order[:MOST_LOOKED_AT]):
        if points := _points(facts.search, [(part.name, trial)]):
            yield Curve(f"{part.title.lower()}, {trial}", points, place == 0)


def _points(search: SearchRun, trainings: Iterable[tuple[str, int]]) -> list[Point]:
    """The curve of trainings that continue one another; damaged records are left out."""
    found: list[list[Point]] = []
    for part, trial in trainings:
        try:
            record = search.record(part, trial)
        except HarmonicaError:
            continue
        found.append([(step, value) for step, value in record.get("curve", [])])
    return thinned(joined(found), MOST_POINTS)
