"""The progress of running trainings, from the ends of their learning curves."""

from collections.abc import Sequence

from harmonica_steps.records.direction import Direction, sign_of
from harmonica_steps.report.so_far import PartStatus, Reached, UnderWay
from harmonica_steps.results.curve import last_point
from harmonica_steps.results.paths import SearchFolder

MOST_FILES = 50
"""Files that are looked into."""


def under_way(
    folder: SearchFolder, parts: Sequence[PartStatus], metric: str, direction: Direction
) -> UnderWay | None:
    """The progress of the running trainings of the current part: the first one that has any.

    Parameters
    ----------
    folder
        Of the search.
    parts
        All of the search.
    metric
        Its name.
    direction
        ``minimize`` or ``maximize``.

    Returns
    -------
    UnderWay or None
        None where no running training has a curve.
    """
    part = next((part for part in parts if part.under_way), None)
    if part is None:
        return None
    sign = sign_of(direction)
    looked = part.under_way[:MOST_FILES]
    found = [
        Reached(trial, *point)
        for trial in looked
        if (point := last_point(folder.training(part.name, trial).curve, metric))
    ]
    found.sort(key=lambda reached: (sign * reached.value, reached.trial))
    return UnderWay(part.name, part.running, len(looked), found) if found else None
