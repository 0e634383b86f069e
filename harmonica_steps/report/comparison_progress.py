"""The best so far against what it has cost, search by search."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import nan
from typing import NamedTuple

from harmonica_steps.records.best import Candidate, Trained
from harmonica_steps.records.direction import sign_of
from harmonica_steps.report.comparison import Compared, Group

MOST_POINTS = 200
"""Most points of a line."""


class Point(NamedTuple):
    """A moment at which the best so far changes, and the last moment of a search."""

    trainings: int
    """Number of trainings that have ended."""
    cpu_seconds: float
    """CPU time that they have taken."""
    value: float


@dataclass(frozen=True)
class Course:
    """How the best of a search got better."""

    search: Compared
    points: list[Point]
    """At most `MOST_POINTS`; none before a part that competes for the best has ended."""
    trainings: int
    """Number of trainings in the parts that have ended."""
    cpu_seconds: float

    def at(self, trainings: float | None = None, cpu_seconds: float | None = None) -> float | None:
        """The best so far at this cost; None if there was none yet."""
        known = [
            point.value
            for point in self.points
            if (trainings is None or point.trainings <= trainings)
            and (cpu_seconds is None or point.cpu_seconds <= cpu_seconds)
        ]
        return known[-1] if known else None


@dataclass(frozen=True)
class EqualCost:
    """Searches on one scale, when all of them had cost as much as the cheapest one did."""

    courses: list[Course]
    trainings: int
    cpu_seconds: float

    @property
    def changes(self) -> bool:
        """Whether there is a line to draw: a search whose best was not found only at its end."""
        return any(len(course.points) > 1 for course in self.courses)


def equal_cost(group: Group) -> EqualCost | None:
    """The courses of a group's searches; None if none of them has one."""
    courses = sorted(map(course, group.members), key=lambda course: course.search.number)
    drawn = [course for course in courses if course.points]
    if not drawn:
        return None
    return EqualCost(
        courses,
        min(course.trainings for course in drawn),
        min(course.cpu_seconds for course in drawn),
    )


def course(search: Compared) -> Course:
    """The best so far among the trainings that train like the answer, in the order they ended.

    All trainings cost. Those with another budget or other fixed settings have no value that could
    be compared, see `records.best`. Where the answer was trained again with new seeds, its mean is
    the last value.
    """
    answer = search.answer
    sign = sign_of(search.facts.direction)
    repeated: dict[str, Candidate] = {}
    points: list[Point] = []
    ended, seconds = 0, 0.0
    best: Candidate | None = None
    for training, taken in _in_time(search):
        ended += not training.copied
        seconds += taken
        if answer is None or training.retrained or training.value is None:
            continue
        if (training.budget, training.fidelity) != (answer.budget, answer.fidelity):
            continue
        known = repeated.get(training.configuration, Candidate(()))
        again = Candidate((*known.trainings, training))
        repeated[training.configuration] = again
        if best is known:  # its mean may have got worse
            best = min(repeated.values(), key=lambda one: sign * _mean(one))
        elif best is None or sign * _mean(again) < sign * _mean(best):
            best = again
        if not points or points[-1].value != _mean(best):
            points.append(Point(ended, seconds, _mean(best)))
    complete = all(part.done for part in search.facts.parts)
    if points:
        last = answer.value if answer and complete else points[-1].value
        if points[-1] != (end := Point(ended, seconds, last)):
            points.append(end)
    return Course(search, _sampled(points), ended, seconds)


def _in_time(search: Compared) -> Iterator[tuple[Trained, float]]:
    """All trainings of finished parts in the order in which they ended, with their CPU time."""
    for part in search.facts.parts:
        if part.table is None or part.skipped:
            continue
        runtime = part.runs
        ends = runtime["started"] + runtime["seconds"]
        seconds = runtime["cpu_seconds"].tolist()
        for trial in ends.argsort(kind="stable").tolist():
            if trial < len(part.trained):  # the table of the times may be another one's
                yield part.trained[trial], seconds[trial]


def _mean(candidate: Candidate) -> float:
    return nan if candidate.value is None else candidate.value  # only successes are in it


def _sampled(points: Sequence[Point]) -> list[Point]:
    """Both ends, and evenly spread points in between."""
    if len(points) <= MOST_POINTS:
        return list(points)
    last = len(points) - 1
    return [points[round(i * last / (MOST_POINTS - 1))] for i in range(MOST_POINTS)]
