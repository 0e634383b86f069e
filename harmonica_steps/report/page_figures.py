"""What a page draws: figures, and the pictures whose content the reader chooses."""

from collections import defaultdict
from typing import Any

from harmonica_steps.report import charts
from harmonica_steps.report.answer import important_parameters
from harmonica_steps.report.comparable import groups
from harmonica_steps.report.every_figure import MOST_AXES, figures_of
from harmonica_steps.report.explored import charts_without_rows, columns
from harmonica_steps.report.facts import Facts
from harmonica_steps.report.labels import labels
from harmonica_steps.report.library import charts_library


def drawn(facts: Facts) -> dict[str, Any]:
    """Variables of the page's template."""
    found = groups(facts.parts)
    names = important_parameters(facts)
    explored = columns(facts.search.space, found, names, facts.metric, facts.direction)
    with charts.unchecked():
        pictures = charts_without_rows(facts.metric)
    return {
        "library": charts_library(),
        "figures": defaultdict(list, figures_of(facts)),
        "explored": explored if found else None,
        "pictures": {k: charts.specification(chart) for k, chart in pictures.items()},
        "names": labels(names, 40),
        "numbers": list(dict.fromkeys(n for group in explored["groups"] for n in group["numbers"])),
        "most_axes": MOST_AXES,
    }
