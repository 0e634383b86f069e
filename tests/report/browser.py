"""A real browser, without a window: Debian's Chromium."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
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


def drawn(page: Page, path: Path) -> Page:
    """Open a report and wait until all its figures are there."""
    page.goto(path.absolute().as_uri())
    # Not wait_for_function: the page forbids the eval by which it polls.
    expect(page.locator(".chart:not(:has(svg))")).to_have_count(0, timeout=30_000)
    return page


if __name__ == "__main__":
    try:
        install()
    except debian.UnavailableError as reason:
        print(f"The tests in a browser will be skipped: {reason}")
