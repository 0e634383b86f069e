"""How the samples of a search moved towards some settings, from part to part."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from harmonica_steps.report.effects import shown
from harmonica_steps.report.trainings import PartFacts
from harmonica_steps.results.tables import POINT
from harmonica_steps.space import Region, Space

MOST_PARAMETERS = 12
MOST_SETTINGS = 8
"""Most settings of a parameter that are named; the others are counted together."""
OTHERS = "others"
CELLS = 8
"""Cells that the range of a number is cut into, to measure its movement."""
FEWEST = 10
"""Fewest samples of a part from which shares say anything."""
QUANTILES = (0.1, 0.5, 0.9)


@dataclass(frozen=True)
class Drift:
    """A parameter, part by part."""

    parameter: str
    parts: list[str]
    shares: list[dict[str, float]]
    """Share of each setting, by part; empty for numbers."""
    ranges: list[tuple[float, ...]]
    """The `QUANTILES` of its values, by part; empty for what is not a number."""
    moved: float
    """Share of the samples whose setting changed from the first part to the last, beyond chance."""


def drifts(space: Space, parts: list[PartFacts]) -> list[Drift]:
    """The parameters whose samples moved most; none where there are not two parts to compare.

    Rungs are left out: what is trained longer was chosen, not drawn.
    """
    tables = {part.title: part.table for part in parts if part.table is not None and _shows(part)}
    if len(tables) < 2:
        return []
    levels = [_levels(space, table) for table in tables.values()]
    moved = [_moved(levels[0][:, c], levels[-1][:, c]) for c in range(len(space))]
    most = np.argsort(-np.array(moved), kind="stable")[:MOST_PARAMETERS]
    return [
        _drift(space, column, tables, [found[:, column] for found in levels], moved[column])
        for column in most.tolist()
        if moved[column] > 0
    ]


def _shows(part: PartFacts) -> bool:
    drawn = part.part.origin not in ("promote", "retrain")
    return drawn and not part.skipped and part.trials >= FEWEST


def _levels(space: Space, table: pd.DataFrame) -> np.ndarray:
    points = table[[POINT + name for name in space.names]].to_numpy(dtype=float)
    return Region.whole(space).levels(points, CELLS)


def _moved(first: np.ndarray, last: np.ndarray) -> float:
    """How much farther two parts are apart (total variation) than chance alone would move them."""
    size = 1 + max(int(first.max()), int(last.max()))
    counts = [np.bincount(levels, minlength=size) for levels in (first, last)]
    both = sum(counts) / (len(first) + len(last))
    spread = np.sqrt(both * (1 - both) * (1 / len(first) + 1 / len(last)))
    by_chance = np.sqrt(2 / np.pi) * spread  # the mean of |z| of a normal z
    apart = np.abs(counts[0] / len(first) - counts[1] / len(last))
    return float(max((apart - by_chance).sum() / 2, 0.0))


def _drift(
    space: Space,
    column: int,
    tables: dict[str, pd.DataFrame],
    levels: list[np.ndarray],
    moved: float,
) -> Drift:
    name = space.names[column]
    numeric = space.parameters[name].numeric
    shares = [] if numeric else [_shares(space, name, found) for found in levels]
    ranges = [_range(table[name]) for table in tables.values()] if numeric else []
    return Drift(name, list(tables), shares, ranges, moved)


def _shares(space: Space, name: str, levels: np.ndarray) -> dict[str, float]:
    grid = space.grids[name]
    named = [shown(value) for value in grid[:MOST_SETTINGS]]
    settings = [*named, OTHERS] if len(grid) > len(named) else named
    counts = np.bincount(np.minimum(levels, len(settings) - 1), minlength=len(settings))
    return dict(zip(settings, (counts / len(levels)).tolist(), strict=True))


def _range(values: pd.Series) -> tuple[float, ...]:
    """Empty where no sample has the parameter."""
    known = values.dropna().to_numpy(dtype=float)
    return tuple(np.quantile(known, QUANTILES).tolist()) if len(known) else ()
