"""The page of a search that runs, in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from report_support import CONFIG, hostile_metric, plan, run_part, train_part

from harmonica_steps.report.renew import renew
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.steps.draw import draw_part
from tests.report import browser as chromium


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> SearchRun:
    """A search in its second stage."""
    search = plan(tmp_path_factory.mktemp("running") / "results/made-up", CONFIG)
    run_part(search, "stage-1", hostile_metric)
    draw_part(search, "stage-2")
    train_part(search, "stage-2", hostile_metric, range(30))
    return search


@pytest.fixture
def page(browser: Browser, search: SearchRun) -> Iterator[Page]:
    """Its page, with a clock that the test moves."""
    renew(search.folder.root)
    with chromium.watched(browser, search.folder.report) as page:
        page.clock.install()
        page.reload()
        yield page


def test_it_reloads_itself_and_its_reader_stays_where_they_are(
    page: Page, search: SearchRun
) -> None:
    expect(page.locator("#table-now")).to_contain_text("30/80")
    details = page.locator("details", has_text="The numbers behind these figures").first
    details.locator("summary").click()
    train_part(search, "stage-2", hostile_metric, range(30, 60))
    renew(search.folder.root)
    page.clock.fast_forward(61_000)
    expect(page.locator("#table-now")).to_contain_text("60/80")
    expect(details).to_have_attribute("open", "")


def test_its_reader_can_stop_that(page: Page, search: SearchRun) -> None:
    before = page.locator("#table-now").inner_text()
    page.locator("#reload").uncheck()
    train_part(search, "stage-2", hostile_metric, range(60, 70))
    renew(search.folder.root)
    page.clock.fast_forward(200_000)
    assert page.locator("#table-now").inner_text() == before
    page.reload()
    expect(page.locator("#table-now")).to_contain_text("70/80")
    expect(page.locator("#reload")).not_to_be_checked()
