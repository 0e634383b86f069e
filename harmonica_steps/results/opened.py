"""An opened search: its folder and the checked configuration that its plan holds."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from harmonica_steps.config import Search, parse
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import read_json
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.search.plan import Part, parts
from harmonica_steps.search.restriction import Restriction
from harmonica_steps.space import Space


@dataclass(frozen=True)
class Opened:
    """A search folder with its plan read."""

    folder: SearchFolder
    config: Search

    @classmethod
    def at(cls, root: Path) -> "Opened":
        """Open the search in `root`.

        Raises
        ------
        HarmonicaError
            When there is no plan in it.
        """
        folder = SearchFolder(root)
        if not folder.plan.is_file():
            raise HarmonicaError(
                f"{root}: holds no search (there is no plan.json); give the folder of one, such as "
                "results/digits."
            )
        return cls(folder, parse(read_json(folder.plan)["config"]))

    @cached_property
    def space(self) -> Space:
        """The search space."""
        return self.config.build_space()

    @cached_property
    def parts(self) -> list[Part]:
        """Stages, and rounds of the final search, in order."""
        return parts(self.config)

    def number(self, name: str) -> int:
        """Position of a part, from 1: stage s is part s, then comes the final search."""
        for number, part in enumerate(self.parts, start=1):
            if part.name == name:
                return number
        allowed = ", ".join(part.name for part in self.parts)
        raise HarmonicaError(f"{name!r} is no part of this search; allowed: {allowed}.")

    def part(self, name: str) -> Part:
        """The part of that name."""
        return self.parts[self.number(name) - 1]

    def before(self, part: Part) -> Restriction:
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
        try:
            return Restriction.parse(read_json(path), self.space)
        except HarmonicaError as error:
            message = str(error)
            raise HarmonicaError(
                message if message.startswith(str(path)) else f"{path}: {message}"
            ) from None
