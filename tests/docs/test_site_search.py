"""The search of the site, in a browser: what users type first finds the page that answers."""

import functools
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.debian import UnavailableError
from tests.report import browser as chromium

ANSWERS = {
    "argparse": {"cookbook/programs", "how-to/program"},
    "Hydra": {"cookbook/programs", "how-to/program"},
    "LightGBM": {"cookbook/programs"},
    "notebook": {"cookbook/tracking"},
    "MLflow": {"cookbook/tracking"},
    "resume": {"how-to/reruns"},
    "GPU": {"how-to/gpus"},
    "conda": {"cookbook/cluster", "how-to/install"},
    "rung": {"glossary", "how-to/final"},
    "InteractionLasso": {"reference/python"},
}
"""Words, and the pages of which one has to come first."""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing of each request."""


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """The search loads its index, which a browser refuses to do from a disk."""
    handler = functools.partial(Quiet, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    try:
        with chromium.running() as browser:
            opened = browser.new_page()
            opened.set_default_timeout(10_000)
            yield opened
    except UnavailableError as reason:
        pytest.skip(str(reason))


def found(page: Page, address: str, word: str) -> list[str]:
    """The pages that the search shows, in its order."""
    page.goto(f"{address}/index.html")
    box = page.locator("input.md-search__input")
    box.click()
    box.fill(word)
    box.press("End")  # it listens to keys
    expect(page.locator(".md-search-result__meta")).to_contain_text("matching document")
    links = page.locator(".md-search-result__item > a").all()
    paths = [urlsplit(link.get_attribute("href") or "").path for link in links]
    return list(dict.fromkeys(path.strip("/").removesuffix(".html") for path in paths))


@pytest.mark.parametrize("word", ANSWERS)
def test_a_word_finds_the_page_that_answers(page: Page, address: str, word: str) -> None:
    assert found(page, address, word)[0] in ANSWERS[word]
