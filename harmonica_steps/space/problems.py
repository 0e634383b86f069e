"""Problems are collected, so that a user sees all of them at once."""

import contextlib
from collections.abc import Iterator

from harmonica_steps.errors import HarmonicaError

MOST_GATHERED = 50
"""Number of problems after which the rest is not looked at."""


class Gathered:
    """The messages of several checks."""

    def __init__(self) -> None:
        self._found: list[str] = []

    @contextlib.contextmanager
    def noting(self) -> Iterator[None]:
        """Note a problem, and continue."""
        try:
            yield
        except HarmonicaError as error:
            self._found += str(error).splitlines()
        if len(self._found) >= MOST_GATHERED:
            self.raise_them()

    def raise_them(self) -> None:
        """Raise one `HarmonicaError` with a line for each problem, if there is any."""
        if self._found:
            raise HarmonicaError("\n".join(self._found))
