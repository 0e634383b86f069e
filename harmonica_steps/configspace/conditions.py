"""Conditions of ConfigSpace as ``when``: the values of the parents with which a child is active.

All that ``when`` names must hold: it is a box, some values of some parents. A conjunction of boxes
is one. A disjunction has a counterpart only where it is one too, such as two values of one parent.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod

from harmonica_steps.configspace import entries as of
from harmonica_steps.errors import HarmonicaError, near_miss
from harmonica_steps.space import Value
from harmonica_steps.space.kind_base import same_value
from harmonica_steps.terminal import quoted

Levels = Mapping[str, Sequence[Value] | None]
"""The values of every hyperparameter; None where they are not listed."""

Box = dict[str, list[int]]
"""Indices of the values of each parent that is named."""

MOST_COMBINATIONS = 10_000
"""Combinations of values that a disjunction may be about."""

INACTIVE = -1
"""Stands among the values of a parent for a parent that is not active."""


def names_in(content: object, *keys: str) -> Iterator[str]:
    """The hyperparameters that a condition names, whatever else is wrong with it.

    Parameters
    ----------
    content
        The condition.
    keys
        What they are in it: ``child``, ``parent``, or both if there are none.
    """
    if isinstance(content, dict):
        for key in keys or ("child", "parent"):
            if isinstance(content.get(key), str):
                yield content[key]
        inner = content.get("conditions")
        for part in inner if isinstance(inner, list) else ():
            yield from names_in(part, *keys)


class Conditions:
    """Translates the conditions of a file.

    Parameters
    ----------
    levels
        Of the hyperparameters.
    """

    def __init__(self, levels: Levels) -> None:
        self._levels = levels
        self._boxes: dict[str, Box] = {}

    def add(self, where: str, content: object) -> None:
        """Translate an entry of ``conditions``; it must hold together with those before it.

        Raises
        ------
        HarmonicaError
            When it has no counterpart.
        """
        child, box = self._box(where, content)
        if child not in self._levels:
            raise HarmonicaError(
                f"{where}: child: there is no hyperparameter {quoted(child)}"
                f"{near_miss(child, self._levels)}"
            )
        self._boxes[child] = _both(where, self._boxes.get(child, {}), box)

    def when(self, child: str) -> dict[str, list[Value]]:
        """The conditions of a hyperparameter, as a configuration file spells them."""
        return {
            parent: [(self._levels[parent] or ())[level] for level in levels]
            for parent, levels in self._boxes.get(child, {}).items()
        }

    def _box(self, where: str, content: object) -> tuple[str, Box]:
        entry = of.typed(where, content, of.CONDITIONS)
        if isinstance(entry, of.Conjunction):
            return self._joined(where, entry)
        values = [entry.value] if isinstance(entry, of.Equals) else entry.values
        levels = [self._level(where, entry.parent, value) for value in values]
        return entry.child, {entry.parent: list(dict.fromkeys(levels))}

    def _joined(self, where: str, entry: of.Conjunction) -> tuple[str, Box]:
        found = [self._box(where, part) for part in entry.conditions]
        named = {child for child, _ in found} | ({entry.child} if entry.child else set())
        if len(named) > 1:
            raise HarmonicaError(f"{where}: is of several children: {quoted(sorted(named))}")
        boxes = [box for _, box in found]
        if entry.type == "OR":
            return found[0][0], self._either(where, boxes)
        box = boxes[0]
        for other in boxes[1:]:
            box = _both(where, box, other)
        return found[0][0], box

    def _either(self, where: str, boxes: Sequence[Box]) -> Box:
        """The box that some boxes are together."""
        named = list(dict.fromkeys(name for box in boxes for name in box))
        whole = {name: [*range(len(self._levels[name] or ())), INACTIVE] for name in named}
        full = [{name: box.get(name, whole[name]) for name in named} for box in boxes]
        hull = {n: list(dict.fromkeys(level for box in full for level in box[n])) for n in named}
        covered = prod(map(len, hull.values())) <= MOST_COMBINATIONS and all(
            any(all(at in box[n] for n, at in zip(named, point, strict=True)) for box in full)
            for point in product(*hull.values())
        )
        # Without the value "inactive" the parent has to be active; with it, it may be anything.
        free = [name for name in named if INACTIVE in hull[name]]
        if not covered or any(len(hull[name]) < len(whole[name]) for name in free):
            raise HarmonicaError(
                f"{where}: has type 'OR' and mixes {', '.join(map(quoted, named))}, which has no "
                "counterpart: all conditions of a parameter must hold"
            )
        return {name: levels for name, levels in hull.items() if name not in free}

    def _level(self, where: str, parent: str, value: object) -> int:
        if parent not in self._levels:
            raise HarmonicaError(
                f"{where}: parent: there is no hyperparameter {quoted(parent)}"
                f"{near_miss(parent, self._levels)}"
            )
        levels = self._levels[parent]
        if levels is None:
            raise HarmonicaError(
                f"{where}: parent: any number of the range of {quoted(parent)} may be drawn, so a "
                "condition cannot name one; make it an ordinal"
            )
        for number, known in enumerate(levels):
            if same_value(known, value):
                return number
        raise HarmonicaError(f"{where}: {quoted(parent)} has no value {quoted(value)}")


def _both(where: str, one: Box, other: Box) -> Box:
    """The overlap of two boxes."""
    found = dict(one)
    for name, levels in other.items():
        found[name] = [level for level in one.get(name, levels) if level in levels]
        if not found[name]:
            raise HarmonicaError(
                f"{where}: no value of {quoted(name)} satisfies all of its conditions"
            )
    return found
