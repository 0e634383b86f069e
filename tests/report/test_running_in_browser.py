"""The page of a search that runs, in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from report_support import CONFIG, hostile_metric, plan, run_part, train_part

from harmonica_steps.report.renew import renew
from harmonica_steps.results.opened import Opened
from harmonica_steps.steps.draw import draw_part
from tests.report import browser as chromium


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """A search in its second stage."""
    opened = plan(tmp_path_factory.mktemp("running") / "results/made-up", CONFIG)
    run_part(opened, "stage-1", hostile_metric)
    draw_part(opened, "stage-2")
    train_part(opened, "stage-2", hostile_metric, range(30))
    return opened


@pytest.fixture
def page(browser: Browser, opened: Opened) -> Iterator[Page]:
    """Its page, with a clock that the test moves."""
    renew(opened.folder.root)
    with chromium.watched(browser, opened.folder.report) as page:
        page.clock.install()
        page.reload()
        yield page


def test_it_reloads_itself_and_its_reader_stays_where_they_are(page: Page, opened: Opened) -> None:
    expect(page.locator("#table-now")).to_contain_text("30/80")
    details = page.locator("details", has_text="The numbers behind these figures").first
    details.locator("summary").click()
    train_part(opened, "stage-2", hostile_metric, range(30, 60))
    renew(opened.folder.root)
    page.clock.fast_forward(61_000)
    expect(page.locator("#table-now")).to_contain_text("60/80")
    expect(details).to_have_attribute("open", "")


def test_its_reader_can_stop_that(page: Page, opened: Opened) -> None:
    before = page.locator("#table-now").inner_text()
    page.locator("#reload").uncheck()
    train_part(opened, "stage-2", hostile_metric, range(60, 70))
    renew(opened.folder.root)
    page.clock.fast_forward(200_000)
    assert page.locator("#table-now").inner_text() == before
    page.reload()
    expect(page.locator("#table-now")).to_contain_text("70/80")
    expect(page.locator("#reload")).not_to_be_checked()
