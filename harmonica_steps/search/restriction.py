"""The restriction: what the stages so far have frozen or narrowed."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.space import Assigned, Interval, Region, Space, Value

CANDIDATE = "(kept candidate)"
"""Name of the variable "which candidate of the stages so far", in terms and explanations."""


Assignment = tuple[tuple[str, Assigned], ...]
"""Names, and what they are restricted to."""


@dataclass(frozen=True)
class Candidate:
    """What all restricted parameters are restricted to: a value, or an interval."""

    assignment: dict[str, Assigned]
    predicted: float | None = None
    """What the polynomial that it minimises predicts, smaller is better; None if it minimises none:
    it was read, or is that of the best training."""


@dataclass(frozen=True)
class Restriction:
    """The kept candidates, best first; all assign the same parameters."""

    candidates: tuple[Candidate, ...] = (Candidate({}),)

    @cached_property
    def assigned(self) -> tuple[str, ...]:
        """Names of the parameters that are frozen or narrowed."""
        return tuple(self.candidates[0].assignment)

    @cached_property
    def narrowed(self) -> tuple[str, ...]:
        """Names of the parameters that are still drawn, from an interval."""
        first = self.candidates[0].assignment
        return tuple(name for name, found in first.items() if isinstance(found, Interval))

    @cached_property
    def frozen(self) -> tuple[str, ...]:
        """Names of the parameters that each candidate gives one value."""
        return tuple(name for name in self.assigned if name not in self.narrowed)

    @cached_property
    def assignments(self) -> set[Assignment]:
        """What the candidates assign, in no order."""
        return {tuple(candidate.assignment.items()) for candidate in self.candidates}

    def free(self, space: Space) -> tuple[str, ...]:
        """Names of the parameters that are drawn, narrowed or not."""
        return tuple(name for name in space.names if name not in self.frozen)

    def regions(self, space: Space) -> list[Region]:
        """What each candidate leaves of the space."""
        return [Region.of(space, candidate.assignment) for candidate in self.candidates]

    def extended(self, candidate: Candidate) -> "Restriction":
        """The same, and one more candidate."""
        return Restriction((*self.candidates, candidate))

    @classmethod
    def parse(cls, content: Mapping[str, Any], space: Space) -> "Restriction":
        """Read the assignments of a restriction that a person may have edited.

        Raises
        ------
        HarmonicaError
            On unknown parameters or values, empty intervals, no candidates, or candidates that
            assign different parameters.
        """
        listed = content.get("candidates")
        if not isinstance(listed, list) or not listed:
            raise HarmonicaError("candidates: must be a list with at least one assignment.")
        candidates = []
        for number, entry in enumerate(listed, start=1):
            where = f"candidates.{number}"
            if not isinstance(entry, dict) or not isinstance(entry.get("assignment"), dict):
                raise HarmonicaError(f"{where}: must be a mapping with the key assignment.")
            try:
                assignment = {n: _assigned(n, value) for n, value in entry["assignment"].items()}
                Region.of(space, assignment)
            except HarmonicaError as error:
                raise HarmonicaError(f"{where}.assignment.{error}") from None
            spelled = {n: _as_spelled(space, n, v) for n, v in assignment.items()}
            candidates.append(Candidate({n: spelled[n] for n in space.names if n in spelled}))
        restriction = cls(tuple(candidates))
        _check_alike(restriction, space)
        return restriction


def _assigned(name: str, value: object) -> Assigned:
    if not isinstance(value, dict):
        return value  # type: ignore[return-value]  # the space checks it
    if value.keys() != {"low", "high"}:
        raise HarmonicaError(
            f"{name}: an interval has the keys low and high, "
            f"got {', '.join(map(str, value)) or 'none'}"
        )
    return Interval(value["low"], value["high"])


def _as_spelled(space: Space, name: str, value: Assigned) -> Assigned:
    """The value as the space spells it: 1 and 1.0 are equal."""
    if isinstance(value, Interval):
        low, high = (_spelled(space, name, end) for end in value)
        return Interval(low, high)
    return _spelled(space, name, value)


def _spelled(space: Space, name: str, value: Value) -> Value:
    return space.parameters[name].spelled(value)


def _check_alike(restriction: Restriction, space: Space) -> None:
    """Raise an error unless all candidates restrict the same parameters in the same way."""
    first = restriction.candidates[0].assignment
    sizes = [region.sizes() for region in restriction.regions(space)]
    for number, candidate in enumerate(restriction.candidates, start=1):
        where = f"candidates.{number}.assignment"
        if differing := first.keys() ^ candidate.assignment.keys():
            raise HarmonicaError(
                f"{where}: all candidates must assign the same parameters; "
                f"{', '.join(sorted(differing))} differ from the first."
            )
        for name, here, there in zip(space.names, sizes[number - 1], sizes[0], strict=True):
            if here != there:
                raise HarmonicaError(
                    f"{where}.{name}: all candidates must leave as many values of a parameter; "
                    f"this one leaves {here}, the first {there}."
                )


def changed(before: Restriction, after: Restriction) -> tuple[str, ...]:
    """Names of the parameters that a stage has frozen or narrowed."""
    then, now = before.candidates[0].assignment, after.candidates[0].assignment
    return tuple(
        name
        for name, assigned in now.items()
        if name not in then or (name in before.narrowed and assigned != then[name])
    )


def as_data(assigned: Assigned) -> Any:
    """A value or an interval in a JSON file."""
    return assigned.as_data() if isinstance(assigned, Interval) else assigned
