"""``harmonica figures``: the report's figures as files, for papers and slides."""

import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import replacing
from harmonica_steps.outputs import check_output, head
from harmonica_steps.report import charts
from harmonica_steps.report.bracket import finished
from harmonica_steps.report.effects import STATISTIC
from harmonica_steps.report.facts import Facts, StageFacts, gather
from harmonica_steps.results.opened import Opened

PNG_HEADER = 33
"""Bytes of a PNG's signature and first chunk."""

_TEXT = b"tEXtSoftware\0Harmonica"
MARK = (len(_TEXT) - 4).to_bytes(4) + _TEXT + zlib.crc32(_TEXT).to_bytes(4)
"""A chunk of a PNG that tells who has drawn it. An SVG tells by itself that Vega has."""


def draw_figures(searches: Sequence[Opened], output: Path, form: str = "svg") -> list[Path]:
    """Write every figure that the searches have results for.

    Parameters
    ----------
    searches
        One, or several: then each figure's name starts with its search, and ``progress`` shows
        them side by side.
    output
        A folder.
    form
        ``svg`` or ``png``.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    HarmonicaError
        When no part of any of them has ended yet, or a file of the folder would be lost that is no
        earlier figure.
    """
    every = [gather(search) for search in searches]
    if not any(len(part.values) for facts in every for part in facts.parts):
        raise HarmonicaError("no part of the search has ended yet: nothing to draw.")
    with charts.unchecked():
        figures = {"progress": _progress(every)}
        for facts in every:
            prefix = f"{facts.opened.config.search}-" if len(every) > 1 else ""
            figures |= {f"{prefix}{name}": chart for name, chart in _of_one(facts)}
    paths = [output / f"{name}.{form}" for name in figures]
    for path in paths:
        check_output(path, "a figure", _is_figure)
    for path, chart in zip(paths, figures.values(), strict=True):
        with replacing(path) as beside:
            _save(charts.specification(chart, background="white"), beside, form)
    return paths


def _save(specification: dict[str, Any], path: Path, form: str) -> None:
    import vl_convert

    if form == "png":
        image = vl_convert.vegalite_to_png(specification, scale=2)
        path.write_bytes(image[:PNG_HEADER] + MARK + image[PNG_HEADER:])
    else:
        path.write_text(vl_convert.vegalite_to_svg(specification), encoding="utf-8")


def _is_figure(path: Path) -> bool:
    begin = head(path)
    return MARK in begin or (begin.startswith(b"<svg ") and b' class="marks" ' in begin)


def _progress(every: list[Facts]) -> alt.HConcatChart:
    """Panels that share an axis: comparable only if the metric is the same."""
    values = [part.values for facts in every for part in facts.parts if len(part.values)]
    shared = charts.scale(np.concatenate(values))
    alike = len({facts.metric for facts in every}) == 1
    panels = []
    for facts in every:
        shown = [part for part in facts.parts if len(part.values)]
        if shown:
            scale = shared if alike else None
            panel = charts.distribution(
                shown, facts.metric, facts.direction, 76 * len(shown) + 24, scale
            )
            panels.append(panel.properties(title=facts.opened.config.search))
    joined: alt.HConcatChart = alt.hconcat(*panels)
    return joined


def _of_one(facts: Facts) -> Iterator[tuple[str, Any]]:
    for stage in facts.stages:
        if stage.main:
            yield f"stage-{stage.number}-effects", _effects(facts, stage)
        statistic = STATISTIC[stage.psr["transform"]]
        for number, effect in enumerate(stage.joint, start=1):
            steps = alt.Step(64)
            yield (
                f"stage-{stage.number}-joint-{number}",
                charts.joint_effect(effect, facts.metric, statistic, steps),
            )
    rungs = finished(facts.parts)
    if len(rungs) > 1 and any(c.last is not None for c in facts.contenders):
        yield "bracket", charts.bracket(facts.contenders, rungs, facts.metric, 150 * len(rungs))


def _effects(facts: Facts, stage: StageFacts) -> alt.ConcatChart:
    statistic = STATISTIC[stage.psr["transform"]]
    scale = charts.scale(stage.range)
    panels = [
        charts.main_effect(effect, facts.metric, statistic, 220, scale).properties(
            title=effect.parameter
        )
        for effect in stage.main
    ]
    joined: alt.ConcatChart = alt.concat(*panels, columns=2)
    return joined
