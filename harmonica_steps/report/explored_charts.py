"""The charts of the pictures to choose from: a slice, a contour, two numbers."""

from collections.abc import Callable
from typing import Any

import altair as alt
import numpy as np

from harmonica_steps.report.axes import Axis
from harmonica_steps.report.charts import BLUE, GREY, ORANGE, Chart, Size, data, scale, short
from harmonica_steps.report.labels import cut

HEIGHT = 260
Rows = list[dict[str, Any]]
Draw = Callable[[Size], Chart]


def axis_of(shown: Axis) -> dict[str, Any]:
    """The encoding of a parameter along the width; dots of a setting lie side by side."""
    title = cut(shown.name, 40)
    if shown.settings:
        labels = alt.Axis(labelAngle=0, labelLimit=90, labelOverlap=True)
        across = alt.Scale(domain=[-0.35, 1.35])
        return {
            "x": alt.X("x:N", title=title, sort=shown.settings, axis=labels),
            "xOffset": alt.XOffset("offset:Q", scale=across),
        }
    along = alt.Scale(type="log", nice=False) if shown.log else alt.Scale(nice=False, zero=False)
    return {"x": alt.X("x:Q", title=title, scale=along)}


def slices(rows: Rows, metric: str, width: Size) -> Chart:
    """One dot per training: a parameter along the width (see `axis_of`), the metric upwards.

    Each row has ``x``, ``offset`` (from 0 to 1), ``y``, ``part`` and whether it is ``lit``.
    """
    return (
        alt.Chart(data(rows))
        .mark_circle(size=34)
        .encode(
            x="x:Q",
            y=alt.Y("y:Q", title=cut(metric), scale=alt.Scale(zero=False)),
            color=alt.when(alt.datum.lit).then(alt.value(ORANGE)).otherwise(alt.value(BLUE)),
            opacity=alt.when(alt.datum.lit).then(alt.value(1)).otherwise(alt.value(0.4)),
            tooltip=[
                alt.Tooltip("x:N", title="setting"),
                alt.Tooltip("y:Q", title=short(metric), format=".4~g"),
                alt.Tooltip("part:N"),
            ],
        )
        .properties(width=width, height=HEIGHT)
    )


def contour(rows: Rows, metric: str, width: Size) -> Chart:
    """The median metric of the trainings in each cell of two parameters.

    Each row has ``x``, ``y`` (names of cells) and ``value``.
    """
    axis = alt.Axis(labelAngle=0, labelLimit=110, labelOverlap=True)
    median = alt.Color(
        "median(value):Q",
        title=cut(f"median {metric}"),
        scale=alt.Scale(scheme="cividis"),
        legend=alt.Legend(labelColor="currentColor", titleColor="currentColor", orient="top"),
    )
    return (
        alt.Chart(data(rows))
        .mark_rect(stroke="white", strokeWidth=1)
        .encode(
            x=alt.X("x:N", axis=axis),
            y=alt.Y("y:N", axis=alt.Axis(labelLimit=160)),
            color=median,
            tooltip=[
                alt.Tooltip("x:N", title="one"),
                alt.Tooltip("y:N", title="other"),
                alt.Tooltip("median(value):Q", title="median", format=".4~g"),
                alt.Tooltip("count():Q", title="trainings"),
            ],
        )
        .properties(width=width, height=HEIGHT)
    )


def two_numbers(rows: Rows, width: Size) -> Chart:
    """One dot per training; those that none is better than in both numbers are joined by a line.

    Each row has ``x``, ``y``, ``part`` and whether it is on the ``front``.
    """
    plane = {
        "x": alt.X("x:Q", scale=alt.Scale(zero=False)),
        "y": alt.Y("y:Q", scale=alt.Scale(zero=False)),
    }
    on_front = alt.datum.front
    dots = (
        alt.Chart()
        .mark_circle(size=34)
        .encode(
            **plane,
            color=alt.when(on_front).then(alt.value(ORANGE)).otherwise(alt.value(BLUE)),
            opacity=alt.when(on_front).then(alt.value(1)).otherwise(alt.value(0.4)),
            tooltip=[
                alt.Tooltip("x:Q", title="across", format=".4~g"),
                alt.Tooltip("y:Q", title="up", format=".4~g"),
                alt.Tooltip("part:N"),
            ],
        )
    )
    front = (
        alt.Chart()
        .mark_line(interpolate="step-after", color=GREY, strokeDash=[4, 3])
        .encode(**plane)
        .transform_filter(on_front)
    )
    return alt.layer(front, dots, data=data(rows)).properties(width=width, height=HEIGHT)


def slice_of(shown: Axis, values: np.ndarray, parts: np.ndarray, lit: int, metric: str) -> Draw:
    """How the slice of a parameter is drawn, for trainings that are sorted best first."""
    rows = [
        {
            "x": shown.cells[level] if shown.settings else x,
            "offset": (number * 0.618) % 1,
            "y": float(f"{y:.4g}"),
            "part": str(part),
            "lit": number < lit,
        }
        for number, (x, level, y, part) in enumerate(
            zip(shown.values, shown.levels, values, parts, strict=True)
        )
        if level is not None
    ]
    y = alt.Y("y:Q", title=cut(metric), scale=scale(values))
    return lambda width: slices(rows, metric, width).encode(**axis_of(shown), y=y)
