"""Waiting for what others do."""

import time
from collections.abc import Callable


def wait_until(done: Callable[[], object], within: float = 180) -> None:
    end = time.monotonic() + within
    while not done():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.1)
