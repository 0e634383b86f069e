"""The figure of the learning curves."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from harmonica_steps.report.charts import BLUE, ORANGE, Chart, Size, data, scale, short
from harmonica_steps.report.curves import Curve
from harmonica_steps.report.labels import cut


def curves_chart(curves: Sequence[Curve], metric: str, width: Size) -> Chart:
    """The metric of each training, step by step; the best in front."""
    rows: list[dict[str, Any]] = [
        {"training": curve.name, "step": step, "value": float(f"{value:.6g}"), "best": curve.best}
        for curve in reversed(curves)
        for step, value in curve.points
    ]
    best = alt.datum.best
    base = alt.Chart(data(rows)).encode(
        x=alt.X("step:Q", title="step", scale=alt.Scale(zero=False, nice=False)),
        y=alt.Y("value:Q", title=cut(metric), scale=scale([row["value"] for row in rows])),
        detail="training:N",
        color=alt.when(best).then(alt.value(ORANGE)).otherwise(alt.value(BLUE)),
        opacity=alt.when(best).then(alt.value(1)).otherwise(alt.value(0.45)),
        tooltip=[
            alt.Tooltip("training:N"),
            alt.Tooltip("step:Q", format=".10~g"),
            alt.Tooltip("value:Q", title=short(metric), format=".4~g"),
        ],
    )

    def layer(only: Any) -> Chart:
        own = base.transform_filter(only)
        lines = own.mark_line(tooltip=None).encode(
            strokeWidth=alt.when(best).then(alt.value(3)).otherwise(alt.value(1))
        )
        return lines + own.mark_circle(size=14)

    return (layer(~best) + layer(best)).properties(width=width, height=300)
