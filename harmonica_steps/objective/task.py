"""What a training is asked to do: its sample, its program, and what it continues."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from harmonica_steps.errors import HarmonicaError, near_miss
from harmonica_steps.objective.command import setting_names
from harmonica_steps.objective.program import UNTRAINED, continued, definition, training_key
from harmonica_steps.records.record import Copied, ImportedTrial, Place, Record, read_record
from harmonica_steps.records.sample import SampleLine, read_sample, why_skipped
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.results.planned import read_plan


@dataclass(frozen=True)
class Task:
    """One training of a search."""

    folder: SearchFolder
    part: str
    trial: int
    objective: dict[str, Any]
    """The section ``objective`` of the config file."""
    names: list[str]
    """Names of all settings that some training may have, see `setting_names`."""
    budget: float

    @classmethod
    def read(cls, folder: SearchFolder, part: str, trial: int) -> "Task":
        """The training with this number, of the plan as it is now.

        Raises
        ------
        HarmonicaError
            When there is no such part, or the plan is damaged.
        """
        plan = read_plan(folder)
        names = [planned["part"] for planned in plan["parts"]]
        if part not in names:
            raise HarmonicaError(f"{part!r} is not a part of this search{near_miss(part, names)}")
        return cls(
            folder,
            part,
            trial,
            plan["config"]["objective"],
            setting_names(plan["config"]["space"], (p["fidelity"] for p in plan["parts"])),
            plan["parts"][names.index(part)]["budget"],
        )

    @cached_property
    def why_skipped(self) -> str | None:
        """Why its part is not trained; None if it is."""
        return why_skipped(self.folder.samples(self.part))

    @cached_property
    def sample(self) -> SampleLine:
        """What was drawn."""
        return read_sample(self.folder.samples(self.part), self.trial)

    @property
    def record(self) -> Path:
        """Path of the record."""
        return self.folder.record(self.part, self.trial)

    @property
    def imported(self) -> ImportedTrial | None:
        """The trial of a study that has trained the sample."""
        return self.sample.get("imported")

    @property
    def copied(self) -> Copied | None:
        """The training of another part that is the same."""
        return self.sample.get("copied")

    @property
    def is_trained_here(self) -> bool:
        """Whether the program is started."""
        return self.imported is None and self.copied is None

    @cached_property
    def source(self) -> Place | None:
        """The training whose checkpoint this one starts from, or that it is a copy of."""
        if self.copied is not None:
            return {"part": self.copied["part"], "trial": self.copied["trial"]}
        return self.sample["continues"]

    @cached_property
    def before(self) -> Record | None:
        """The record of the source."""
        return None if self.source is None else read_record(self.folder.record(**self.source))

    @property
    def original(self) -> Record | None:
        """The record of the training that is the same."""
        return None if self.copied is None else self.before

    @cached_property
    def identity(self) -> dict[str, Any]:
        """What the record repeats of it."""
        elsewhere: Any = {name: self.sample.get(name) for name in UNTRAINED if name in self.sample}
        return {
            "configuration": self.sample["configuration"],
            "seed": self.sample["seed"],
            "budget": self.budget,
            **elsewhere,
        }

    @cached_property
    def key(self) -> str:
        """See `training_key`."""
        return training_key(self.identity, definition(self.objective), continued(self.before))
