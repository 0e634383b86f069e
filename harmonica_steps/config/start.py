"""The key ``start``: known configurations that are trained first, listed or in a file."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from harmonica_steps.config.load import load_file
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.space import Space, Value


def start_configurations(start: list[dict[str, Value]] | str) -> list[dict[str, Any]]:
    """The configurations that a search starts from.

    Parameters
    ----------
    start
        A list, or the path of a JSON or YAML file with one configuration, with a list of them
        under ``start``, or with one under ``configuration``, as ``best.json`` has it.

    Raises
    ------
    HarmonicaError
        When the file cannot be read, or holds something else.
    """
    if not isinstance(start, str):
        return list(start)
    content = load_file(Path(start))
    found = content.get("start", [content.get("configuration", content)])
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise HarmonicaError(
            f"{start}: must hold a configuration, or a list of configurations under start."
        )
    return found


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
    return [_checked(f"start.{n}", entry, space, fixed) for n, entry in enumerate(entries, start=1)]


def _checked(
    where: str, entry: Mapping[str, Any], space: Space, fixed: Mapping[str, Value]
) -> dict[str, Value]:
    named = {name: value for name, value in entry.items() if name not in fixed}
    try:
        for name, value in named.items():
            space.coordinate(name, value)
    except HarmonicaError as error:
        raise HarmonicaError(f"{where}.{error}") from None
    complete = set(space.names) <= named.keys()
    if complete and space.forbids(named):
        raise HarmonicaError(f"{where}: is one of the forbidden combinations; change either")
    return named
