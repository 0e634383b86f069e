"""The figures, as Vega-Lite specifications: for the page and for files alike.

Their size does not grow with the number of trainings: distributions are summed up, points sampled.
The users' own words are data here, never names of fields: those may not hold dots or brackets.
"""

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
from altair.utils.schemapi import debug_mode

from harmonica_steps.records.direction import Direction
from harmonica_steps.report.bracket import Contender
from harmonica_steps.report.labels import cut, one_line
from harmonica_steps.report.trainings import PartFacts
from harmonica_steps.search.plan import Part

WIDEST_RANGE = 10.0
"""A metric whose largest and smallest value differ by this factor is shown on a log scale."""
MOST_POINTS = 150
MOST_LINES = 60

# Distinct also to colour-blind people, and on white, on black and on paper.
BLUE, ORANGE, GREY = "#3a7fc1", "#d9661f", "#8b929c"

Size = int | str | alt.Step
"""Width in pixels, or ``container``: as wide as the page has room for."""

Chart = Any
"""One of altair's many kinds, which its operators do not tell apart."""


def scale(values: Sequence[float] | np.ndarray) -> alt.Scale:
    """The scale of a metric: logarithmic if it is positive and has a wide range."""
    low, high = float(np.min(values)), float(np.max(values))
    if low > 0 and high / low > WIDEST_RANGE:
        return alt.Scale(type="log", domain=[low / 1.2, high * 1.2], nice=False)
    room = 0.05 * (high - low) or 0.05 * abs(high) or 1.0
    return alt.Scale(domain=[low - room, high + room], nice=False)


def sample(values: np.ndarray, count: int = MOST_POINTS) -> np.ndarray:
    """At most `count` values, evenly spread over the ranks, both ends included."""
    ordered = np.sort(values)
    if len(ordered) <= count:
        return ordered
    return np.asarray(ordered[np.linspace(0, len(ordered) - 1, count).round().astype(int)])


def distribution(
    parts: Sequence[PartFacts],
    metric: str,
    direction: Direction,
    width: Size,
    y: alt.Scale | None = None,
) -> Chart:
    """The metric in every stage and rung: trainings, quartiles, median and mean."""
    shown = [part for part in parts if len(part.values)]
    order = [_label(part) for part in shown]
    rows = [{"part": _label(p), **p.numbers(direction), "count": len(p.values)} for p in shown]
    dots = []
    for part in shown:
        values = sample(part.values)
        # A fixed pseudo-random offset: the same figure from the same search.
        offsets = (np.arange(len(values)) * 0.618034) % 1.0
        dots += [
            {"part": _label(part), "value": float(v), "offset": round(float(o), 3)}
            for v, o in zip(values, offsets, strict=True)
        ]
    y = y or scale(np.concatenate([part.values for part in shown]))
    x = alt.X(
        "part:N",
        title=None,
        sort=order,
        axis=alt.Axis(labelAngle=0, labelExpr=_LINES, labelLimit=0),
    )
    across = alt.Scale(domain=[-0.35, 1.35])

    def at(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", title=cut(metric), scale=y)

    points = (
        alt.Chart(data(dots))
        .mark_circle(size=16, opacity=0.35, color=BLUE, tooltip=None)
        .encode(x=x, xOffset=alt.XOffset("offset:Q", scale=across), y=at("value"))
    )
    sums = alt.Chart(data(rows))
    number = ".4~g"
    names = [("p05", "5 % below"), ("p25", "a quarter below"), ("median", "median")]
    names += [("mean", "mean"), ("p75", "three quarters below"), ("p95", "95 % below")]
    tooltip = [alt.Tooltip("part:N", title="part"), alt.Tooltip("count:Q", title="with a metric")]
    tooltip += [alt.Tooltip(f"{f}:Q", title=t, format=number) for f, t in names]
    tooltip += [alt.Tooltip("best:Q", title="best", format=number)]
    box = sums.mark_bar(size=44, fill=BLUE, fillOpacity=0.14, stroke=BLUE, strokeWidth=1).encode(
        x=x, y=at("p25"), y2="p75:Q", tooltip=tooltip
    )
    median = sums.mark_tick(color=ORANGE, thickness=3, size=44, opacity=1).encode(
        x=x, y=at("median")
    )
    mean = sums.mark_line(
        color="currentColor", strokeDash=[4, 3], strokeWidth=1.2, opacity=0.8
    ).encode(x=x, y=at("mean"))
    diamond = sums.mark_point(
        shape="diamond", size=55, filled=True, color="currentColor", opacity=1
    ).encode(x=x, y=at("mean"), tooltip=tooltip)
    return alt.layer(points, box, median, mean, diamond).properties(width=width, height=300)


def bracket(
    contenders: Sequence[Contender], rungs: Sequence[PartFacts], metric: str, width: Size
) -> Chart:
    """The configurations rung by rung or round by round: the best in front, the rest sampled."""
    chosen = list(contenders[:MOST_LINES])
    rest = contenders[MOST_LINES:]
    chosen += [
        rest[i] for i in np.linspace(0, len(rest) - 1, min(len(rest), MOST_LINES)).astype(int)
    ]
    labels = list(dict.fromkeys(_step(part.part) for part in rungs))
    rows: list[dict[str, Any]] = [
        {"configuration": c.name, "rung": _step(part), "value": value, "best": c.best}
        for c in chosen
        for _, value, part in c.results
        if value is not None
    ]
    x = alt.X(
        "rung:N",
        sort=labels,
        title=None,
        axis=alt.Axis(labelAngle=0, labelExpr=_LINES, labelLimit=0),
    )
    y = alt.Y("value:Q", title=cut(metric), scale=scale([row["value"] for row in rows]))
    best = alt.datum.best
    base = alt.Chart(data(rows)).encode(
        x=x,
        y=y,
        detail="configuration:N",
        color=alt.when(best).then(alt.value(ORANGE)).otherwise(alt.value(BLUE)),
        opacity=alt.when(best).then(alt.value(1)).otherwise(alt.value(0.45)),
        tooltip=[
            alt.Tooltip("configuration:N"),
            alt.Tooltip("rung:N", title="part"),
            alt.Tooltip("value:Q", title=short(metric), format=".4~g"),
        ],
    )
    lines = base.mark_line().encode(
        strokeWidth=alt.when(best).then(alt.value(3)).otherwise(alt.value(1))
    )
    dots = base.mark_circle().encode(
        size=alt.when(best).then(alt.value(80)).otherwise(alt.value(30))
    )
    return (lines + dots).properties(width=width, height=300)


_LINES = "split(datum.label, '\\n')"


def _step(part: Part) -> str:
    """What brackets have in common are the budgets."""
    budget = f"budget {part.budget:g}"
    return budget if part.bracket is not None else f"{part.title.lower()}\n{budget}"


def _label(part: PartFacts) -> str:
    return f"{part.title}\n{part.part.trials}"


def data(rows: list[dict[str, Any]]) -> Any:
    """Rows that a figure holds itself."""
    return alt.Data(values=rows)  # type: ignore[no-untyped-call]


def short(name: str) -> str:
    """A name in a tooltip, whose expression cannot hold line separators."""
    return one_line(name)[:60]


FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif"
INK = {"labelColor": "currentColor", "titleColor": "currentColor"}
STYLE: dict[str, Any] = {
    "font": FONT,
    # The page describes each figure in words; a word for each of its points would drown them.
    "aria": False,
    "axis": {
        **INK,
        "titleFontWeight": 500,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "domainColor": GREY,
        "tickColor": GREY,
        "gridColor": GREY,
        "gridOpacity": 0.22,
    },
    "view": {"stroke": None},
    "title": {"color": "currentColor", "fontSize": 12, "fontWeight": 500, "anchor": "start"},
    "concat": {"spacing": 26},
}
"""Ink of the text around: also readable in dark pages."""


def unchecked() -> Any:
    """A context without altair's checks, which take longer than all the rest; the tests do them."""
    return debug_mode(False)


def specification(chart: Any, background: str = "transparent") -> dict[str, Any]:
    """A chart as plain data, in the project's style; one in Vega is plain data already."""
    plain: dict[str, Any] = chart if isinstance(chart, dict) else chart.to_dict(validate=False)
    return {**plain, "background": background, "config": STYLE}
