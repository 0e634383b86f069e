"""The page that compares searches: one HTML page that needs nothing but itself."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harmonica_steps.files import write_text
from harmonica_steps.optional import can_draw
from harmonica_steps.outputs import check_output, head
from harmonica_steps.report.comparison import Comparison, compare, further_metrics
from harmonica_steps.report.comparison_findings import found_rows
from harmonica_steps.report.comparison_look import LOOKS
from harmonica_steps.report.comparison_progress import EqualCost, equal_cost
from harmonica_steps.report.comparison_settings import configuration_rows, setting_rows
from harmonica_steps.report.comparison_words import at_equal_cost, cautions, headline, scale
from harmonica_steps.report.template import render_page

MARK = b'<meta name="generator" content="Harmonica-comparison '
"""Start of a tag in the head of every comparison, and of no report."""
MOST_ROWS = 1000
"""Most rows of a table with one row per parameter."""
MOST_KEYS = 20
"""Most keys shown of those in which the configurations differ; the rest is folded."""
MOST_FURTHER = 6
"""Most further metrics of the best trainings."""


def write_comparison(folders: Sequence[Path], output: Path) -> None:
    """Write the page of several searches, finished or not; the same bytes from the same results.

    Raises
    ------
    HarmonicaError
        When the searches cannot be compared, see `compare`, or the file is anything but an earlier
        comparison.
    """
    check_output(output, "a comparison", lambda file: MARK in head(file))
    write_text(output, render(compare(folders)))


def render(comparison: Comparison) -> str:
    """The page as text."""
    costs = [cost for group in comparison.groups if (cost := equal_cost(group))]
    library, figures = _drawn(costs)
    found = found_rows(comparison)
    return render_page(
        "comparison.html.j2",
        library=library,
        styles=("page.css", "comparison.css"),
        comparison=comparison,
        searches=comparison.searches,
        looks=LOOKS,
        headline=headline(comparison),
        cautions=cautions(comparison),
        further=further_metrics([s.facts.best for s in comparison.searches])[:MOST_FURTHER],
        progress=[
            (cost, scale(cost.courses[0].search), at_equal_cost(cost), drawn)
            for cost, drawn in zip(costs, figures, strict=True)
        ],
        found=found,
        settings=setting_rows(comparison, found),
        configuration=configuration_rows(comparison),
        can_draw=can_draw(),
        most_rows=MOST_ROWS,
        most_keys=MOST_KEYS,
    )


def _drawn(costs: Sequence[EqualCost]) -> tuple[str, list[list[Any]]]:
    """The library that draws figures, and those of each group; nothing where it is missing."""
    if not can_draw():
        return "", [[] for _ in costs]
    from harmonica_steps.report.comparison_chart import progress_figures
    from harmonica_steps.report.library import charts_library

    figures = [progress_figures(cost) if cost.changes else [] for cost in costs]
    return charts_library() if any(figures) else "", figures
