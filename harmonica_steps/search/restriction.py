"""The restriction: what the stages so far have frozen."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from harmonica_steps.errors import HarmonicaError, near_miss
from harmonica_steps.space import Space, Value

CANDIDATE = "(kept candidate)"
"""Name of the variable "which candidate of the stages so far", in terms and explanations."""


Assignment = tuple[tuple[str, Value], ...]
"""Names and values."""


@dataclass(frozen=True)
class Candidate:
    """One assignment of all frozen parameters."""

    assignment: dict[str, Value]
    predicted: float | None = None
    """What the polynomial that it minimises predicts, smaller is better; None if it was read."""


@dataclass(frozen=True)
class Restriction:
    """The kept candidates, best first; all assign the same parameters."""

    candidates: tuple[Candidate, ...] = (Candidate({}),)

    @cached_property
    def frozen(self) -> tuple[str, ...]:
        """Names of the frozen parameters."""
        return tuple(self.candidates[0].assignment)

    @cached_property
    def assignments(self) -> set[Assignment]:
        """What the candidates assign, in no order."""
        return {tuple(candidate.assignment.items()) for candidate in self.candidates}

    def free(self, space: Space) -> tuple[str, ...]:
        """Names of the parameters that are still drawn."""
        return tuple(name for name in space.names if name not in self.frozen)

    @classmethod
    def parse(cls, content: Mapping[str, Any], space: Space) -> "Restriction":
        """Read the assignments of a restriction that a person may have edited.

        Raises
        ------
        HarmonicaError
            On unknown parameters or levels, no candidates, or candidates that assign different
            parameters.
        """
        listed = content.get("candidates")
        if not isinstance(listed, list) or not listed:
            raise HarmonicaError("candidates: must be a list with at least one assignment.")
        candidates = []
        for number, entry in enumerate(listed, start=1):
            where = f"candidates.{number}"
            if not isinstance(entry, dict) or not isinstance(entry.get("assignment"), dict):
                raise HarmonicaError(
                    f"{where}: must be a mapping with the key assignment{near_miss('', [])}."
                )
            assignment = entry["assignment"]
            try:
                levels = {name: space.level(name, value) for name, value in assignment.items()}
            except HarmonicaError as error:
                raise HarmonicaError(f"{where}.assignment.{error}") from None
            ordered = {n: space.grids[n][levels[n]] for n in space.names if n in levels}
            candidates.append(Candidate(ordered))
        names = set(candidates[0].assignment)
        for number, candidate in enumerate(candidates, start=1):
            if differing := names.symmetric_difference(candidate.assignment):
                raise HarmonicaError(
                    f"candidates.{number}.assignment: all candidates must assign the same "
                    f"parameters; {', '.join(sorted(differing))} differ from the first."
                )
        return cls(tuple(candidates))
