"""The two small figures next to the answer: what matters, and how the search went."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from harmonica_steps.records.direction import Direction
from harmonica_steps.report.answer import ExplainedTerm
from harmonica_steps.report.charts import BLUE, ORANGE, Chart, Size, data, scale, short
from harmonica_steps.report.labels import cut, labels
from harmonica_steps.report.trainings import PartFacts


def importance(terms: Sequence[ExplainedTerm], width: Size) -> Chart:
    """How much of the metric's variance each term explains: single parameters and joint effects."""
    names = labels([term.name for term in terms])
    rows = [
        {
            "term": label,
            "whole": short(term.name),
            "share": round(100 * term.share, 1),
            "kind": "together" if term.joint else "alone",
            "stage": term.stage,
        }
        for label, term in zip(names, terms, strict=True)
    ]
    bars = (
        alt.Chart(data(rows))
        .mark_bar(height={"band": 0.7})
        .encode(
            y=alt.Y("term:N", sort=None, title=None, axis=alt.Axis(labelLimit=0)),
            x=alt.X("share:Q", title="% of the variance explained", axis=alt.Axis(tickCount=4)),
            color=alt.Color(
                "kind:N",
                scale=alt.Scale(domain=["alone", "together"], range=[BLUE, ORANGE]),
                legend=None,
            ),
            tooltip=[
                alt.Tooltip("whole:N", title="term"),
                alt.Tooltip("share:Q", title="% of the variance"),
                alt.Tooltip("stage:Q", title="stage"),
            ],
        )
    )
    return bars.properties(width=width, height=22 * len(rows))


def course(parts: Sequence[PartFacts], metric: str, direction: Direction, width: Size) -> Chart:
    """The best and the median of each part, in order."""
    found = [(part.title, part.numbers(direction)) for part in parts]
    rows: list[dict[str, Any]] = [
        {"part": title, "what": what, "value": numbers[what]}
        for title, numbers in found
        for what in ("median", "best")
    ]
    base = alt.Chart(data(rows)).encode(
        x=alt.X("part:N", sort=None, title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True)),
        y=alt.Y(
            "value:Q",
            title=cut(metric, 20),
            scale=scale([row["value"] for row in rows]),
            axis=alt.Axis(tickCount=4),
        ),
        color=alt.Color(
            "what:N",
            scale=alt.Scale(domain=["median", "best"], range=[BLUE, ORANGE]),
            legend=alt.Legend(title=None, orient="top", labelColor="currentColor"),
        ),
        tooltip=[
            alt.Tooltip("part:N"),
            alt.Tooltip("what:N", title=" "),
            alt.Tooltip("value:Q", title=short(metric), format=".4~g"),
        ],
    )
    line = base.mark_line(strokeWidth=2)
    return (line + base.mark_circle(size=45, opacity=1)).properties(width=width, height=120)
