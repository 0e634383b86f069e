"""Everything that the report says, as data: from the tables and the files of a search."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from harmonica_steps.files import read_json
from harmonica_steps.report.bracket import Contender, bracket
from harmonica_steps.report.effects import MainEffect, PairEffect, effects, shown
from harmonica_steps.report.failures import Cause
from harmonica_steps.report.status import Reader, SearchStatus
from harmonica_steps.report.trainings import PartFacts, part_facts
from harmonica_steps.results.opened import Opened
from harmonica_steps.search.restriction import Restriction


@dataclass(frozen=True)
class StageFacts:
    """What a stage has recovered and frozen."""

    number: int
    psr: dict[str, Any]
    """As `steps.recover` wrote it."""
    restriction: Restriction
    """After the stage."""
    frozen: tuple[str, ...]
    """What this stage has frozen, beside what was frozen before it."""
    main: list[MainEffect]
    joint: list[PairEffect]

    @property
    def range(self) -> list[float]:
        """Ends of all intervals of the main effects: their figures share an axis."""
        cells = [cell for effect in self.main for _, cell in effect.settings]
        return [end for cell in cells for end in (cell.low, cell.high)]

    @property
    def skipped(self) -> bool:
        """Whether it was not trained, as those before it had frozen nothing more."""
        return bool(self.psr.get("skipped"))

    @property
    def terms(self) -> list[dict[str, Any]]:
        """What it has recovered, the strongest first."""
        found: list[dict[str, Any]] = self.psr["terms"]
        return found


@dataclass(frozen=True)
class ParameterFacts:
    """What became of a parameter."""

    name: str
    levels: list[str]
    stage: int | None
    """That has frozen it, None if it is free."""
    values: list[str]
    """It was frozen to; several, where the kept candidates differ."""
    why: str


@dataclass(frozen=True)
class Facts:
    """A search, as far as it is."""

    opened: Opened
    parts: list[PartFacts]
    stages: list[StageFacts]
    parameters: list[ParameterFacts]
    contenders: list[Contender]
    status: SearchStatus
    best: dict[str, Any] | None

    @property
    def metric(self) -> str:
        """What is optimised."""
        return self.opened.config.objective.metric

    @property
    def direction(self) -> str:
        """``minimize`` or ``maximize``."""
        return self.opened.config.objective.direction

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


def gather(opened: Opened) -> Facts:
    """The facts of a search, finished or not."""
    parts = part_facts(opened)
    stages = _stages(opened, parts)
    best = opened.folder.best
    return Facts(
        opened=opened,
        parts=parts,
        stages=stages,
        parameters=_parameters(opened, stages),
        contenders=bracket(opened, parts),
        status=Reader().read(opened.folder.root),
        best=read_json(best) if best.is_file() else None,
    )


def _stages(opened: Opened, parts: list[PartFacts]) -> list[StageFacts]:
    found: list[StageFacts] = []
    before: tuple[str, ...] = ()
    for part in parts[: len(opened.config.stages)]:
        number = part.number
        files = (opened.folder.psr(number), opened.folder.frozen(number))
        if part.table is None or not all(path.is_file() for path in files):
            break
        psr = read_json(files[0])
        restriction = opened.restriction(number)
        new = tuple(name for name in restriction.frozen if name not in before)
        main, joint = effects(opened, part.table, psr["terms"])
        found.append(StageFacts(number, psr, restriction, new, main, joint))
        before = restriction.frozen
    return found


def _parameters(opened: Opened, stages: list[StageFacts]) -> list[ParameterFacts]:
    """The frozen ones in front, stage by stage."""
    found = []
    for name in opened.space.names:
        by = next((stage for stage in stages if name in stage.frozen), None)
        why = _why(name, by, stages)
        # After an edit by hand, the stages that follow may still be those of before.
        assigning = [s.restriction for s in stages if name in s.restriction.frozen]
        kept = assigning[-1].candidates if assigning else ()
        values = dict.fromkeys(shown(candidate.assignment[name]) for candidate in kept)
        levels = [shown(value) for value in opened.space.grids[name]]
        found.append(ParameterFacts(name, levels, by.number if by else None, list(values), why))
    return sorted(found, key=lambda parameter: parameter.stage or len(stages) + 1)


def _why(name: str, by: StageFacts | None, stages: list[StageFacts]) -> str:
    """Of the stage that froze it, or of the last one that has looked at it."""
    looked = [s.psr["parameters"][name] for s in stages if name in s.psr["parameters"]]
    entry = by.psr["parameters"].get(name) if by else (looked[-1] if looked else None)
    if by and (entry is None or entry["status"] != "frozen"):
        return "frozen by hand"
    if entry is None:
        return "no stage has looked at it yet"
    return str(entry["reason"]).replace(" +- ", " ± ").replace(" x ", " × ")
