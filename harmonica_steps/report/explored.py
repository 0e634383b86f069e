"""The data of the pictures to choose from: slices, contours of pairs, any two numbers.

The page gets the trainings once, as columns, and each chart without rows; its script
(``assets/explore.js``) puts in the rows of what is chosen.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from harmonica_steps.records.direction import Direction
from harmonica_steps.report.axes import Axis, axis
from harmonica_steps.report.charts import scale
from harmonica_steps.report.comparable import Group, spread
from harmonica_steps.report.explored_charts import axis_of, contour, slices, two_numbers
from harmonica_steps.report.labels import cut
from harmonica_steps.results.numbers import METRIC, OF_RUNS
from harmonica_steps.space import Space

MOST_CELLS = 60_000
"""Rows times columns that the page holds."""
MOST_ROWS, FEWEST_ROWS = 800, 150
BEST = 20
"""Trainings of a group that are lit."""


def columns(
    space: Space, found: Sequence[Group], names: Sequence[str], metric: str, direction: Direction
) -> dict[str, Any]:
    """The trainings as columns, and how each parameter is drawn.

    Parameters
    ----------
    space
        The search's.
    found
        Its trainings; each group is shown on its own.
    names
        Of the parameters, the important ones first.
    metric, direction
        What is optimised, and where to.

    Returns
    -------
    dict
        ``parameters``: each with ``title``, ``cells`` and the ``encoding`` of its slice.
        ``groups``: each with ``title``, ``scale`` (of the metric), ``value``, ``part``, how many
        are ``lit``, ``numbers`` by name, and ``parameters``, in the same order, each with its
        ``levels`` (which cell) and, of a number, its ``values``.
    """
    most = max(min(MOST_CELLS // (len(names) * max(len(found), 1)), MOST_ROWS), FEWEST_ROWS)
    parameters: list[dict[str, Any]] = []
    made = []
    for group in found:
        rows = spread(group.best_first(direction), BEST, most)
        axes = [axis(space, name, group.trainings.iloc[rows]) for name in names]
        parameters = [_drawn(found) for found in axes]
        made.append(
            {
                "title": group.title,
                "scale": scale(group.values[rows]).to_dict(),
                "value": _short(group.values[rows]),
                "part": group.parts[rows].tolist(),
                "lit": min(BEST, len(rows)),
                "numbers": _numbers(group, rows, metric),
                "parameters": [_column(axis) for axis in axes],
            }
        )
    return {
        "groups": made,
        "parameters": parameters,
        "metric": cut(metric, 40),
        "larger": direction == "maximize",
    }


def charts_without_rows(metric: str) -> dict[str, Any]:
    """The chart of each picture; the rows and the words of its axes are still to be put in."""
    return {
        "slice": slices([], metric, "container"),
        "contour": contour([], metric, "container"),
        "numbers": two_numbers([], "container"),
    }


def _drawn(found: Axis) -> dict[str, Any]:
    encoding = {channel: how.to_dict() for channel, how in axis_of(found).items()}
    return {"title": encoding["x"]["title"], "cells": found.cells, "encoding": encoding}


def _column(found: Axis) -> dict[str, Any]:
    levels = {"levels": found.levels}
    return levels if found.settings else {**levels, "values": found.values}


def _numbers(group: Group, rows: np.ndarray, metric: str) -> dict[str, list[float | None]]:
    """The numbers by name: the metric; what is known of runs, and further metrics, if they vary."""
    runs = group.runs.iloc[rows]
    further = [name for name in runs if name.startswith(METRIC)]
    named = {name.removeprefix(METRIC): name for name in [*further, *OF_RUNS] if name in runs}
    found = {shown: runs[name].to_numpy(dtype=float) for shown, name in named.items()}
    varying = {name: values for name, values in found.items() if len(np.unique(values)) > 1}
    return {
        cut(metric, 40): _short(group.values[rows]),
        **{cut(name, 40): _short(values) for name, values in varying.items() if name != metric},
    }


def _short(values: np.ndarray) -> list[float | None]:
    return [float(f"{value:.4g}") if np.isfinite(value) else None for value in values]
