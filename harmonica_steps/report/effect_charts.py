"""What the settings of parameters did to the metric: one parameter, or several together."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from harmonica_steps.report.charts import BLUE, Chart, Size, data, short
from harmonica_steps.report.effects import MainEffect, PairEffect, Summary
from harmonica_steps.report.labels import cut, labels


def main_effect(
    effect: MainEffect, metric: str, statistic: str, width: Size, x: alt.Scale | None
) -> Chart:
    """The metric for each setting of a parameter, with intervals."""
    order = labels([name for name, _ in effect.settings], 24)
    rows = [
        {"setting": label, "whole": name, **_cell(cell)}
        for label, (name, cell) in zip(order, effect.settings, strict=True)
    ]
    base = alt.Chart(data(rows)).encode(
        y=alt.Y("setting:N", sort=order, title=None, axis=alt.Axis(labelLimit=0)),
        tooltip=[alt.Tooltip("whole:N", title=short(effect.parameter)), *_tips(statistic)],
    )
    title = cut(f"{statistic} {metric}", 24)
    interval = base.mark_rule(color=BLUE, strokeWidth=2.5).encode(
        x=alt.X("low:Q", scale=x, title=title), x2="high:Q"
    )
    dot = base.mark_point(filled=True, size=85, color=BLUE, opacity=1).encode(
        x=alt.X("middle:Q", scale=x, title=title)
    )
    return (interval + dot).properties(width=width, height=28 * len(order))


def joint_effect(effect: PairEffect, metric: str, statistic: str, width: Size) -> Chart:
    """The metric for each pair of settings; for a term of three, one below the other."""
    first, second, *third = effect.parameters
    keys = ("one", "two", "three")
    of_each = [
        list(dict.fromkeys(column)) for column in zip(*(n for n, _ in effect.cells), strict=True)
    ]
    known = [dict(zip(names, labels(names, 16), strict=True)) for names in of_each]
    rows = [
        {
            **{key: names[name] for key, names, name in zip(keys, known, cell_names, strict=False)},
            **_cell(cell),
        }
        for cell_names, cell in effect.cells
    ]
    orders = [list(names.values()) for names in known]
    middles = [cell.middle for _, cell in effect.cells]
    half = (min(middles) + max(middles)) / 2
    # Cividis: light for large values, the same order for every kind of colour vision.
    colour = alt.Color(
        "middle:Q",
        title=f"{statistic} {metric}",
        scale=alt.Scale(scheme="cividis"),
        legend=None,
    )
    parameters = zip(keys, effect.parameters, strict=False)
    tooltip = [*(alt.Tooltip(f"{k}:N", title=short(p)) for k, p in parameters), *_tips(statistic)]
    x = alt.X(
        "two:N", sort=orders[1], title=cut(second), axis=alt.Axis(labelAngle=0, labelLimit=90)
    )
    y = alt.Y("one:N", sort=orders[0], title=cut(first), axis=alt.Axis(labelLimit=130))
    # Vega-Lite fits single panels to their container, not several.
    width = 260 if third and width == "container" else width
    panels: list[Any] = []
    for name in dict.fromkeys(row.get("three", "") for row in rows):
        own = alt.Chart(data([row for row in rows if row.get("three", "") == name]))
        cells = own.mark_rect(stroke="white", strokeWidth=1).encode(
            x=x, y=y, color=colour, tooltip=tooltip
        )
        ink = alt.when(alt.datum.middle > half).then(alt.value("#111")).otherwise(alt.value("#fff"))
        text = own.mark_text(fontSize=12, fontWeight=600).encode(
            x=x, y=y, text=alt.Text("middle:Q", format=".3~g"), color=ink
        )
        panel = (cells + text).properties(width=width, height=34 * len(orders[0]))
        panels.append(panel.properties(title=f"{cut(third[0])} = {name}") if third else panel)
    return panels[0] if len(panels) == 1 else alt.vconcat(*panels)


def _labelled(settings: Sequence[str]) -> list[str]:
    """Settings, each as its label."""
    names = list(dict.fromkeys(settings))
    named = dict(zip(names, labels(names, 16), strict=True))
    return [named[setting] for setting in settings]


def _cell(cell: Summary) -> dict[str, float]:
    return {k: float(f"{v:.6g}") for k, v in cell._asdict().items()}


def _tips(statistic: str) -> list[alt.Tooltip]:
    return [
        alt.Tooltip("middle:Q", title=statistic, format=".4~g"),
        alt.Tooltip("low:Q", title="95 % from", format=".4~g"),
        alt.Tooltip("high:Q", title="to", format=".4~g"),
        alt.Tooltip("trainings:Q", title="trainings"),
    ]
