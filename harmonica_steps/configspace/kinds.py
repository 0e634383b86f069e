"""A hyperparameter of ConfigSpace as an entry of ``space``, or as a constant."""

from dataclasses import dataclass
from typing import Any

from harmonica_steps.configspace import entries as of
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.space.parameters import MOST_LEVELS
from harmonica_steps.terminal import quoted

OURS = "harmonica"
"""Key in ``meta`` under which a parameter keeps what ConfigSpace has no word for."""

FEW = 8
"""Most whole numbers that are tried one by one."""

SLACK = 1e-6
"""Tolerance for a range that is not exactly a whole number of steps."""


@dataclass(frozen=True)
class Only:
    """A hyperparameter that has one value."""

    value: Any


def translated(where: str, entry: of.AnyHyperparameter, is_parent: bool) -> dict[str, Any] | Only:
    """The entry of a hyperparameter, or its only value.

    Parameters
    ----------
    where
        The place of the entry in the file.
    entry
        The hyperparameter.
    is_parent
        Whether a condition is about its values: they are then listed if they are not too many.

    Raises
    ------
    HarmonicaError
        When it has no counterpart here.
    """
    if isinstance(entry, of.UniformRange):
        return _range(where, entry, is_parent)
    if isinstance(entry, of.Choices):
        return _choices(where, entry)
    if isinstance(entry, of.Sequence):
        return _listed("ordinal", entry.sequence)
    return Only(entry.value)


def ours(entry: of.Hyperparameter) -> dict[str, Any]:
    """What an export of this project has noted about a hyperparameter."""
    found = entry.meta.get(OURS) if isinstance(entry.meta, dict) else None
    return found if isinstance(found, dict) else {}


def _listed(kind: str, values: list[Any]) -> dict[str, Any] | Only:
    return {"type": kind, "values": values} if len(values) > 1 else Only(values[0])


def _choices(where: str, entry: of.Choices) -> dict[str, Any] | Only:
    for key in ("weights", "probabilities"):
        weights = getattr(entry, key)
        if weights is None:
            continue
        if len(weights) != len(entry.choices):
            raise HarmonicaError(
                f"{where}.{key}: must have {len(entry.choices)} numbers, one per choice, "
                f"got {len(weights)}"
            )
        if len(set(weights)) > 1:
            raise HarmonicaError(
                f"{where}.{key}: cannot be imported, since the search draws every value equally "
                f"often, got {quoted(weights)}"
            )
    if ours(entry).get("type") == "bool" and entry.choices in ([False, True], [True, False]):
        return {"type": "bool"}
    return _listed("categorical", entry.choices)


def _range(where: str, entry: of.UniformRange, is_parent: bool) -> dict[str, Any] | Only:
    whole = entry.type == "uniform_int"
    if entry.q is not None and not (whole and entry.q == 1):
        return _steps(where, entry, whole)
    kind = "int" if whole else "float"
    found: dict[str, Any] = {"type": kind, "low": entry.lower, "high": entry.upper}
    if entry.log:
        found["log"] = True
    known = ours(entry)
    if "levels" in known:
        return found if known["levels"] is None else {**found, "levels": known["levels"]}
    most = MOST_LEVELS if is_parent and not entry.log else FEW
    if not whole or entry.upper - entry.lower >= most:
        found["levels"] = 4
    return found


def _steps(where: str, entry: of.UniformRange, whole: bool) -> dict[str, Any]:
    """The values of a range with a step, listed: each is drawn equally often there too."""
    low, high, q = float(entry.lower), float(entry.upper), float(entry.q or 0)
    count = (high - low) / q if q > 0 else 0.0
    even = 1 <= count < MOST_LEVELS and abs(count - round(count)) < SLACK
    if even and not entry.log:
        values = [float(f"{low + number * q:.12g}") for number in range(round(count) + 1)]
        if not whole:
            return {"type": "ordinal", "values": values}
        if all(value.is_integer() for value in values):
            return {"type": "ordinal", "values": [int(value) for value in values]}
    scale = " on a logarithmic scale" if entry.log else ""
    raise HarmonicaError(
        f"{where}.q: {quoted(entry.q)} does not cut the range from {quoted(entry.lower)} to "
        f"{quoted(entry.upper)}{scale} into 2 to {MOST_LEVELS} values drawn equally often; "
        "remove q, and any number of the range may be drawn, or make it an ordinal"
    )
