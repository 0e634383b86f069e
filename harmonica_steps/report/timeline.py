"""When the trainings ran, host by host."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from harmonica_steps.report.charts import BLUE, ORANGE, Chart, Size, data, short
from harmonica_steps.report.comparable import spread
from harmonica_steps.report.labels import labels
from harmonica_steps.report.trainings import PartFacts

MOST_BARS = 800
MOST_HOSTS = 30
HIGHEST = 640
"""Pixels of the figure."""
UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}


@dataclass(frozen=True)
class Timeline:
    """Trainings as bars, in lanes of their host."""

    bars: pd.DataFrame
    """``host``, ``lane``, ``start``, ``end`` (in seconds since the first start), ``part``,
    ``status``."""
    trainings: int
    hosts: int


def timeline(parts: Sequence[PartFacts]) -> Timeline | None:
    """The trainings of all parts; None where no record says its host."""
    tables = [
        part.runs.assign(part=part.title, status=part.table["status"].to_numpy())
        for part in parts
        if part.table is not None and not part.skipped and "host" in part.runs
    ]
    if not tables:
        return None
    found = pd.concat(tables, ignore_index=True).sort_values("started", kind="stable")
    found = found[(found["seconds"] > 0) & found["host"].notna()]
    busiest = found["host"].value_counts().index[:MOST_HOSTS]
    kept = found[found["host"].isin(busiest)]
    if kept.empty:
        return None
    start = kept["started"] - kept["started"].min()
    bars = pd.DataFrame(
        {
            "host": kept["host"].astype(str),
            "start": start,
            "end": start + kept["seconds"],
            "part": kept["part"],
            "status": kept["status"].astype(str),
        }
    )
    bars["lane"] = pd.concat([_lanes(own) for _, own in bars.groupby("host")])
    rows = spread(np.arange(len(bars)), 0, MOST_BARS)
    return Timeline(bars.iloc[rows], len(found), int(found["host"].nunique()))


def _lanes(bars: pd.DataFrame) -> pd.Series:
    """Bars that overlap lie in different lanes: each in the first that is free."""
    free: list[int] = []
    busy: list[tuple[float, int]] = []
    lanes = []
    for start, end in zip(bars["start"], bars["end"], strict=True):
        while busy and busy[0][0] <= start:
            heapq.heappush(free, heapq.heappop(busy)[1])
        lane = heapq.heappop(free) if free else len(busy)
        heapq.heappush(busy, (end, lane))
        lanes.append(lane)
    return pd.Series(lanes, index=bars.index)


def timeline_chart(found: Timeline, width: Size) -> Chart:
    """One bar per training; those that failed in another colour, and with a border."""
    bars = found.bars
    length = float(bars["end"].max())
    fitting = [unit for unit, seconds in UNITS.items() if length >= 2 * seconds]
    unit = fitting[-1] if fitting else "seconds"
    names = bars["host"].unique().tolist()
    hosts = dict(zip(names, labels(names, 20), strict=True))
    rows: list[dict[str, Any]] = [
        {
            "host": hosts[bar.host],
            "lane": int(bar.lane),
            "start": round(bar.start / UNITS[unit], 4),
            "end": round(bar.end / UNITS[unit], 4),
            "part": bar.part,
            "status": short(bar.status),
        }
        for bar in bars.itertuples()
    ]
    lanes = bars.groupby("host")["lane"].max() + 1
    height = min(max(len(lanes) * int(lanes.max()) * 9, 40 * len(lanes), 60), HIGHEST)
    failed = alt.datum.status != "ok"
    return (
        alt.Chart(data(rows))
        .mark_bar(stroke=ORANGE)
        .encode(
            x=alt.X("start:Q", title=f"{unit} since the first start"),
            x2="end:Q",
            y=alt.Y("host:N", title=None, axis=alt.Axis(labelLimit=150)),
            yOffset=alt.YOffset("lane:O", sort="ascending"),
            color=alt.when(failed).then(alt.value(ORANGE)).otherwise(alt.value(BLUE)),
            strokeWidth=alt.when(failed).then(alt.value(2)).otherwise(alt.value(0)),
            opacity=alt.value(0.75),
            tooltip=[
                alt.Tooltip("part:N"),
                alt.Tooltip("status:N"),
                alt.Tooltip("start:Q", title=f"start, {unit}", format=".3~g"),
                alt.Tooltip("end:Q", title=f"end, {unit}", format=".3~g"),
                alt.Tooltip("host:N"),
            ],
        )
        .properties(width=width, height=height)
    )
