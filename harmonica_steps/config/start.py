"""The key ``start``: known configurations that are trained first."""

from collections.abc import Mapping, Sequence
from typing import Any

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.space import Space, Value
from harmonica_steps.space.problems import Gathered


def check_start(
    entries: Sequence[Mapping[str, Any]], space: Space, fixed: Mapping[str, Value]
) -> list[dict[str, Value]]:
    """The parameters that each configuration to start from names.

    Parameters
    ----------
    entries
        The configurations.
    space
        The search space.
    fixed
        Fixed settings of the trainings. A configuration may name them, with any value: the best one
        of another search does.

    Raises
    ------
    HarmonicaError
        On an unknown parameter, an impossible value or a forbidden combination.
    """
    gathered, found = Gathered(), []
    for number, entry in enumerate(entries, start=1):
        with gathered.noting():
            found.append(_checked(f"start.{number}", entry, space, fixed))
    gathered.raise_them()
    return found


def _checked(
    where: str, entry: Mapping[str, Any], space: Space, fixed: Mapping[str, Value]
) -> dict[str, Value]:
    named = {name: value for name, value in entry.items() if name not in fixed}
    gathered = Gathered()
    for name, value in named.items():
        with gathered.noting():
            try:
                space.coordinate(name, value)
            except HarmonicaError as error:
                raise HarmonicaError(f"{where}.{error}") from None
    gathered.raise_them()
    complete = set(space.names) <= named.keys()
    if complete and space.forbids(named):
        raise HarmonicaError(f"{where}: is one of the forbidden combinations; change either")
    return named
