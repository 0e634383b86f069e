"""The figures of how the search leaned: one small one for each parameter."""

from typing import Any

import altair as alt

from harmonica_steps.report.charts import BLUE, Chart, Size, data, scale
from harmonica_steps.report.drift import Drift
from harmonica_steps.report.labels import labels

COLOURS = [
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#cc79a7",
    "#56b4e9",
    "#d55e00",
    "#f0e442",
    "#7a7a7a",
    "#b0b0b0",
]
"""Colours of Okabe and Ito, which colour-blind people can distinguish; grey for the others."""
HEIGHT = 110


def drift_chart(drift: Drift, width: Size) -> Chart:
    """The shares of the settings, or the range of a number, from part to part."""
    return _shares(drift, width) if drift.shares else _ranges(drift, width)


def _shares(drift: Drift, width: Size) -> Chart:
    settings = list(drift.shares[0])
    named = dict(zip(settings, labels(settings, 16), strict=True))
    rows: list[dict[str, Any]] = [
        {"part": part, "setting": named[setting], "share": round(share, 4), "order": number}
        for part, shares in zip(drift.parts, drift.shares, strict=True)
        for number, (setting, share) in enumerate(shares.items())
    ]
    columns = 3 if max(map(len, named.values())) <= 8 else 2
    colours = alt.Scale(domain=list(named.values()), range=COLOURS)
    return (
        alt.Chart(data(rows))
        .mark_bar()
        .encode(
            x=_parts(),
            y=alt.Y("share:Q", title=None, axis=alt.Axis(format="%", values=[0, 0.5, 1])),
            color=alt.Color(
                "setting:N",
                scale=colours,
                legend=alt.Legend(
                    title=None,
                    orient="bottom",
                    columns=columns,
                    labelLimit=0,
                    labelColor="currentColor",
                ),
            ),
            order="order:Q",
            tooltip=[
                alt.Tooltip("part:N"),
                alt.Tooltip("setting:N"),
                alt.Tooltip("share:Q", format=".0%"),
            ],
        )
        .properties(width=width, height=HEIGHT)
    )


def _ranges(drift: Drift, width: Size) -> Chart:
    rows: list[dict[str, Any]] = [
        {"part": part, "low": found[0], "middle": found[1], "high": found[2]}
        for part, found in zip(drift.parts, drift.ranges, strict=True)
        if found
    ]
    ends = [row[end] for row in rows for end in ("low", "high")]
    y = alt.Y("low:Q", title=None, scale=scale(ends), axis=alt.Axis(tickCount=4))
    base = alt.Chart(data(rows)).encode(
        x=_parts(),
        tooltip=[
            alt.Tooltip("part:N"),
            alt.Tooltip("low:Q", title="10 % below", format=".4~g"),
            alt.Tooltip("middle:Q", title="median", format=".4~g"),
            alt.Tooltip("high:Q", title="90 % below", format=".4~g"),
        ],
    )
    bars = base.mark_bar(size=14, color=BLUE, opacity=0.45).encode(y=y, y2="high:Q")
    ticks = base.mark_tick(size=22, thickness=2, color="currentColor").encode(y="middle:Q")
    return (bars + ticks).properties(width=width, height=HEIGHT)


def _parts() -> alt.X:
    return alt.X("part:N", sort=None, title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True))
