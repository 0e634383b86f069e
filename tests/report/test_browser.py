"""The report in a real browser, as a reader has it."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from report_support import CONFIG, HOSTILE, hostile_metric, report_curves, run_search

from harmonica_steps.files import read_json
from harmonica_steps.report.page import write_report
from tests.report import browser as chromium


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a search whose names and logs are hostile."""
    root = tmp_path_factory.mktemp("browser") / "results/made-up"
    search = run_search(root, CONFIG, hostile_metric)
    for rung in range(3):
        report_curves(search, f"final/rung-{rung}", 3**rung, 3 ** (rung + 1))
    write_report(search, search.folder.report)
    return search.folder.report


@pytest.fixture
def page(browser: Browser, report: Path) -> Iterator[Page]:
    """The page, opened; at the end nothing may have gone wrong on it."""
    with chromium.watched(browser, report, 1200, 800) as search:
        search.context.grant_permissions(["clipboard-read", "clipboard-write"])
        yield search


def column(page: Page, table: str, number: int) -> list[str]:
    cells = page.locator(f"#{table} tbody tr > :nth-child({number})")
    return [text.strip() for text in cells.all_inner_texts()]


def test_every_figure_is_drawn(page: Page) -> None:
    boxes = page.locator(".chart")
    assert boxes.count() >= 6
    for box in boxes.all():
        size = box.locator("svg").bounding_box()
        assert size is not None
        assert size["width"] > 150
        assert size["height"] > 40
        assert box.locator("svg path, svg text").count() > 5
        assert len(box.get_attribute("aria-label") or "") > 30


def test_the_answer_is_on_the_first_screen(page: Page) -> None:
    page.set_viewport_size({"width": 1400, "height": 900})
    for name in ("#table-answer", "#chart-importance", "#chart-course"):
        box = page.locator(name).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 900


def test_hostile_names_are_shown_as_they_are(page: Page) -> None:
    body = page.locator("body").inner_text()
    for name in HOSTILE[:3]:
        assert name in body
    assert "<script>alert('log')</script>" in page.locator("#failures").inner_text()
    assert page.locator("main img, main script:not([type='application/json'])").count() == 0
    assert page.locator("main b").count() == 0


def test_a_figure_answers_the_pointer(page: Page) -> None:
    page.locator("#chart-main-1-1").scroll_into_view_if_needed()
    page.locator("#chart-main-1-1 .mark-symbol path").first.hover()
    tooltip = page.locator("#vg-tooltip-element.visible")
    tooltip.wait_for()
    text = tooltip.inner_text()
    assert "95 % from" in text
    assert "trainings" in text


def test_learning_curves_are_reached_from_the_top_and_tell_their_steps(page: Page) -> None:
    page.locator("nav a[href='#curves']").click()
    section = page.locator("#curves")
    expect(section).to_be_in_viewport()
    lines = section.locator(".mark-line path")
    assert lines.count() == 8
    assert "step by step" in (section.locator(".chart").get_attribute("aria-label") or "")
    section.locator(".mark-symbol path").last.hover()
    tooltip = page.locator("#vg-tooltip-element.visible")
    tooltip.wait_for()
    for word in ("training", "step", "val <b>error</b>"):
        assert word in tooltip.inner_text()


def test_tables_sort_by_click_and_by_keyboard(page: Page) -> None:
    before = column(page, "table-stages", 2)
    assert before == ["150", "80", "9", "3", "1"]
    header = page.locator("#table-stages th:nth-child(2)")
    header.locator("button").click()
    assert column(page, "table-stages", 2) == ["1", "3", "9", "80", "150"]
    assert header.get_attribute("aria-sort") == "ascending"
    page.keyboard.press("Enter")
    assert column(page, "table-stages", 2) == ["150", "80", "9", "3", "1"]
    assert header.get_attribute("aria-sort") == "descending"
    assert "Sorted by trainings, descending" in page.locator("#announce").inner_text()


def test_cells_without_a_number_stay_last(page: Page) -> None:
    button = page.locator("#table-final th:nth-child(5) button")
    for _ in range(2):
        button.click()
        values = column(page, "table-final", 5)
        assert values[0] != ""
        assert set(values[1:]) == {""}


def test_the_best_configuration_is_copied_by_keyboard(page: Page, report: Path) -> None:
    button = page.locator("button[data-copy='best-configuration']")
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText().then(JSON.parse)")
    assert copied == read_json(report.parent / "best.json")["configuration"]


def test_without_a_clipboard_the_text_is_selected(page: Page) -> None:
    page.evaluate("""() => {
        navigator.clipboard.writeText = () => Promise.reject(new Error("no"));
        document.execCommand = () => false;
    }""")
    page.locator("button[data-copy='best-command']").click()
    page.get_by_text("Selected: press Ctrl+C").first.wait_for()
    selected = page.evaluate("getSelection().toString()")
    assert selected.strip() == page.locator("#best-command").inner_text().strip()


def test_every_control_is_reached_by_the_tab_key_and_shows_it(page: Page) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    seen = set()
    for _ in range(400):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.outerHTML.slice(0, 200)"))
        if page.evaluate("document.activeElement === document.body"):
            break
    controls = page.locator("a[href]:visible, button:visible, summary:visible").count()
    assert len(seen) >= controls * 0.8  # equal ones (show, Copy) count once
    assert page.evaluate(
        "(() => { const a = document.querySelector('nav a'); a.focus();"
        "return getComputedStyle(a).outlineStyle; })()"
    ) in ("solid", "auto")


@pytest.mark.parametrize("width", [320, 390, 768])
def test_nothing_sticks_out_on_a_narrow_screen(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    end = time.monotonic() + 10  # figures follow the window
    while page.evaluate("document.documentElement.scrollWidth") > width:
        assert time.monotonic() < end
        time.sleep(0.05)
    for box in page.locator("section > p, section h2, .cards").all():
        size = box.bounding_box()
        assert size is None or size["x"] + size["width"] <= width


def test_it_is_fit_to_print(page: Page) -> None:
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert not page.locator("button[data-copy]").first.is_visible()
    assert page.locator(".chart svg").first.is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.pdf(format="A4").startswith(b"%PDF")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_marks_stand_out(page: Page, scheme: str) -> None:
    """WCAG 2.1: contrast of at least 4.5 for text, and 3 for what figures draw."""
    page.emulate_media(color_scheme=scheme)
    paper = luminance(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    for selector, least in (("body", 7), (".note", 4.5), ("nav a", 4.5), ("caption", 4.5)):
        colour = page.evaluate(f"getComputedStyle(document.querySelector('{selector}')).color")
        assert contrast(luminance(colour), paper) >= least, selector
    marks = page.locator("#chart-main-1-1 .mark-symbol path, #chart-stages .mark-rect path")
    for mark in (marks.first, page.locator("#chart-stages .mark-rect path").last):
        colour = mark.evaluate(
            "e => getComputedStyle(e)[e.getAttribute('stroke') ? 'stroke' : 'fill']"
        )
        assert contrast(luminance(colour), paper) >= 3


def luminance(colour: str) -> float:
    levels = [int(level) / 255 for level in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    linear = [v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in levels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: float, other: float) -> float:
    high, low = max(one, other), min(one, other)
    return (high + 0.05) / (low + 0.05)


def test_landmarks_headings_and_names(page: Page) -> None:
    chromium.check_structure(page)
