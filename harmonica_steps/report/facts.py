"""Everything that the report says, as data, from the tables and the files of a search."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.records.direction import Direction
from harmonica_steps.records.record import read_record
from harmonica_steps.report.bracket import Contender, bracket
from harmonica_steps.report.effects import MainEffect, PairEffect, effects, shown
from harmonica_steps.report.failures import Cause
from harmonica_steps.report.so_far import SearchStatus
from harmonica_steps.report.status import Reader
from harmonica_steps.report.trainings import PartFacts, part_facts
from harmonica_steps.results.best import Best
from harmonica_steps.results.psr import Leaning, Psr, PsrTerm, Small
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.search.restriction import Restriction, changed
from harmonica_steps.space import Region, Space, Value
from harmonica_steps.space.region import SLACK

PROBABLE = 0.9
"""Probability from which on a parameter is said to lean towards a setting."""


@dataclass(frozen=True)
class StageFacts:
    """What a stage has recovered and frozen."""

    number: int
    psr: Psr
    """The recovery as `steps.recover` wrote it."""
    restriction: Restriction
    """The restriction after the stage."""
    changed: tuple[str, ...]
    """What this stage has frozen or narrowed."""
    main: list[MainEffect]
    joint: list[PairEffect]

    @property
    def range(self) -> list[float]:
        """Ends of all intervals of the main effects: their figures share an axis."""
        cells = [cell for effect in self.main for _, cell in effect.settings]
        return [end for cell in cells for end in (cell.low, cell.high)]

    @property
    def skipped(self) -> bool:
        """Whether it was not trained, because those before it froze nothing new."""
        return bool(self.psr.get("skipped"))

    @property
    def small_effects(self) -> Small | None:
        """What the main effects say together, if that is better than chance."""
        found = self.psr.get("small_effects")
        return found if "small effects" in self.psr["finding"] else None

    @property
    def leaning(self) -> list[Leaning]:
        """Parameters that have a probable direction, the surest first."""
        small = self.small_effects
        return [e for e in small["leaning"] if e["probability"] >= PROBABLE] if small else []

    @property
    def terms(self) -> list[PsrTerm]:
        """What it has recovered, the strongest first."""
        return self.psr["terms"]


@dataclass(frozen=True)
class ParameterFacts:
    """What became of a parameter."""

    name: str
    levels: list[str]
    stage: int | None
    """The last stage that has frozen or narrowed it; None if it is free."""
    values: list[str]
    """What it was frozen or narrowed to; several where the kept candidates differ."""
    ends: bool
    """Whether it is ordered, and what the best candidate leaves is at an end of its range."""
    why: str


@dataclass(frozen=True)
class Facts:
    """A search, finished or not."""

    search: SearchRun
    parts: list[PartFacts]
    stages: list[StageFacts]
    parameters: list[ParameterFacts]
    contenders: list[Contender]
    status: SearchStatus
    best: Best | None

    @property
    def metric(self) -> str:
        """What is optimised."""
        return self.search.config.objective.metric

    @property
    def direction(self) -> Direction:
        """``minimize`` or ``maximize``."""
        return self.search.config.objective.direction

    @cached_property
    def configuration(self) -> Mapping[str, Value] | None:
        """The best configuration or, while the search runs, the best so far."""
        if self.best or not self.status.best:
            return self.best["configuration"] if self.best else None
        first = self.status.best.first
        try:
            return read_record(self.search.folder.record(first.part, first.trial))["configuration"]
        except HarmonicaError:
            return None  # it is being trained again

    @cached_property
    def causes(self) -> list[Cause]:
        """Failures of all parts, also of one that was stopped because of them."""
        return [cause for part in self.status.parts for cause in part.causes]

    @property
    def failed(self) -> int:
        """Failed trainings."""
        return sum(part.failed for part in self.status.parts)

    @property
    def done(self) -> int:
        """Trainings that have ended."""
        return sum(part.trained for part in self.status.parts)


def gather(search: SearchRun) -> Facts:
    """The facts of a search, finished or not."""
    parts = part_facts(search)
    stages = _stages(search, parts)
    return Facts(
        search=search,
        parts=parts,
        stages=stages,
        parameters=_parameters(search, stages),
        contenders=bracket(search, parts),
        status=Reader().read(search.folder.root),
        best=search.best(),
    )


def _stages(search: SearchRun, parts: list[PartFacts]) -> list[StageFacts]:
    found: list[StageFacts] = []
    before = Restriction()
    for part in parts[: len(search.config.stages)]:
        number = part.number
        files = (search.folder.psr(number), search.folder.frozen(number))
        if part.table is None or not all(path.exists() for path in files):
            break
        psr = search.psr(number)
        restriction = search.restriction(number)
        main, joint = effects(search, number, psr["terms"])
        new = changed(before, restriction)
        found.append(StageFacts(number, psr, restriction, new, main, joint))
        before = restriction
    return found


def _parameters(search: SearchRun, stages: list[StageFacts]) -> list[ParameterFacts]:
    """The frozen ones in front, stage by stage."""
    found = []
    for name in search.space.names:
        by = next((stage for stage in reversed(stages) if name in stage.changed), None)
        why = _why(name, by, stages)
        # After an edit by hand, the stages that follow may still be those of before.
        assigning = [s.restriction for s in stages if name in s.restriction.assigned]
        kept = assigning[-1].candidates if assigning else ()
        values = dict.fromkeys(shown(candidate.assignment[name]) for candidate in kept)
        found.append(
            ParameterFacts(
                name,
                _settings(search.space, name),
                by.number if by else None,
                list(values),
                _at_an_end(search.space, name, assigning[-1]) if assigning else False,
                why,
            )
        )
    return sorted(found, key=lambda parameter: parameter.stage or len(stages) + 1)


def _settings(space: Space, name: str) -> list[str]:
    """All that a parameter can be."""
    if space.parameters[name].numeric:
        return [str(Region.whole(space).restricted(name, 0.0, 1.0))]
    return [shown(value) for value in space.grids[name]]


def _at_an_end(space: Space, name: str, restriction: Restriction) -> bool:
    """Whether the best candidate leaves an end of a range of more than two values."""
    column = space.names.index(name)
    whole = Region.whole(space)
    if not space.parameters[name].ordered or space.sizes[column] <= 2:
        return False
    best = restriction.regions(space)[0]
    return bool(best.low[column] <= SLACK or best.high[column] >= whole.high[column] - SLACK)


def _why(name: str, by: StageFacts | None, stages: list[StageFacts]) -> str:
    """The reason of the stage that froze it, or of the last one that has looked at it."""
    looked = [s.psr["parameters"][name] for s in stages if name in s.psr["parameters"]]
    entry = by.psr["parameters"].get(name) if by else (looked[-1] if looked else None)
    if by and (entry is None or entry["status"] != "frozen"):
        return "frozen by hand"
    if entry is None:
        return "no stage has looked at it yet"
    return entry["reason"].replace(" +- ", " ± ").replace(" x ", " × ")
