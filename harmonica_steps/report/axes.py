"""The parameters of some trainings as axes of figures."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from harmonica_steps.report.effects import shown
from harmonica_steps.report.labels import labels
from harmonica_steps.results.tables import POINT
from harmonica_steps.space import Region, Space

MOST_SETTINGS = 40
"""Maximum number of settings on an axis; the rest share the last place."""
CELLS = 6
"""Most cells that a number's range is cut into, where trainings are grouped by cells."""


@dataclass(frozen=True)
class Axis:
    """A parameter, with its value in each of some trainings."""

    name: str
    settings: list[str]
    """All settings that it can have, in order; empty for a number."""
    log: bool
    """Whether it is a number on a logarithmic scale."""
    positions: np.ndarray
    """Positions from 0 to 1, NaN where a training has no such parameter."""
    values: list[float | int | None]
    """The number, or the index of the setting; None where a training has no such parameter."""
    ends: tuple[str, ...]
    """Its lowest, middle and highest value."""
    cells: list[str]
    """Its settings, or its range in cells of equal width on its scale."""

    @property
    def levels(self) -> list[int | None]:
        """The index of the cell that each training is in."""
        if self.settings:
            return [None if value is None else int(value) for value in self.values]
        count = len(self.cells)
        found = np.minimum(np.floor(np.nan_to_num(self.positions) * count), count - 1)
        return [
            None if np.isnan(position) else int(level)
            for position, level in zip(self.positions, found, strict=True)
        ]


def axis(space: Space, name: str, trainings: pd.DataFrame) -> Axis:
    """The axis of a parameter, for the rows of a part's table."""
    points = trainings[POINT + name].to_numpy(dtype=float)
    active = trainings[name].notna().to_numpy()
    parameter, grid = space.parameters[name], space.grids[name]
    if parameter.numeric:
        numbers = trainings[name].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
        region = Region.whole(space)
        cuts = np.linspace(0, 1, min(CELLS, len(grid)) + 1)
        cells = [shown(region.restricted(name, *ends)) for ends in pairwise(cuts)]
        return Axis(
            name,
            [],
            bool(getattr(parameter, "log", False)),
            np.where(active, points, np.nan),
            [float(f"{v:.4g}") if a else None for v, a in zip(numbers, active, strict=True)],
            tuple(shown(parameter.between(p)) for p in (0.0, 0.5, 1.0)),
            cells,
        )
    settings = labels([shown(value) for value in grid[:MOST_SETTINGS]], 20)
    if len(grid) > len(settings):
        settings[-1] = "others"
    levels = np.minimum(points, len(settings) - 1)
    return Axis(
        name,
        settings,
        False,
        np.where(active, levels / max(len(settings) - 1, 1), np.nan),
        [int(v) if a else None for v, a in zip(levels, active, strict=True)],
        (settings[0], "", settings[-1]),
        settings,
    )
