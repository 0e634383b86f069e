"""A set of named parameters and what a configuration of them is."""

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from math import prod

import numpy as np

from harmonica_steps.errors import HarmonicaError, near_miss
from harmonica_steps.space.forbidden import Between, Clause, OneOf
from harmonica_steps.space.kind_base import Range, Value, same_value
from harmonica_steps.space.parameters import Parameter
from harmonica_steps.space.problems import Gathered
from harmonica_steps.terminal import quoted


class Space:
    """Named parameters in the order of the configuration file.

    Parameters
    ----------
    parameters
        The parameter of each name.
    forbidden
        The combinations that are never trained, as a configuration file spells them or parsed.

    Raises
    ------
    HarmonicaError
        When the space is empty, a condition or a clause names an unknown parameter or an impossible
        value, or the conditions are cyclic.
    """

    def __init__(
        self,
        parameters: Mapping[str, Parameter],
        forbidden: Sequence[Mapping[str, object] | Clause] = (),
    ) -> None:
        if not parameters:
            raise HarmonicaError("space: is empty; name at least one parameter.")
        self.parameters = dict(parameters)
        self.names = tuple(parameters)
        self.grids = {name: parameter.grid() for name, parameter in self.parameters.items()}
        """The values of each parameter that lists them; of a number, evenly spaced values."""
        self.numeric = np.array([parameter.numeric for parameter in self.parameters.values()])
        """Which parameters are numbers from a range, shape ``(len(self),)``."""
        gathered = Gathered()
        self.conditions: dict[str, dict[str, tuple[Value, ...]]] = {}
        for name in self.names:
            with gathered.noting():
                self.conditions[name] = self._conditions(name)
        clauses: list[Clause] = []
        for number, clause in enumerate(forbidden, start=1):
            with gathered.noting():
                if isinstance(clause, Clause):
                    clauses.append(clause)
                else:
                    clauses.append(Clause.parse(clause, self.parameters, f"forbidden.{number}"))
        gathered.raise_them()
        self.forbidden = tuple(clauses)
        self._order = self._parents_first()

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def sizes(self) -> np.ndarray:
        """Number of levels of each parameter, shape ``(len(self),)``."""
        return np.array([len(self.grids[name]) for name in self.names])

    def level(self, name: str, value: object) -> int:
        """The index of `value` in the grid of parameter `name`.

        Raises
        ------
        HarmonicaError
            When either is unknown; the message names what is allowed.
        """
        if name not in self.grids:
            raise HarmonicaError(f"{name}: no such parameter{near_miss(name, self.names)}")
        for index, known in enumerate(self.grids[name]):
            if same_value(known, value):
                return index
        raise HarmonicaError(
            f"{name}: has no value {quoted(value)}{near_miss(value, self.grids[name])}"
        )

    def count(self, most: int) -> int | None:
        """How many different trainings there are; None if there are more than `most` points."""
        if self.numeric.any() or prod(self.sizes.tolist()) > most:
            return None
        sizes = self.sizes.tolist()
        points = np.stack(np.unravel_index(np.arange(prod(sizes)), sizes), axis=1)
        given = np.where(self.active_at(points), points, -1)[~self.forbids_at(points)]
        return len(np.unique(given, axis=0))

    def coordinate(self, name: str, value: object) -> float:
        """The coordinate of a value: its index, or its position in the range of a number.

        Raises
        ------
        HarmonicaError
            When the parameter is unknown or cannot have the value.
        """
        parameter = self.parameters.get(name)
        if not isinstance(parameter, Range) or not parameter.numeric:
            return self.level(name, value)
        try:
            return parameter.coordinate(value)
        except HarmonicaError as error:
            raise HarmonicaError(f"{name}: {error}") from None

    def point(self, configuration: Mapping[str, Value]) -> np.ndarray:
        """The coordinates of a complete configuration, shape ``(len(self),)``."""
        missing = [name for name in self.names if name not in configuration]
        if missing:
            raise HarmonicaError(f"{missing[0]}: missing from the configuration.")
        return np.array([self.coordinate(name, configuration[name]) for name in self.names])

    def decode(self, point: Sequence[float] | np.ndarray) -> dict[str, Value]:
        """The configuration at these coordinates: a value for every parameter."""
        return {
            name: self.parameters[name].between(float(at)) if numeric else self.grids[name][int(at)]
            for name, numeric, at in zip(self.names, self.numeric, point, strict=True)
        }

    def active(self, configuration: Mapping[str, Value]) -> dict[str, Value]:
        """The part of a complete configuration that the training is given.

        A parameter is active when all its conditions hold and the parameters that these name are
        active themselves.
        """
        withheld = self.withheld(configuration)
        return {name: configuration[name] for name in self.names if name not in withheld}

    def withheld(self, assignment: Mapping[str, Value]) -> set[str]:
        """The parameters that are inactive whatever those without an assignment are."""
        withheld: set[str] = set()
        for name in self._order:
            for parent, allowed in self.conditions[name].items():
                refused = parent in assignment and not any(
                    same_value(assignment[parent], value) for value in allowed
                )
                if refused or parent in withheld:
                    withheld.add(name)
        return withheld

    def ancestors(self, names: Collection[str]) -> set[str]:
        """The parameters that the activity of these depends on, through any number of others."""
        found: set[str] = set()
        for name in reversed(self._order):
            if name in names or name in found:
                found |= set(self.conditions[name])
        return found

    def active_at(self, points: np.ndarray) -> np.ndarray:
        """Which parameters of some configurations are active, see `active`.

        Parameters
        ----------
        points : ndarray of shape (configurations, parameters)
            Coordinates.

        Returns
        -------
        ndarray of bool, of the same shape
        """
        active = np.ones(points.shape, dtype=bool)
        column = {name: number for number, name in enumerate(self.names)}
        for name in self._order:
            for parent, allowed in self.conditions[name].items():
                wanted = [self.level(parent, value) for value in allowed]
                at = column[parent]
                active[:, column[name]] &= active[:, at] & np.isin(points[:, at], wanted)
        return active

    def forbids(self, configuration: Mapping[str, Value]) -> bool:
        """Whether a complete configuration must not be trained: a clause matches what is active."""
        if not self.forbidden:
            return False
        active = self.active(configuration)
        return any(clause.matches(active) for clause in self.forbidden)

    def forbids_at(self, points: np.ndarray) -> np.ndarray:
        """Which configurations must not be trained, see `forbids`.

        Parameters
        ----------
        points : ndarray of shape (configurations, parameters)
            Coordinates.

        Returns
        -------
        ndarray of bool, shape (configurations,)
        """
        active = self.active_at(points)
        found = np.zeros(len(points), dtype=bool)
        for clause in self.forbidden:
            matches = np.ones(len(points), dtype=bool)
            for name, wanted in clause.wanted.items():
                at = self.names.index(name)
                matches &= active[:, at] & self._holds(name, wanted, points[:, at])
            found |= matches
        return found

    def _holds(self, name: str, wanted: OneOf | Between, column: np.ndarray) -> np.ndarray:
        """Whether the value at some coordinates of a parameter is a wanted one."""
        parameter = self.parameters[name]
        if not isinstance(parameter, Range) or not parameter.numeric:
            holds = np.array([value in wanted for value in self.grids[name]])
            return np.asarray(holds[column.astype(int)])
        spans = [parameter.span(low, high) for low, high in wanted.ends(parameter)]
        inside = [(column >= low) & (column <= high) for low, high in spans]
        return np.asarray(np.any(inside, axis=0))

    def _conditions(self, name: str) -> dict[str, tuple[Value, ...]]:
        conditions = {}
        for parent, wanted in self.parameters[name].when.items():
            values = tuple(wanted) if isinstance(wanted, list) else (wanted,)
            if not values:
                raise HarmonicaError(f"space.{name}.when.{parent}: names no value.")
            if parent in self.parameters and self.parameters[parent].numeric:
                raise HarmonicaError(
                    f"space.{name}.when.{parent}: any number of a range may be drawn, so a "
                    "condition cannot name one; make the parent ordinal and list its values"
                )
            for value in values:
                try:
                    self.level(parent, value)
                except HarmonicaError as error:
                    raise HarmonicaError(f"space.{name}.when.{error}") from None
            conditions[parent] = values
        return conditions

    def _parents_first(self) -> tuple[str, ...]:
        sorter = TopologicalSorter({name: self.conditions[name] for name in self.names})
        try:
            sorter.prepare()
        except CycleError as error:
            circle = error.args[1][:-1]
            listed = ", ".join(circle[:8]) + (", ..." if len(circle) > 8 else "")
            raise HarmonicaError(f"space.{circle[0]}.when: cyclic conditions ({listed}).") from None
        place = {name: number for number, name in enumerate(self.names)}
        order: list[str] = []
        while sorter.is_active():
            ready = sorted(sorter.get_ready(), key=place.__getitem__)
            order += ready
            sorter.done(*ready)
        return tuple(order)
