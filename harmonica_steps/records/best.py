"""The one rule for the best: which trainings compete, and which configuration wins.

Everything that shows or uses a best asks this module.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from math import fsum
from typing import Any, NamedTuple

from harmonica_steps.records.direction import Direction, sign_of

RETRAIN = "final/retrain"
"""The part in which the best are retrained."""


def as_text(configuration: Mapping[str, Any], fidelity: Mapping[str, Any]) -> str:
    """The parameters of a configuration as text, to tell configurations apart.

    They are everywhere in the order of the space; the fixed settings, which may be in any order,
    are left out. As text ``1`` and ``True`` differ, and many are cheap to keep.
    """
    if not fidelity:
        return repr(configuration)
    return repr({name: value for name, value in configuration.items() if name not in fidelity})


class Trained(NamedTuple):
    """A training that has ended."""

    part: str
    trial: int
    budget: float
    fidelity: Mapping[str, Any]
    configuration: str
    """What the training was given, see `as_text`."""
    value: float | None
    """Its metric, None if it failed."""
    copied: bool = False
    """Whether it repeats an earlier training without having been run."""

    @property
    def of_stage(self) -> bool:
        """Whether it is a sample of a stage."""
        return self.part.startswith("stage-")

    @property
    def retrained(self) -> bool:
        """Whether its configuration was trained before, and now again with a new seed."""
        return self.part == RETRAIN

    def trains_like(self, other: "Trained") -> bool:
        """Whether the same configuration means the same training in both."""
        return (self.budget, self.fidelity) == (other.budget, other.fidelity)


class Candidate(NamedTuple):
    """A configuration with all its trainings at one budget and fidelity."""

    trainings: tuple[Trained, ...]

    @property
    def counting(self) -> list[Trained]:
        """The trainings that have a metric; of a copy and its original only the original."""
        scored = [t for t in self.trainings if t.value is not None]
        return [t for t in scored if not t.copied] or scored

    @property
    def values(self) -> list[float]:
        """The metrics that count."""
        return [t.value for t in self.counting if t.value is not None]

    @property
    def value(self) -> float | None:
        """The mean of the metrics, None if all trainings failed."""
        values = self.values
        # `fsum` rounds once: the order of the trainings makes no difference.
        return fsum(values) / len(values) if values else None

    @property
    def first(self) -> Trained:
        """The first training that counts, or else the first."""
        return next(iter(self.counting), self.trainings[0])

    @property
    def failed_with_a_seed(self) -> bool:
        """Whether it was retrained and failed with some of its seeds."""
        return self.first.retrained and len(self.values) < len(self.trainings)


@dataclass(frozen=True)
class Ranking:
    """The configurations that compete, and what does not compete but is better."""

    candidates: list[Candidate]
    """Best first; those without a metric come last."""
    better: Trained | None
    """The best of all other trainings, if its metric is better than that of the answer."""

    @property
    def best(self) -> Candidate | None:
        """The answer; None if no training that competes has a metric."""
        found = self.candidates[:1]
        return found[0] if found and found[0].value is not None else None

    @property
    def competed(self) -> int:
        """How many different configurations have a metric that counts."""
        return sum(candidate.value is not None for candidate in self.candidates)

    @property
    def chosen(self) -> str:
        """How the answer was chosen, as in `among`; empty without one."""
        best = self.best
        return among(self.competed, best.first.budget, len(best.values)) if best else ""


def ranking(trainings: Iterable[Trained], direction: Direction, *, so_far: bool = False) -> Ranking:
    """Rank the configurations of a search.

    Parameters
    ----------
    trainings
        All that have ended, in the order of parts and trials; ties go to the first.
    direction
        ``minimize`` or ``maximize``.
    so_far
        See `competing`.
    """
    known = list(trainings)
    inside = competing(known, so_far=so_far)
    found = Ranking(ranked(inside, direction), None)
    if found.best is None or found.best.value is None:
        return found
    sign = sign_of(direction)
    compared = {(t.part, t.trial) for t in inside}
    better = [
        (sign * t.value, t)
        for t in known
        if t.value is not None
        and (t.part, t.trial) not in compared
        and sign * t.value < sign * found.best.value
    ]
    return Ranking(found.candidates, min(better, key=lambda entry: entry[0])[1] if better else None)


def competing(trainings: Sequence[Trained], *, so_far: bool = False) -> list[Trained]:
    """The trainings among which the best of a search is chosen.

    These are the retrained ones if any of them succeeded. Otherwise they are all that train like
    the largest budget of the final search at which any training succeeded, samples of stages
    included. If there is no success at any of its budgets they are those of its largest one, and
    there is no best.

    Parameters
    ----------
    trainings
        All that have ended.
    so_far
        Whether the stages decide, by the same rule, as long as the final search has no metric.
    """
    earlier = [t for t in trainings if not t.retrained]
    if any(t.retrained and t.value is not None for t in trainings):
        return [t for t in trainings if t.retrained]
    succeeded = _one_of_each_part(t for t in earlier if t.value is not None)
    final = _one_of_each_part(t for t in earlier if not t.of_stage)
    useful = [t for t in final if any(t.trains_like(other) for other in succeeded)]
    if not useful and so_far:
        # Of equal budgets the last: its fidelity is the closest to that of the final search.
        useful = succeeded[::-1]
    deciding = useful or final
    if not deciding:
        return []
    like = max(deciding, key=lambda t: t.budget)
    return [t for t in earlier if t.trains_like(like)]


def ranked(trainings: Iterable[Trained], direction: Direction) -> list[Candidate]:
    """The configurations of trainings that all have the same budget and fidelity, best first.

    Repeated trainings of one configuration count by the mean of their metrics. A configuration
    that was retrained and failed with some of its seeds comes after those that did not fail.
    """
    repeated: dict[str, list[Trained]] = {}
    for training in trainings:
        repeated.setdefault(training.configuration, []).append(training)
    sign = sign_of(direction)

    def place(candidate: Candidate) -> tuple[bool, bool, float]:
        value = candidate.value
        return (value is None, candidate.failed_with_a_seed, 0.0 if value is None else sign * value)

    return sorted((Candidate(tuple(found)) for found in repeated.values()), key=place)


def to_retrain(trainings: Iterable[Trained], direction: Direction, count: int) -> list[Trained]:
    """A training of each of the best `count` configurations.

    If fewer have a metric, the best of them come a second time, and so on.
    """
    candidates = ranking(trainings, direction).candidates
    useful = [candidate for candidate in candidates if candidate.value is not None] or candidates
    return [candidate.first for candidate in islice(cycle(useful), count)]


def among(competed: int, budget: float, trainings: int) -> str:
    """How an answer was chosen, e.g. ``best of 9 at budget 27``."""
    mean = f"mean of {trainings} trainings, " if trainings > 1 else ""
    return f"{mean}best of {competed} at budget {budget:g}"


def about_better(better: Trained, best: Trained, metric: str) -> str:
    """A sentence about a training that was better than the answer but did not compete."""
    if better.budget != best.budget:
        how = "with another budget"
    elif better.fidelity != best.fidelity:
        how = "with other fixed settings"
    else:
        how = "before the retraining"
    return (
        f"A training {how} had a better {metric}: {better.value:.4g} "
        f"({better.part}, trial {better.trial}, budget {better.budget:g})."
    )


def _one_of_each_part(trainings: Iterable[Trained]) -> list[Trained]:
    return list({t.part: t for t in trainings}.values())
