"""What each step reads, and the settings that it depends on: the inputs and parameters of its rule.

A step that reads something else as well would not run again when that changes; a test watches what
each step opens. Snakemake imports this, and none of the steps: they import pandas.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harmonica_steps.config import Search
from harmonica_steps.files import digest
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.search.plan import Part


@dataclass(frozen=True)
class Inputs:
    """The inputs of all steps of a search.

    Settings are a digest of those that the results of a step follow from: if it changes, Snakemake
    runs the step again.
    """

    config: Search
    folder: SearchFolder
    parts: Mapping[str, Part]

    def drawn_from(self, name: str) -> list[str]:
        """The results that the samples of a part are drawn from."""
        part = self.parts[name]
        informing = [part.previous] if part.previous else part.informed_by
        found = [
            str(path)
            for other in informing
            for path in (self.folder.metrics(other), self.folder.samples(other))
        ]
        stages = len(self.config.stages) if part.stage is None else part.stage - 1
        if stages and not part.previous:
            found.append(str(self.folder.frozen(stages)))
        return found

    def given(self, name: str) -> list[str]:
        """The user's files that the samples of a part are drawn from."""
        found = []
        if self.parts[name].stage == 1 and (study := self.config.stages[0].study):
            found.append(study.path)
        if name == next(iter(self.parts)) and isinstance(self.config.start, str):
            found.append(self.config.start)
        return found

    def drawn_with(self, name: str) -> str:
        """The settings that the samples of a part follow from, besides the space and seed."""
        part = self.parts[name]
        position = list(self.parts).index(name)
        final = self.config.final
        more: list[Any] = []
        if part.stage == 1 and (study := self.config.stages[0].study):
            more = [study.model_dump()]
        if part.origin == "ask":
            more = final.settings_of_choice
        if part.origin == "retrain" and final.retrain:
            more = [final.retrain.seeds]
        if part.stage and (patience := self.config.stages[part.stage - 1].patience):
            more = [*more, {"patience": patience}]
        if name == next(iter(self.parts)) and self.config.start:
            more = [*more, self.config.start]
        how = [part.guided, part.entering, part.informed_by]
        return digest([position, part.trials, part.budget, part.fidelity, *how, *more])

    def records(self, name: str) -> list[str]:
        """All records of a part."""
        return [str(self.folder.record(name, i)) for i in range(self.parts[name].trials)]

    def collected_with(self, name: str) -> str:
        """The settings that the table of a part follows from."""
        policy = self.parts[name].failures.model_dump(exclude={"stop_after"})
        return digest([policy, self.config.objective.direction])

    def recovered_from(self, stage: int) -> list[str]:
        """What the recovery of a stage reads: tables so far, and what was frozen before."""
        tables = [str(self.folder.metrics(f"stage-{s}")) for s in range(stage, 0, -1)]
        return [*tables, str(self.folder.frozen(stage - 1))] if stage > 1 else tables

    def recovered_with(self, stage: int) -> str:
        """The settings that the recovery of a stage follows from."""
        settings = self.config.stages[stage - 1].model_dump(exclude={"failures"})
        return digest([settings, self.config.objective.transform])

    def tables(self) -> list[str]:
        """The tables of all parts."""
        return [str(self.folder.metrics(part)) for part in self.parts]

    def reported(self, name: str) -> list[str]:
        """The results of a part: its table and, of a stage, what was recovered and frozen."""
        found = [str(self.folder.metrics(name))]
        if (stage := self.parts[name].stage) is not None:
            found.append(str(self.folder.frozen(stage)))
        return found
