"""Learning curves in the report."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from report_support import CONFIG, hostile_metric, report_curve, report_curves, run_search

from harmonica_steps.report.curves import MOST_OF_STAGE, MOST_POINTS, curves
from harmonica_steps.report.facts import gather
from harmonica_steps.report.page import render
from harmonica_steps.results.search_run import SearchRun


@pytest.fixture
def search(tmp_path: Path) -> SearchRun:
    return run_search(tmp_path / "results/made-up", CONFIG, hostile_metric)


def figure(page: str) -> dict[str, Any]:
    found = re.search(r'data-chart="chart-curves">(.*?)</script>', page)
    assert found
    content: dict[str, Any] = json.loads(found[1])
    return content


def test_without_curves_the_page_has_no_word_of_them(search: SearchRun) -> None:
    page = render(gather(search))
    assert curves(gather(search)) == []
    assert 'id="curves"' not in page
    assert "#curves" not in page


def test_a_configuration_of_the_final_has_one_curve_over_its_rungs(search: SearchRun) -> None:
    report_curves(search, "stage-2", 1, 10)
    for rung, (first, last) in enumerate([(1, 10), (10, 30), (30, 90)]):
        for trial in range(search.part(f"final/rung-{rung}").trials):
            value = search.record(f"final/rung-{rung}", trial)["value"] or 1.0
            points = [(step, value + 1 / step) for step in range(first, last + 1)]
            report_curve(search, f"final/rung-{rung}", trial, *points)
    facts = gather(search)
    found = curves(facts)
    assert len(found) == 9
    assert [curve.best for curve in found] == [True, *[False] * 8]
    assert facts.best is not None
    (first, _), (last, value) = found[0].points[0], found[0].points[-1]
    assert (first, last) == (1, 90)
    assert value == pytest.approx(facts.best["value"] + 1 / 90)
    assert sorted(curve.points[-1][0] for curve in found) == [10] * 6 + [30] * 2 + [90]
    assert all(len(curve.points) <= MOST_POINTS for curve in found)


def test_where_the_final_has_no_curves_the_best_of_the_last_stage_with_some_are_shown(
    search: SearchRun,
) -> None:
    report_curves(search, "stage-1", 1, 100)
    found = curves(gather(search))
    assert len(found) == MOST_OF_STAGE
    assert {curve.name.partition(",")[0] for curve in found} == {"stage 1"}
    ends = [curve.points[-1][1] for curve in found]
    assert ends == sorted(ends)


def test_a_damaged_record_has_no_curve(search: SearchRun) -> None:
    report_curves(search, "final/rung-0", 1, 10)
    facts = gather(search)
    search.folder.record("final/rung-0", 1).write_text("{")
    assert len(curves(facts)) == 7


def test_the_page_draws_and_describes_them(search: SearchRun) -> None:
    report_curves(search, "final/rung-0", 1, 1000)
    facts = gather(search)
    page = render(facts)
    assert '<a href="#curves">Curves</a>' in page
    assert re.search(r'aria-label="val &lt;b&gt;error&lt;/b&gt; of 8 trainings, step by step', page)
    content = figure(page)
    assert len(json.dumps(content)) < 60_000
    (rows,) = re.findall(r'"values": (\[.*?\])', json.dumps(content))
    assert len(json.loads(rows)) == 8 * MOST_POINTS
    assert page == render(gather(search))


@pytest.mark.parametrize(("smallest", "kind"), [(0.001, "log"), (5.0, None)])
def test_the_scale_is_logarithmic_where_values_range_widely(
    search: SearchRun, smallest: float, kind: str | None
) -> None:
    report_curve(search, "final/rung-0", 0, (1, 9.0), (2, smallest))
    scales = re.findall(r'"scale": (\{[^{}]*\})', json.dumps(figure(render(gather(search)))))
    assert kind in {json.loads(scale).get("type") for scale in scales}
    assert kind or "log" not in str(scales)
