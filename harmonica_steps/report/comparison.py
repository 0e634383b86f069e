"""Several searches side by side: what each has found, and which can be compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import nan
from pathlib import Path
from typing import Any, NamedTuple

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.records.direction import sign_of
from harmonica_steps.report.facts import Facts, gather
from harmonica_steps.report.labels import labels
from harmonica_steps.report.trainings import PartFacts, part_facts
from harmonica_steps.results.best import Best, chosen
from harmonica_steps.results.search_run import SearchRun

MOST_SEARCHES = 8
"""More lines and columns cannot be distinguished."""
LONGEST_LABEL = 26
"""Characters of a name in a table's head or a sentence."""


class Totals(NamedTuple):
    """What a search costs, as planned and as measured."""

    trainings: int
    """Number planned, without those of skipped stages."""
    cpu_seconds: float
    """CPU time of the parts that have finished."""
    best: Best | None


def totals(search: SearchRun) -> Totals:
    """The totals of a search."""
    return _totals(part_facts(search), search.best())


def _totals(parts: Sequence[PartFacts], best: Best | None) -> Totals:
    hours = sum(part.cpu_hours for part in parts)
    return Totals(sum(part.trials for part in parts), 3600 * hours, best)


def further_metrics(bests: Sequence[Best | None]) -> list[str]:
    """Names of all that the best trainings report besides the metric."""
    return list(dict.fromkeys(name for best in bests if best for name in best["metrics"]))


@dataclass(frozen=True)
class Answer:
    """The best of a search so far."""

    value: float
    chosen: str
    """E.g. ``best of 9 at budget 27``."""
    budget: float
    fidelity: Mapping[str, Any]
    retrained: bool
    """Whether it is a mean of trainings with new seeds."""
    configuration: Mapping[str, Any]


@dataclass(frozen=True)
class Compared:
    """A search among others."""

    facts: Facts
    label: str
    """Its name, with its folder where another search has the same name."""
    short: str
    """The same without its middle, if it is long; different from those of the others."""
    number: int
    """Its place in the comparison, from 0: its column, colour and mark."""

    @cached_property
    def totals(self) -> Totals:
        """What it takes."""
        return _totals(self.facts.parts, self.facts.best)

    @cached_property
    def answer(self) -> Answer | None:
        """The best so far; None before a training has a metric."""
        return _answer(self.facts)

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do."""
        return self.facts.best is not None

    @property
    def scale(self) -> tuple[str, str, float, str] | None:
        """What the values of two searches must have in common to be compared."""
        if self.answer is None:
            return None
        fixed = repr(sorted(self.answer.fidelity.items()))
        return (self.facts.metric, self.facts.direction, self.answer.budget, fixed)


@dataclass(frozen=True)
class Group:
    """Searches whose values are on one scale, the best first."""

    members: list[Compared]

    @property
    def best(self) -> list[Compared]:
        """The best; several if they are equally good, none without another one to compare with."""
        if len(self.members) < 2:
            return []
        return [m for m in self.members if _value(m) == _value(self.members[0])]


@dataclass(frozen=True)
class Comparison:
    """Two to eight searches."""

    searches: list[Compared]

    @cached_property
    def groups(self) -> list[Group]:
        """The searches that have a result, grouped by their scale; the largest groups first."""
        found: dict[object, list[Compared]] = {}
        for search in sorted(self.searches, key=lambda search: search.label):
            if search.scale is not None:
                found.setdefault(search.scale, []).append(search)
        groups = [Group(sorted(members, key=_place)) for members in found.values()]
        return sorted(groups, key=lambda group: (-len(group.members), group.members[0].label))

    @property
    def without_result(self) -> list[Compared]:
        """The searches without a metric so far."""
        return [search for search in self.searches if search.answer is None]

    def is_best(self, search: Compared) -> bool:
        """Whether no other search on its scale is better."""
        return any(search in group.best for group in self.groups)


def compare(folders: Sequence[Path]) -> Comparison:
    """Read the searches in these folders.

    Raises
    ------
    HarmonicaError
        When these are fewer than two or more than eight folders, a folder is given twice or holds
        no search.
    """
    if not 2 <= len(folders) <= MOST_SEARCHES:
        raise HarmonicaError(
            f"{len(folders)} searches: a comparison has 2 to {MOST_SEARCHES}. Leave some out."
        )
    seen: dict[Path, Path] = {}
    for folder in folders:
        if (earlier := seen.setdefault(folder.resolve(), folder)) is not folder:
            also = "" if str(earlier) == str(folder) else f" (it is {earlier})"
            raise HarmonicaError(f"{folder}: is named twice{also}. Name each search only once.")
    facts = [gather(SearchRun.at(folder)) for folder in folders]
    names = [found.search.config.search for found in facts]
    called = [
        name if names.count(name) == 1 else f"{name} ({folder})"
        for name, folder in zip(names, folders, strict=True)
    ]
    short = labels(called, LONGEST_LABEL)
    return Comparison(
        [Compared(*found) for found in zip(facts, called, short, range(len(facts)), strict=True)]
    )


def _answer(facts: Facts) -> Answer | None:
    best, final = facts.status.best, facts.best
    if best is None or best.value is None:
        return None
    first = best.first
    configuration = (
        final["configuration"]
        if final
        else facts.search.record(first.part, first.trial)["configuration"]
    )
    said = chosen(final) if final else facts.status.ranking.chosen
    return Answer(best.value, said, first.budget, first.fidelity, first.retrained, configuration)


def _value(search: Compared) -> float:
    return search.answer.value if search.answer else nan  # those without one are in no group


def _place(search: Compared) -> tuple[float, str]:
    sign = sign_of(search.facts.direction)
    return sign * _value(search), search.label
