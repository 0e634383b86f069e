"""The progress of a search as data, for `harmonica status` and the report."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from harmonica_steps.records.best import Candidate, Ranking
from harmonica_steps.records.direction import Direction
from harmonica_steps.report.failures import Cause
from harmonica_steps.results.statuses import FAILURES


class Times(NamedTuple):
    """What the finished trainings of a part have taken."""

    seconds: float
    """Total of their times."""
    trainings: int
    first: float
    """When the first one started, in seconds since 1970."""
    last: float
    """When the last one ended."""

    @property
    def mean(self) -> float:
        """Mean seconds of a training."""
        return self.seconds / self.trainings

    @property
    def parallel(self) -> float:
        """How many ran side by side, on average."""
        return max(self.seconds / max(self.last - self.first, 1e-3), 1.0)


class Reached(NamedTuple):
    """The progress of a training."""

    trial: int
    step: float
    value: float
    """The metric after the step."""


class UnderWay(NamedTuple):
    """The running trainings of a part that report their progress."""

    part: str
    running: int
    """Number of all running trainings."""
    looked: int
    """Number of these that were looked at."""
    found: list[Reached]
    """Progress of those with a learning curve, the best metric first."""


@dataclass(frozen=True)
class PartStatus:
    """A part of the search."""

    name: str
    trainings: int
    budget: float
    fidelity: dict[str, Any]
    added_budget: float
    """What is trained here; a rung continues from the budget of the one before."""
    skipped: bool
    """Whether nothing is trained, because the stage is not needed."""
    counts: dict[str, int]
    """Finished trainings by status."""
    under_way: list[int]
    """The trials that have started and have no record yet."""
    ended: bool
    """Whether all is done, up to the table of the part."""
    best: float | None
    """The best metric in it, repeated trainings by their mean."""
    causes: list[Cause]
    times: Times | None
    damaged: list[str]
    """What is wrong with records that cannot be read; they count as not there."""

    @property
    def running(self) -> int:
        """How many trainings are under way."""
        return len(self.under_way)

    @property
    def done(self) -> int:
        """Trainings of which there is nothing left to do."""
        return self.trainings if self.skipped else self.trained

    @property
    def trained(self) -> int:
        """Trainings with a record, whatever it says."""
        return sum(self.counts.values())

    @property
    def failed(self) -> int:
        """Trainings without a usable metric."""
        return sum(self.counts.get(status, 0) for status in FAILURES)

    @property
    def waiting(self) -> int:
        """Trainings that have not started."""
        return max(self.trainings - self.done - self.running, 0)


@dataclass(frozen=True)
class SearchStatus:
    """All parts of a search."""

    name: str
    metric: str
    direction: Direction
    parts: list[PartStatus]
    finished: bool
    controller: str | None
    """What runs the search; None if nothing does, as far as this machine can tell."""
    ranking: Ranking
    """The ranking of what has ended so far."""
    under_way: UnderWay | None = None
    """None where no running training has a learning curve."""

    @property
    def best(self) -> Candidate | None:
        """The best configuration so far."""
        return self.ranking.best

    def seconds_left(self, parallel: int | None = None) -> float | None:
        """The time still needed, from what the finished trainings took; None without any.

        Parameters
        ----------
        parallel
            Trainings at a time; by default as many as run now, or ran in the last part.
        """
        known: PartStatus | None = None
        left = 0.0
        for part in self.parts:
            if part.times:
                known = part
            missing = part.trainings - part.done
            if missing <= 0:
                continue
            if known is None or known.times is None:
                return None
            each = known.times.mean * part.added_budget / known.added_budget
            running = sum(p.running for p in self.parts)
            at_once = min(parallel or running or round(known.times.parallel), part.trainings)
            # The last of many ends late: never less than one training.
            left += max(missing / at_once, 1.0) * each
        return left


@dataclass(frozen=True)
class Damaged:
    """A search whose plan cannot be read."""

    problem: str
    finished: bool = True
    """There is nothing to wait for."""
