"""The lines of a log that may be huge, the last line first."""

from collections.abc import Iterator
from pathlib import Path

from harmonica_steps.results.plain import open_plain

BLOCK = 2**16
"""Bytes that are read at a time."""

LONGEST = 2**20
"""Bytes of a line; a longer one counts as several."""


class NoMetricError(Exception):
    """A training left nothing that its metric can be read from.

    Parameters
    ----------
    cause
        Short, the same for the same kind of failure.
    line
        The line that was read instead, if any.
    """

    def __init__(self, cause: str, line: str = "") -> None:
        super().__init__(cause)
        self.line = line


def lines_from_the_end(path: Path, start: int = 0) -> Iterator[str]:
    """The lines of a file from byte `start` on, the last first, without blank ones.

    A carriage return also ends a line: progress bars use it.
    """
    with open_plain(path) as stream:
        end = stream.seek(0, 2)
        rest = b""
        while end > start:
            begin = max(end - BLOCK, start)
            stream.seek(begin)
            block = stream.read(end - begin) + rest
            rest, *lines = block.replace(b"\r", b"\n").split(b"\n")
            if len(rest) > LONGEST:
                rest, lines = b"", [rest, *lines]
            yield from _texts(reversed(lines))
            end = begin
        yield from _texts([rest])


def _texts(lines: Iterator[bytes] | list[bytes]) -> Iterator[str]:
    for line in lines:
        if stripped := line.strip():
            yield stripped.decode("utf-8", "replace")
