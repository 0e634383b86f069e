"""A set of named parameters and what a configuration of them is."""

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from harmonica_steps.errors import HarmonicaError, near_miss
from harmonica_steps.space.parameters import Float, Integer, Parameter, Value, same_value


class Space:
    """Named parameters in the order of the configuration file.

    Parameters
    ----------
    parameters
        The parameter of each name.

    Raises
    ------
    HarmonicaError
        When the space is empty, or a condition names an unknown parameter, an impossible value or
        closes a circle.
    """

    def __init__(self, parameters: Mapping[str, Parameter]) -> None:
        if not parameters:
            raise HarmonicaError("space: is empty; name at least one parameter.")
        self.parameters = dict(parameters)
        self.names = tuple(parameters)
        self.grids = {name: parameter.grid() for name, parameter in self.parameters.items()}
        """The values of each parameter that lists them; of a number, evenly spaced values."""
        self.numeric = np.array([parameter.numeric for parameter in self.parameters.values()])
        """Which parameters are numbers from a range, shape ``(len(self),)``."""
        self.conditions = {name: self._conditions(name) for name in self.names}
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
        raise HarmonicaError(f"{name}: has no level {value!r}{near_miss(value, self.grids[name])}")

    def coordinate(self, name: str, value: object) -> float:
        """The coordinate of a value: its index, or its position in the range of a number.

        Raises
        ------
        HarmonicaError
            When the parameter is unknown or cannot have the value.
        """
        parameter = self.parameters.get(name)
        if not isinstance(parameter, Float | Integer) or not parameter.numeric:
            return self.level(name, value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise HarmonicaError(f"{name}: {value!r} is not a number")
        if not parameter.low <= value <= parameter.high:
            raise HarmonicaError(
                f"{name}: {value!r} is not in the range from {parameter.low} to {parameter.high}"
            )
        if isinstance(parameter, Float):
            return parameter.span(value, value)[0]
        if value != int(value):
            raise HarmonicaError(f"{name}: {value!r} is not a whole number")
        return sum(parameter.span(int(value), int(value))) / 2

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
        order: list[str] = []
        waiting = list(self.names)
        while waiting:
            ready = [name for name in waiting if set(self.conditions[name]) <= set(order)]
            if not ready:
                circle = ", ".join(waiting)
                raise HarmonicaError(
                    f"space.{waiting[0]}.when: the conditions go round in a circle ({circle})."
                )
            order += ready
            waiting = [name for name in waiting if name not in ready]
        return tuple(order)
