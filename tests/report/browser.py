"""A real browser, without a window: Debian's Chromium."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests import debian

PROGRAMS = {"chromium": "chromium"}


def install() -> None:
    """Install it, if it is not there."""
    debian.install(PROGRAMS)


@contextmanager
def running() -> Iterator[Browser]:
    """The browser, until the end of the context."""
    install()
    # Chromium refuses its sandbox to root.
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=debian.program("chromium"), args=sandbox)
        yield browser
        browser.close()


@contextmanager
def watched(browser: Browser, path: Path, width: int = 1200, height: int = 900) -> Iterator[Page]:
    """A page, opened; at the end it has said nothing, and asked for nothing but itself."""
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    said: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"error: {error}"))
    page.on("dialog", lambda dialog: said.append(f"dialog: {dialog.message}"))
    page.on("request", lambda request: requests.append(request.url))
    yield drawn(page, path)
    assert said == []
    assert set(requests) == {path.absolute().as_uri()}
    context.close()


def drawn(page: Page, path: Path) -> Page:
    """Open a report and wait until all its figures are there."""
    page.goto(path.absolute().as_uri())
    # Not wait_for_function: the page forbids the eval by which it polls.
    expect(page.locator(".chart:not(:has(svg))")).to_have_count(0, timeout=30_000)
    return page


def check_structure(page: Page) -> None:
    """Landmarks, headings in order, names of tables and cells, and different ids."""
    for landmark in ("banner", "navigation", "main", "contentinfo"):
        assert page.get_by_role(landmark).count() == 1  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.lang") == "en"
    levels = page.evaluate(
        "[...document.querySelectorAll('h1, h2, h3, h4')].map(h => Number(h.tagName[1]))"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert page.locator("table").count() == page.locator("table > caption").count()
    assert page.locator("th:not([scope])").count() == 0
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))


if __name__ == "__main__":
    try:
        install()
    except debian.UnavailableError as reason:
        print(f"The tests in a browser will be skipped: {reason}")
