"""Values between the levels of a range: the range is cut into one cell a level.

The cells are equally wide (on the logarithmic scale where the parameter has one), and each holds
its level. So values drawn uniformly from the range are uniform over the levels, which values
rounded to the nearest level are not: the first and the last would get half as many.
"""

from math import floor, isfinite, log

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.space.parameters import Float, Integer
from harmonica_steps.space.space import Space


def cell(space: Space, name: str, value: object) -> int:
    """The level of a value, or that in whose cell it lies.

    Parameters
    ----------
    space
        The space.
    name
        Of a parameter of it.
    value
        What the parameter was.

    Raises
    ------
    HarmonicaError
        When it is not in the range, or no value of the parameter.
    """
    parameter = space.parameters[name]
    if not isinstance(parameter, Float | Integer) or value in space.grids[name]:
        return space.level(name, value)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise HarmonicaError(f"{name}: {value!r} is no number")
    if not (isfinite(value) and parameter.low <= value <= parameter.high):
        raise HarmonicaError(
            f"{name}: {value!r} is not in the range from {parameter.low} to {parameter.high}"
        )
    low, high, position = float(parameter.low), float(parameter.high), float(value)
    if isinstance(parameter, Integer):
        if value != int(value):
            raise HarmonicaError(f"{name}: {value!r} is no whole number")
        low, high = low - 0.5, high + 0.5
    if parameter.log:
        low, high, position = log(low), log(high), log(position)
    count = len(space.grids[name])
    return min(floor((position - low) / (high - low) * count), count - 1)
