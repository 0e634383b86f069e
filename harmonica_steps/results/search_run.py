"""A search that has a folder: the configuration in its plan, and typed readers of its files."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from harmonica_steps.config import Search, parse
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import damaged, json_in, read_bytes
from harmonica_steps.records.record import Record, read_record
from harmonica_steps.records.sample import SampleLine, read_samples, why_skipped
from harmonica_steps.results.best import Best, read_best
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.results.planned import REPAIR, read_plan
from harmonica_steps.results.psr import Psr, read_psr
from harmonica_steps.search.plan import Part, parts
from harmonica_steps.search.restriction import Restriction
from harmonica_steps.space import Space

REPAIR_FROZEN = (
    "Correct it, or delete it and run snakemake again, which rewrites it from what the stage has "
    "recovered."
)


@dataclass(frozen=True)
class SearchRun:
    """A search folder with its plan read."""

    folder: SearchFolder
    config: Search

    @classmethod
    def at(cls, root: Path) -> "SearchRun":
        """Open the search in `root`.

        Raises
        ------
        HarmonicaError
            When there is no plan in it, or a damaged one.
        """
        folder = SearchFolder(root)
        plan = read_plan(folder)
        try:
            search = cls(folder, parse(plan["config"]))
        except HarmonicaError as error:
            raise damaged(folder.plan, f"config: {error}".rstrip("."), REPAIR) from None
        planned = [(part["part"], part["trainings"], part["budget"]) for part in plan["parts"]]
        if planned != [(part.name, part.trials, part.budget) for part in search.parts]:
            raise damaged(folder.plan, "parts: are not those of its config", REPAIR)
        return search

    @cached_property
    def space(self) -> Space:
        """The search space."""
        return self.config.build_space()

    @cached_property
    def parts(self) -> list[Part]:
        """Stages, and rounds of the final search, in order."""
        return parts(self.config)

    def position(self, name: str) -> int:
        """Position of a part, from 1: stage s is part s, then comes the final search."""
        for number, part in enumerate(self.parts, start=1):
            if part.name == name:
                return number
        allowed = ", ".join(part.name for part in self.parts)
        raise HarmonicaError(f"{name!r} is not a part of this search; allowed: {allowed}.")

    def part(self, name: str) -> Part:
        """The part of that name."""
        return self.parts[self.position(name) - 1]

    def restriction_before(self, part: Part) -> Restriction:
        """What the stages before a part have frozen."""
        return self.restriction(len(self.config.stages) if part.stage is None else part.stage - 1)

    def restriction(self, stages: int) -> Restriction:
        """What the first `stages` stages have frozen.

        Raises
        ------
        HarmonicaError
            When the file was edited into something else than a restriction.
        """
        if stages == 0:
            return Restriction()
        path = self.folder.frozen(stages)
        content = read_bytes(path, repair=REPAIR_FROZEN)
        return restriction_in(content, path, self.space, stages)

    def why_skipped(self, name: str) -> str | None:
        """Why a part is not trained; None if it is, or is not drawn yet."""
        return why_skipped(self.folder.samples(name))

    def trainings(self, name: str) -> int:
        """How many trainings a part has: none if it is skipped."""
        return self.part(name).trials if self.why_skipped(name) is None else 0

    def samples(self, name: str) -> list[SampleLine]:
        """The samples of a part."""
        return read_samples(self.folder.samples(name), self.part(name).trials)

    def drawn(self, name: str) -> list[SampleLine]:
        """The samples of a part as far as they are drawn, or those of an earlier configuration."""
        path = self.folder.samples(name)
        if not path.exists():
            return []
        return read_samples(path, self.part(name).trials, exactly=False)

    def record(self, name: str, trial: int) -> Record:
        """The record of a training."""
        return read_record(self.folder.record(name, trial))

    def psr(self, stage: int) -> Psr:
        """What a stage has recovered."""
        return read_psr(self.folder.psr(stage), self.space, stage)

    def best(self) -> Best | None:
        """The best configuration, None before there is one."""
        return read_best(self.folder.best, self.space) if self.folder.best.exists() else None


def restriction_in(content: bytes, path: Path, space: Space, stage: int) -> Restriction:
    """The restriction in a file ``frozen.json``, see `SearchRun.restriction`."""
    found = json_in(content, path, REPAIR_FROZEN)
    if found.get("stage", stage) != stage:
        problem = f"stage: must be {stage}, got {str(found['stage'])[:40]}"
        raise damaged(path, problem, REPAIR_FROZEN)
    try:
        return Restriction.parse(found, space)
    except HarmonicaError as error:
        problem = str(error).rstrip(".")
        raise damaged(path, problem, REPAIR_FROZEN) from None
