"""The history of a search: every training in the order in which they ended, and the best so far."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import numpy as np

from harmonica_steps.records.direction import Direction, sign_of
from harmonica_steps.report.charts import BLUE, ORANGE, Chart, Size, data, scale, short
from harmonica_steps.report.comparable import Group, spread
from harmonica_steps.report.labels import cut

FEWEST = 20
"""Fewest trainings that have a history."""
MOST_POINTS = 400
MOST_STEPS = 100
"""Most steps in the line of the best so far."""


@dataclass(frozen=True)
class History:
    """The history of trainings that can be compared, in the order in which they ended."""

    values: np.ndarray
    best: np.ndarray
    """The best value up to each training."""
    parts: np.ndarray


def history(group: Group, direction: Direction) -> History:
    """The history of a group."""
    ends = (group.runs["started"] + group.runs["seconds"]).to_numpy(dtype=float)
    order = np.argsort(ends, kind="stable")
    values = group.values[order]
    sign = sign_of(direction)
    return History(values, sign * np.minimum.accumulate(sign * values), group.parts[order])


def history_chart(found: History, metric: str, width: Size) -> Chart:
    """Trainings as dots, the best so far as a line."""
    steps = np.flatnonzero(np.diff(found.best, prepend=np.nan) != 0)
    kept = np.unique([*spread(steps, 1, MOST_STEPS), len(found.best) - 1])
    line = [{"ended": int(i) + 1, "value": float(f"{found.best[i]:.6g}")} for i in kept]
    dots = [
        {"ended": int(i) + 1, "value": float(f"{found.values[i]:.4g}"), "part": str(found.parts[i])}
        for i in spread(np.arange(len(found.values)), 0, MOST_POINTS)
    ]
    x = alt.X("ended:Q", title="trainings ended", scale=alt.Scale(nice=False))
    y = alt.Y("value:Q", title=cut(metric), scale=scale(found.values))
    tooltip = [alt.Tooltip("ended:Q", title="training")]
    tooltip += [alt.Tooltip("value:Q", title=short(metric), format=".4~g")]
    points = (
        alt.Chart(data(dots))
        .mark_circle(size=22, color=BLUE, opacity=0.4)
        .encode(x=x, y=y, tooltip=[*tooltip, alt.Tooltip("part:N")])
    )
    best = (
        alt.Chart(data(line))
        .mark_line(interpolate="step-after", color=ORANGE, strokeWidth=2.5)
        .encode(x=x, y=y)
    )
    return (points + best).properties(width=width, height=220)


def histories(found: Sequence[Group], direction: Direction) -> list[tuple[str, History]]:
    """The histories of groups in which enough trainings have ended, with their titles."""
    return [(g.title, history(g, direction)) for g in found if len(g.values) >= FEWEST]
