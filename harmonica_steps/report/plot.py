"""The plot: the metric of every training, stage by stage."""

from collections.abc import Sequence
from pathlib import Path

import altair as alt
import pandas as pd

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import replacing
from harmonica_steps.results.opened import Opened
from harmonica_steps.results.tables import read_table

FORMATS = (".svg", ".png", ".html", ".json")
WIDEST_RANGE = 10.0
"""A metric whose largest and smallest value differ by this factor is shown on a log scale."""


def plot(folders: Sequence[Path], output: Path) -> None:
    """Draw the distribution of the metric in every stage and rung, one panel a search.

    Raises
    ------
    HarmonicaError
        When the format is unknown or no part has ended yet.
    """
    if output.suffix not in FORMATS:
        raise HarmonicaError(f"{output}: unknown format; allowed: {', '.join(FORMATS)}.")
    searches = [Opened.at(folder) for folder in folders]
    data = pd.concat([_values(search) for search in searches], ignore_index=True)
    if data.empty:
        raise HarmonicaError("no stage or rung of the search has ended yet: nothing to plot.")
    chart = _chart(data, searches)
    with replacing(output) as beside:
        chart.save(str(beside))


def _values(search: Opened) -> pd.DataFrame:
    tables = []
    for part in search.parts:
        path = search.folder.metrics(part.name)
        if path.is_file():
            values = read_table(path)["value"].astype(float).dropna()
            label = f"{part.name.removeprefix('final/')} ({part.trials})"
            tables.append(pd.DataFrame({"value": values, "part": label}))
    found = pd.concat(tables) if tables else pd.DataFrame({"value": [], "part": []})
    return found.assign(search=search.config.search)


def _chart(data: pd.DataFrame, searches: Sequence[Opened]) -> alt.Chart:
    metric = " / ".join(dict.fromkeys(s.config.objective.metric for s in searches))
    low, high = data["value"].min(), data["value"].max()
    log = low > 0 and high / low > WIDEST_RANGE
    scale = (
        alt.Scale(type="log", domain=[low / 1.2, high * 1.1], nice=False)
        if log
        else alt.Scale(zero=False)
    )
    y = alt.Y("value:Q", title=metric, scale=scale)
    # A fixed pseudo-random offset: the same file from the same search.
    data = data.assign(jitter=(data.groupby(["search", "part"]).cumcount() * 0.618034) % 1.0)
    panels = []
    for search in dict.fromkeys(data["search"]):
        own = alt.Chart(data[data["search"] == search])
        order = list(dict.fromkeys(data.loc[data["search"] == search, "part"]))
        x = alt.X("part:N", title=None, sort=order, axis=alt.Axis(labelAngle=-30))
        across = alt.Scale(domain=[-0.3, 1.3])
        points = own.mark_circle(size=14, opacity=0.45, color="#4477aa").encode(
            x=x, xOffset=alt.XOffset("jitter:Q", scale=across), y=y
        )
        median = own.mark_tick(color="#cc3311", thickness=3, size=42).encode(
            x=x,
            xOffset=alt.XOffsetDatum(0.5, scale=across),
            y=alt.Y("median(value):Q", scale=scale, title=metric),
        )
        panels.append(
            (points + median).properties(width=62 * len(order) + 40, height=300, title=search)
        )
    joined: alt.Chart = alt.hconcat(*panels).resolve_scale(y="shared")
    return joined.properties(
        title=alt.Title("Every training; the red bars are medians", anchor="start", fontSize=12)
    )
