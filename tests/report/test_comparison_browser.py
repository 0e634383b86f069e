"""The comparison of searches in a real browser, as a reader has it."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from planted import LONG, three_searches
from playwright.sync_api import Browser, Page

from harmonica_steps.report.comparison_page import write_comparison
from tests.report import browser as chromium


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of three searches."""
    home = tmp_path_factory.mktemp("compared")
    write_comparison(three_searches(home / "results"), home / "comparison.html")
    return home / "comparison.html"


@pytest.fixture
def page(browser: Browser, written: Path) -> Iterator[Page]:
    """The page, opened; at the end nothing may have gone wrong on it."""
    with chromium.watched(browser, written, 1400, 900) as opened:
        yield opened


def test_the_answer_is_on_the_first_screen(page: Page) -> None:
    for name in (".lead", "#table-searches", "#cautions"):
        box = page.locator(name).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 900
    assert page.locator("#table-searches .tag").all_inner_texts() == ["best"]
    assert page.locator(f"#table-searches th[title='{LONG}']").count() == 1


def test_two_figures_have_a_line_a_search_with_its_own_look(page: Page) -> None:
    boxes = page.locator("#progress .chart")
    assert boxes.count() == 2
    for box in boxes.all():
        lines = box.locator(".mark-line path")
        assert lines.count() == 3
        for attribute in ("stroke", "stroke-dasharray"):
            looks = {line.get_attribute(attribute) for line in lines.all()}
            assert len(looks) == 3
        assert len(box.get_attribute("aria-label") or "") > 30
    assert page.locator(".legend li").count() == 3


def test_a_disagreement_is_said_in_words(page: Page) -> None:
    row = page.locator("#table-disagree tbody tr")
    assert row.count() == 1
    assert row.inner_text().split()[:2] == ["units", "disagree"]
    assert page.locator("#table-agree tbody th").all_inner_texts() == ["gain"]


def test_tables_sort_by_keyboard_and_what_is_folded_opens(page: Page) -> None:
    page.locator("#table-searches thead button").nth(1).focus()
    page.keyboard.press("Enter")
    values = page.locator("#table-searches tbody td:nth-child(2)").all_inner_texts()
    assert [float(value) for value in values] == sorted(float(value) for value in values)
    names = page.locator(".names li").first
    assert not names.is_visible()
    page.locator("#found summary").focus()
    page.keyboard.press("Enter")
    assert names.is_visible()


@pytest.mark.parametrize("width", [320, 390, 768])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_sticks_out_on_a_narrow_screen(page: Page, width: int, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 800})
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    end = time.monotonic() + 10  # figures follow the window
    while page.evaluate("document.documentElement.scrollWidth") > width:
        assert time.monotonic() < end
        time.sleep(0.05)
    for box in page.locator("section > p, section h2, #cautions, .legend").all():
        size = box.bounding_box()
        assert size is None or size["x"] + size["width"] <= width


def test_it_is_fit_to_print(page: Page) -> None:
    page.emulate_media(media="print", color_scheme="dark")
    assert not page.locator("nav").is_visible()
    assert page.locator(".chart svg").first.is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_landmarks_headings_and_names(page: Page) -> None:
    chromium.check_structure(page)
