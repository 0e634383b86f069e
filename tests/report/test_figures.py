"""Figures as files, and the specifications that the page shares with them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import altair as alt
import numpy as np
import pytest
from report_support import (
    CONFIG,
    HOSTILE,
    hostile_metric,
    noise_metric,
    plan,
    run_part,
    run_search,
)

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.report import charts, figures
from harmonica_steps.report.effect_charts import joint_effect
from harmonica_steps.report.effects import PairEffect, Summary
from harmonica_steps.report.facts import gather
from harmonica_steps.report.figures import draw_figures
from harmonica_steps.results.search_run import SearchRun


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> SearchRun:
    return run_search(tmp_path_factory.mktemp("figures") / "made-up", CONFIG, hostile_metric)


@pytest.fixture
def specifications(search: SearchRun) -> Iterator[dict[str, Any]]:
    facts = gather(search)
    return {"progress": figures._progress([facts]), **dict(figures._of_one(facts))}


def texts(path: Path) -> str:
    return " ".join(ET.parse(path).getroot().itertext())


def test_every_figure_is_valid_vega_lite(specifications: dict[str, Any]) -> None:
    assert {"progress", "bracket", "stage-1-effects", "stage-1-joint-1"} <= specifications.keys()
    for chart in specifications.values():
        if isinstance(chart, dict):
            continue  # in Vega, which altair does not know; browsers and files show that it draws
        chart.to_dict(validate=True)
        plain = charts.specification(chart)
        alt.Chart.from_dict(plain).to_dict(validate=True)


def test_there_is_a_file_for_every_figure(search: SearchRun, tmp_path: Path) -> None:
    paths = draw_figures([search], tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted(paths)
    # Stage 2 finds no terms, so it has no figure.
    names = {"progress", "stage-1-effects", "stage-1-joint-1", "bracket", "importance", "course"}
    names |= {"history", "drift", "parallel", "slices", "timeline"}
    assert {path.name for path in paths} == {f"{name}.svg" for name in names}
    for path in paths:
        assert path.read_bytes().startswith(b"<svg")


def test_figures_are_written_as_images(tmp_path: Path) -> None:
    search = plan(tmp_path / "made-up", {**CONFIG, "stages": [{"samples": 40, "sparsity": 2}]})
    run_part(search, "stage-1", noise_metric)
    paths = draw_figures([search], tmp_path / "figures", "png")
    assert {path.suffix for path in paths} == {".png"}
    for path in paths:
        assert path.read_bytes().startswith(b"\x89PNG")


def test_the_words_in_them_are_the_users_own(search: SearchRun, tmp_path: Path) -> None:
    draw_figures([search], tmp_path)
    progress = texts(tmp_path / "progress.svg")
    for word in ("made-up", "val <b>error</b>", "Stage 1", "150", "Rung 2"):
        assert word in progress
    assert HOSTILE[0] in texts(tmp_path / "stage-1-effects.svg")
    assert "rung 0" in texts(tmp_path / "bracket.svg")


def test_the_same_search_gives_the_same_figures(search: SearchRun, tmp_path: Path) -> None:
    one, two = (draw_figures([search], tmp_path / name) for name in ("one", "two"))
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


def test_several_searches_are_beside_each_other(search: SearchRun, tmp_path: Path) -> None:
    other = run_search(
        tmp_path / "other", {**CONFIG, "search": "other", "stages": []}, hostile_metric
    )
    paths = draw_figures([search, other], tmp_path / "figures")
    progress = texts(tmp_path / "figures/progress.svg")
    assert "made-up" in progress
    assert "other" in progress
    names = {path.name for path in paths}
    assert {"made-up-bracket.svg", "other-bracket.svg", "made-up-stage-1-effects.svg"} <= names


def test_a_search_without_a_finished_part_has_no_figures(tmp_path: Path) -> None:
    with pytest.raises(HarmonicaError, match="nothing to draw"):
        draw_figures([plan(tmp_path / "made-up", CONFIG)], tmp_path / "figures")
    assert not (tmp_path / "figures").exists()


def test_a_sample_keeps_the_ends_and_the_shape() -> None:
    values = np.random.default_rng(0).exponential(size=10_000)
    found = charts.sample(values)
    assert len(found) == charts.MOST_POINTS
    assert (found[0], found[-1]) == (values.min(), values.max())
    assert np.median(found) == pytest.approx(np.median(values), rel=0.05)
    assert sorted(charts.sample(values[:10])) == sorted(values[:10])


@pytest.mark.parametrize(
    ("values", "kind"),
    [([1.0, 100.0], "log"), ([1.0, 5.0], None), ([-1.0, 100.0], None), ([0.0, 100.0], None)],
)
def test_a_wide_positive_range_is_logarithmic(values: list[float], kind: str | None) -> None:
    scale = charts.scale(values).to_dict()
    assert scale.get("type") == kind
    low, high = scale["domain"]
    assert low < values[0] < values[1] < high


def test_equal_values_have_an_axis() -> None:
    assert charts.scale([0.0, 0.0]).to_dict()["domain"] == [-1.0, 1.0]
    low, high = charts.scale([5.0]).to_dict()["domain"]
    assert low < 5 < high


def test_a_term_of_three_has_a_panel_for_each_setting_of_one() -> None:
    cells = [
        ((a, b, c), Summary(float(i), 0.0, 1.0, 3))
        for i, (a, b, c) in enumerate(np.ndindex(3, 3, 2))
    ]
    named = [(tuple(map(str, names)), cell) for names, cell in cells]
    chart = joint_effect(PairEffect(("a", "b", "c"), named), "loss", "mean", 200)
    panels = chart.to_dict(validate=True)["vconcat"]
    assert [panel["title"] for panel in panels] == ["c = 0", "c = 1"]
