"""The browser of a module's tests."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.debian import UnavailableError
from tests.report import browser as chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; without it the tests are skipped."""
    try:
        with chromium.running() as found:
            yield found
    except UnavailableError as reason:
        pytest.skip(str(reason))
