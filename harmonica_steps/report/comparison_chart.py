"""The figures of a comparison: the best so far against the cost, one line per search."""

from functools import partial
from typing import Any, NamedTuple

import altair as alt

from harmonica_steps.report import charts
from harmonica_steps.report.comparison_look import LOOKS
from harmonica_steps.report.comparison_progress import Course, EqualCost
from harmonica_steps.report.console import duration
from harmonica_steps.report.figure import Figure
from harmonica_steps.report.labels import cut
from harmonica_steps.report.words import number

WIDTH = 480
"""Width of a figure in a file."""


class _Cost(NamedTuple):
    """A measure of cost."""

    title: str
    field: str
    unit: float


def progress_figures(costs: EqualCost) -> list[Figure]:
    """Progress against the number of trainings, and against the CPU time."""
    first = costs.courses[0].search.facts
    metric = cut(first.metric, 30)
    most = max(course.cpu_seconds for course in costs.courses)
    return [
        Figure(
            f"Best {metric} against {cost.title}",
            f"Best {metric} so far against {cost.title}, one line per search. At the end: "
            f"{_ends(costs, cost)}.",
            partial(_lines, costs, cost, metric),
            WIDTH,
        )
        for cost in (_Cost("trainings", "trainings", 1.0), _cpu_time(most))
    ]


def _cpu_time(most: float) -> _Cost:
    for name, unit in (("hours", 3600.0), ("minutes", 60.0)):
        if most >= unit:
            return _Cost(f"CPU {name}", "cpu_seconds", unit)
    return _Cost("CPU seconds", "cpu_seconds", 1.0)


def _lines(costs: EqualCost, cost: _Cost, metric: str, width: charts.Size) -> charts.Chart:
    drawn = [course for course in costs.courses if course.points]
    rows = [row for course in drawn for row in _rows(course, cost)]
    looks = [LOOKS[course.search.number] for course in drawn]
    names = [str(course.search.number) for course in drawn]
    whole = [0.0, 1.02 * max(row["cost"] for row in rows) or 1.0]
    x = alt.X("cost:Q", title=cost.title, scale=alt.Scale(domain=whole, nice=False))
    y = alt.Y(
        "value:Q", title=f"best {metric} so far", scale=charts.scale(_worth_showing(costs, drawn))
    )
    colour = alt.Color(
        "line:N", scale=alt.Scale(domain=names, range=[k.colour for k in looks]), legend=None
    )
    line = (
        alt.Chart(charts.data(rows))
        .mark_line(interpolate="step-after", strokeWidth=2.2, clip=True)
        .encode(
            x=x,
            y=y,
            color=colour,
            strokeDash=alt.StrokeDash(
                "line:N",
                scale=alt.Scale(domain=names, range=[list(k.dash) for k in looks]),
                legend=None,
            ),
        )
    )
    marks = (
        alt.Chart(charts.data([row for row in rows if row["marked"]]))
        .mark_point(filled=True, size=70, opacity=1, clip=True)
        .encode(
            x=x,
            y=y,
            color=colour,
            shape=alt.Shape(
                "line:N",
                scale=alt.Scale(domain=names, range=[k.shape for k in looks]),
                legend=None,
            ),
            tooltip=[
                alt.Tooltip("search:N"),
                alt.Tooltip("cost:Q", title=cost.title, format=".4~g"),
                alt.Tooltip("value:Q", title=charts.short(metric), format=".4~g"),
            ],
        )
    )
    return (line + marks).properties(width=width, height=260)


EARLY = 0.1
"""Share of the cost; before it the best so far may be so bad that the axis would hide the rest."""


def _worth_showing(costs: EqualCost, drawn: list[Course]) -> list[float]:
    """The values from `EARLY` on."""
    early = EARLY * costs.trainings
    found = [point.value for course in drawn for point in course.points if point.trainings >= early]
    return [*found, *(v for course in drawn if (v := course.at(trainings=early)) is not None)]


MOST_MARKS = 8
"""Most marks on a line."""


def _rows(course: Course, cost: _Cost) -> list[dict[str, Any]]:
    last = len(course.points) - 1
    marked = {round(i * last / (MOST_MARKS - 1)) for i in range(MOST_MARKS)}
    return [
        {
            "line": str(course.search.number),
            "search": charts.short(course.search.label),
            "cost": float(f"{getattr(point, cost.field) / cost.unit:.6g}"),
            "value": point.value,
            "marked": number in marked,
        }
        for number, point in enumerate(course.points)
    ]


def _ends(costs: EqualCost, cost: _Cost) -> str:
    return "; ".join(
        f"{course.search.short} {number(course.points[-1].value)} after "
        + (
            f"{course.trainings:,} trainings"
            if cost.field == "trainings"
            else duration(course.cpu_seconds)
        )
        for course in costs.courses
        if course.points
    )
