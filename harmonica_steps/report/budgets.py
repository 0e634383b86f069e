"""Whether small budgets tell the same as large ones: rank correlations of the final search."""

from collections.abc import Sequence
from typing import NamedTuple

import altair as alt
import pandas as pd

from harmonica_steps.report.bracket import Contender
from harmonica_steps.report.charts import Chart, Size, data

FEWEST = 5
"""Fewest configurations from which a correlation says anything."""


class Agreement(NamedTuple):
    """How alike two budgets order the configurations that have both."""

    smaller: float
    larger: float
    correlation: float
    """Spearman's rank correlation."""
    configurations: int


def agreements(contenders: Sequence[Contender]) -> list[Agreement]:
    """The agreement of every two budgets that enough configurations have."""
    rows = [
        {result.part.budget: result.value for result in contender.scored}
        for contender in contenders
    ]
    table = pd.DataFrame(rows, dtype=float)
    table = table[sorted(table.columns)]
    ranked = table.corr("spearman", min_periods=FEWEST)
    found = [
        Agreement(float(one), float(two), float(ranked.loc[one, two]), _common(table, one, two))
        for number, two in enumerate(ranked)
        for one in ranked.columns[:number]
    ]
    return [agreement for agreement in found if agreement.correlation == agreement.correlation]


def _common(table: pd.DataFrame, one: float, two: float) -> int:
    return int((table[one].notna() & table[two].notna()).sum())


def agreement_chart(found: Sequence[Agreement], width: Size) -> Chart:
    """A cell for each pair of budgets."""
    rows = [
        {
            "smaller": f"{a.smaller:g}",
            "larger": f"{a.larger:g}",
            "correlation": round(a.correlation, 3),
            "configurations": a.configurations,
        }
        for a in found
    ]
    budgets = [f"{b:g}" for b in sorted({b for a in found for b in (a.smaller, a.larger)})]
    base = alt.Chart(data(rows)).encode(
        x=alt.X("larger:N", sort=budgets, title="larger budget", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("smaller:N", sort=budgets, title="smaller budget"),
        tooltip=[
            alt.Tooltip("smaller:N", title="smaller budget"),
            alt.Tooltip("larger:N", title="larger budget"),
            alt.Tooltip("correlation:Q", title="rank correlation", format=".2f"),
            alt.Tooltip("configurations:Q"),
        ],
    )
    colour = alt.Scale(scheme="cividis", domain=[-1, 1])
    cells = base.mark_rect(stroke="white").encode(
        color=alt.Color("correlation:Q", scale=colour, legend=None)
    )
    ink = alt.when(alt.datum.correlation > 0).then(alt.value("#111")).otherwise(alt.value("#fff"))
    words = base.mark_text(fontWeight=600).encode(
        text=alt.Text("correlation:Q", format=".2f"), color=ink
    )
    return (cells + words).properties(width=width, height=36 * len({a.smaller for a in found}))
