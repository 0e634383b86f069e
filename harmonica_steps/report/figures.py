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
from harmonica_steps.report.every_figure import figures_of
from harmonica_steps.report.facts import Facts, gather
from harmonica_steps.results.search_run import SearchRun

TOGETHER = ("drift", "main", "slices")
"""Kinds of figures that are panels of one file."""
NAMES = {"main": "effects", "joint": "joint"}
"""File names of the figures of a stage, by kind."""

PNG_HEADER = 33
"""Bytes of a PNG's signature and first chunk."""

_TEXT = b"tEXtSoftware\0Harmonica"
MARK = (len(_TEXT) - 4).to_bytes(4) + _TEXT + zlib.crc32(_TEXT).to_bytes(4)
"""A chunk of a PNG that names its author. An SVG already says that Vega has."""


def draw_figures(searches: Sequence[SearchRun], output: Path, form: str = "svg") -> list[Path]:
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
        When no part of any of them has ended yet, or a file of the folder that is not an earlier
        figure would be lost.
    """
    every = [gather(search) for search in searches]
    if not any(len(part.values) for facts in every for part in facts.parts):
        raise HarmonicaError("no part of the search has finished yet: there is nothing to draw.")
    with charts.unchecked():
        figures = {"progress": _progress(every)}
        for facts in every:
            prefix = f"{facts.search.config.search}-" if len(every) > 1 else ""
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

    vega = specification
    if "/vega-lite/" in specification["$schema"]:
        vega = vl_convert.vegalite_to_vega(specification)
    if form == "png":
        image = vl_convert.vega_to_png(vega, scale=2)
        path.write_bytes(image[:PNG_HEADER] + MARK + image[PNG_HEADER:])
    else:
        path.write_text(vl_convert.vega_to_svg(vega), encoding="utf-8")


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
            panels.append(panel.properties(title=facts.search.config.search))
    joined: alt.HConcatChart = alt.hconcat(*panels)
    return joined


def _of_one(facts: Facts) -> Iterator[tuple[str, Any]]:
    for place, figures in figures_of(facts).items():
        if place == "stages":
            continue  # in `_progress`
        kind, _, stage = place.partition("-")
        name = f"stage-{stage}-{NAMES[kind]}" if stage else place
        if kind in TOGETHER:
            panels = [figure.panel(titled=True) for figure in figures]
            yield name, alt.concat(*panels, columns=2)
        elif len(figures) == 1 and kind != "joint":
            yield name, figures[0].panel(titled=False)
        else:
            for number, figure in enumerate(figures, start=1):
                yield f"{name}-{number}", figure.panel(titled=False)
