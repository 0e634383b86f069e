"""The report: one HTML page that needs nothing but itself."""

from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from harmonica_steps.files import write_text
from harmonica_steps.optional import can_draw
from harmonica_steps.outputs import check_output, head
from harmonica_steps.report.answer import best_settings
from harmonica_steps.report.bracket import finished
from harmonica_steps.report.explained import explained
from harmonica_steps.report.facts import Facts, gather
from harmonica_steps.report.failures import excerpt
from harmonica_steps.report.labels import labels
from harmonica_steps.report.status_view import outlook
from harmonica_steps.report.template import render_page
from harmonica_steps.report.verdict import verdict
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.search.transforms import statistic_of

MOST_ROWS = 30
"""Most rows in the table of the final search; the rest is in final/table.tsv."""
MOST_SETTINGS = 10
"""Most settings of the best configuration on the first screen; the rest is folded."""
MOST_DIFFERING = 40
"""Most differences from the first configuration; the rest is in final/table.tsv."""
MOST_PARAMETERS = 1000
MOST_CAUSES = 20
MARK = b'<meta name="generator" content="Harmonica '
"""Start of a tag in the head of every report."""


def write_report(search: SearchRun, output: Path) -> None:
    """Write the page of a search, finished or not; the same bytes from the same results.

    Raises
    ------
    HarmonicaError
        When the file is anything but an earlier report.
    """
    check_output(output, "a report", lambda file: MARK in head(file))
    write_text(output, render(gather(search)))


def render(facts: Facts) -> str:
    """The page as text."""
    names = facts.search.space.names
    return render_page(
        "page.html.j2",
        programs=("page.js", "explore.js"),
        **_drawn(facts),
        facts=facts,
        config=facts.search.config,
        root=facts.search.folder.root,
        verdict=verdict(facts),
        best_settings=best_settings(facts),
        outlook=[] if facts.status.finished else outlook(facts.status),
        last_end=_last_end(facts),
        known=dict(zip(names, labels(names, 36), strict=True)),
        most_settings=MOST_SETTINGS,
        most_differing=MOST_DIFFERING,
        begun=any(len(part.values) for part in facts.parts),
        statistic=statistic_of(facts.search.config.objective.transform),
        budgets=sorted({part.part.budget for part in finished(facts.parts)}),
        explained=explained(facts.search) if facts.status.finished else [],
        causes=[(cause, excerpt(cause.log)) for cause in facts.causes[:MOST_CAUSES]],
        configuration=_configuration(facts),
        most_rows=MOST_ROWS,
        most_parameters=MOST_PARAMETERS,
    )


def _last_end(facts: Facts) -> str:
    """When the last training with a metric ended; empty without one."""
    ends = [part.times.last for part in facts.status.parts if part.times]
    return f"{datetime.fromtimestamp(max(ends)):%Y-%m-%d %H:%M:%S}" if ends else ""


def _drawn(facts: Facts) -> dict[str, Any]:
    """The library that draws figures, and the figures; nothing where their packages are missing."""
    if not can_draw():
        return {"library": "", "figures": defaultdict(list), "explored": None}
    from harmonica_steps.report.page_figures import drawn

    return drawn(facts)


def _configuration(facts: Facts) -> str:
    content = facts.search.config.model_dump(mode="json", exclude_defaults=True)
    text: str = yaml.safe_dump(
        content, sort_keys=False, default_flow_style=None, width=100, allow_unicode=True
    )
    return text
