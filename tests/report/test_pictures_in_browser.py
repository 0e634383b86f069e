"""The pictures that answer their reader, in a real browser."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from report_support import CONFIG, HOSTILE, hostile_metric, plan, run_part, run_search

from harmonica_steps.report.page import write_report
from tests.report import browser as chromium

MANY = {
    f"model.encoder.layers.{i:03d}.attention.projection_dropout": {"type": "bool"}
    for i in range(297)
}
MANY |= {
    f"kind {i}": {
        "type": "categorical",
        "values": [f"{'very ' * 12}long name {j}" for j in range(3)],
    }
    for i in range(3)
}


@pytest.fixture(scope="module")
def page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The page of a search; at the end it has said nothing and asked for nothing."""
    root = tmp_path_factory.mktemp("pictures") / "results/made-up"
    search = run_search(root, CONFIG, hostile_metric)
    write_report(search, search.folder.report)
    with chromium.watched(browser, search.folder.report) as page:
        yield page


def lit(page: Page) -> tuple[int, int]:
    """Lines of the parallel coordinates that are seen, and all."""
    lines = page.locator("#chart-parallel .mark-path path")
    opacities = lines.evaluate_all(
        "lines => lines.map(line => Number(line.getAttribute('opacity')))"
    )
    return sum(opacity > 0.1 for opacity in opacities), len(opacities)


def test_a_brush_keeps_the_trainings_that_pass_there(page: Page) -> None:
    page.locator("#chart-parallel").scroll_into_view_if_needed()
    shown, lines = lit(page)
    assert shown == lines > 200
    axis = page.locator("#chart-parallel .mark-rect.role-mark.axis_0 path")
    box = axis.bounding_box()
    assert box is not None
    middle, top = box["x"] + box["width"] / 2, box["y"]
    page.mouse.move(middle, top + 1)
    page.mouse.down()
    page.mouse.move(middle, top + box["height"] / 2, steps=4)
    page.mouse.up()
    expect(page.locator("#chart-parallel")).to_contain_text(
        re.compile(rf"\d+ of {lines} trainings")
    )
    brushed, _ = lit(page)
    assert 0 < brushed < shown
    page.mouse.click(middle, top + 20)
    expect(page.locator("#chart-parallel")).not_to_contain_text("trainings")
    assert lit(page) == (shown, lines)


def test_the_best_twenty_are_lit(page: Page) -> None:
    strokes = page.locator("#chart-parallel .mark-path path").evaluate_all(
        "lines => lines.map(line => line.getAttribute('stroke'))"
    )
    assert strokes.count("#d9661f") == 20


@pytest.mark.parametrize("name", HOSTILE[:3])
def test_a_slice_is_of_the_parameter_that_is_chosen(page: Page, name: str) -> None:
    page.locator("#choose-slice").select_option(label=name)
    title = page.locator("#chart-slice .role-axis-title", has_text=name)
    expect(title.first).to_be_visible()
    assert page.locator("#chart-slice .mark-symbol path").count() > 200


def test_a_slice_of_another_budget_shows_its_trainings(page: Page) -> None:
    page.locator("#choose-group").select_option(label="Rung 1, budget 3")
    expect(page.locator("#chart-slice .mark-symbol path")).to_have_count(3)
    page.locator("#choose-group").select_option(index=0)
    expect(page.locator("#chart-slice .mark-symbol path")).not_to_have_count(3)


def test_a_contour_has_a_cell_for_each_pair_of_settings(page: Page) -> None:
    page.locator("#choose-contour-x").select_option(label=HOSTILE[3].replace("\u2028", " "))
    page.locator("#choose-contour-y").select_option(label=HOSTILE[0])
    expect(page.locator("#chart-contour .mark-rect.role-mark path")).to_have_count(6)


def test_the_front_has_what_none_is_better_than(page: Page) -> None:
    page.locator("#choose-number-x").select_option(label="val <b>error</b>")
    page.locator("#choose-number-y").select_option(label="val <b>error</b>")
    front = page.locator("#chart-numbers .mark-symbol path[fill='#d9661f']")
    expect(front).to_have_count(1)  # of a number against itself: the best
    low = front.bounding_box()
    page.locator("#choose-larger-x").check()
    page.locator("#choose-larger-y").check()
    expect(front).to_have_count(1)
    high = front.bounding_box()
    assert low is not None
    assert high is not None
    assert low["x"] < high["x"]
    assert low["y"] > high["y"]
    page.locator("#choose-larger-x").uncheck()
    expect(page.locator("#chart-numbers .mark-symbol path[fill='#d9661f']")).not_to_have_count(1)


def test_choices_are_made_by_keyboard(page: Page) -> None:
    page.locator("#choose-slice").focus()
    before = page.locator("#choose-slice").input_value()
    page.keyboard.press("ArrowDown")
    assert page.locator("#choose-slice").input_value() != before


def test_wide_pictures_scroll_on_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.reload()
    chromium.drawn(page, Path(page.url.removeprefix("file://")))
    box = page.locator(".chart:has(#chart-parallel)")
    assert box.evaluate("box => box.scrollWidth > box.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_many_parameters_with_long_names_fit_a_phone(browser: Browser, tmp_path: Path) -> None:
    stages = [{"samples": 60, "degree": 1, "sparsity": 2, "resamples": 0}]
    search = plan(tmp_path / "many", {**CONFIG, "space": MANY, "stages": stages})
    run_part(search, "stage-1", lambda configuration, budget, noise: noise)
    write_report(search, search.folder.report)
    assert search.folder.report.stat().st_size < 2.5e6
    with chromium.watched(browser, search.folder.report) as page:
        expect(page.get_by_text("300 parameters are free")).to_be_visible()
        expect(page.locator("#table-free")).to_be_hidden()
        page.set_viewport_size({"width": 390, "height": 800})
        expect(page.locator("body")).to_have_css("width", "390px")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        labels = page.locator("#choose-slice option").all_inner_texts()
        assert len(set(labels)) == 300
