"""The learning curve that a training appends to a file: JSON lines, and whatever else is there.

A program may be killed in the middle of a line, repeat steps after it has resumed from a
checkpoint, or write gigabytes: a reader takes what it can, and never more than a few megabytes.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from harmonica_steps.results.plain import open_plain

BLOCK = 2**14
"""Bytes that are read at a time; a line that is longer is not read."""

MOST_BLOCKS = 256
"""Most blocks that are read; of a larger file, this many evenly spaced ones."""

MOST_POINTS = 100
"""Most points of a curve that are kept."""

MOST_STEPS = 2**53
"""Largest step; beyond it, floating-point numbers skip whole ones."""

LARGEST = 1e100
"""A metric beyond this has diverged."""

METRIC = "metric"
"""The key of the metric, for programs that do not know its name."""

Point = tuple[int | float, float]
"""A step, and the metric after it."""


def read_curve(path: Path, metric: str, most: int = MOST_POINTS) -> list[Point]:
    """The curve in a file.

    Parameters
    ----------
    path
        The file; it may be missing, or anything else.
    metric
        The name of the metric. A line has it under this name, or under ``metric``.
    most
        Points to keep, see `thinned`.

    Returns
    -------
    list of (step, value)
        Finite, with increasing steps. If a step occurs several times its last value counts.
        Empty when there is nothing to read.
    """
    values: dict[int | float, float] = {}
    try:
        with open_plain(path) as stream:
            for line in _lines(stream):
                if found := _point(line, metric):
                    step, value = found
                    values[step] = value
    except OSError:
        pass  # what has been read so far
    return thinned(sorted(values.items()), most)


def last_point(path: Path, metric: str) -> Point | None:
    """The point in the last line that has one, from the end of a file; None without one.

    Parameters
    ----------
    path
        The file, as in `read_curve`.
    metric
        The name of the metric.
    """
    try:
        with open_plain(path) as stream:
            size = stream.seek(0, os.SEEK_END)
            begin = max(size - BLOCK, 0)
            stream.seek(begin)
            lines = stream.read(BLOCK).split(b"\n")
    except OSError:
        return None
    whole = lines[1:] if begin else lines
    return next((found for line in reversed(whole) if (found := _point(line, metric))), None)


def thinned(curve: list[Point], most: int) -> list[Point]:
    """At most `most` points of a curve, at least two: the first, the last, and evenly spaced ones.

    The same points from the same curve.
    """
    last = len(curve) - 1
    if last < most:
        return curve
    return [curve[number * last // (most - 1)] for number in range(most)]


def joined(curves: list[list[Point]]) -> list[Point]:
    """The curve of trainings that continue one another: a later one counts at a common step."""
    return sorted({step: value for curve in curves for step, value in curve}.items())


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    """The lines of a file; of a large one those in blocks that are evenly spaced."""
    size = os.fstat(stream.fileno()).st_size
    if size <= BLOCK * MOST_BLOCKS:
        rest = b""
        for _ in range(MOST_BLOCKS):
            *lines, rest = (rest + stream.read(BLOCK)).split(b"\n")
            yield from lines
            rest = rest[: BLOCK + 1]  # too long already: not JSON any more
        yield rest
        return
    for number in range(MOST_BLOCKS):
        begin = number * (size - BLOCK) // (MOST_BLOCKS - 1)
        stream.seek(begin)
        lines = stream.read(BLOCK).split(b"\n")
        first, last = 1 if begin else 0, None if number == MOST_BLOCKS - 1 else -1
        yield from lines[first:last]


def _point(line: bytes, metric: str) -> Point | None:
    if len(line) > BLOCK or b'"step"' not in line:
        return None
    text = line.decode("utf-8", "replace").removeprefix("\ufeff")
    row = _row(text)
    if row is None:
        # A program that was killed in the middle of a line continues in the same line.
        row = _row(text[text.rfind("{") :])
    if row is None:
        return None
    step = _number(row.get("step"), 0, MOST_STEPS)
    value = _number(row.get(metric if metric in row else METRIC), -LARGEST, LARGEST)
    if step is None or value is None:
        return None
    return int(step) if step == int(step) else step, float(value)


def _row(text: str) -> dict[str, Any] | None:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


def _number(value: object, least: float, most: float) -> int | float | None:
    """A number within bounds; None if it is not a number, or not finite."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if least <= value <= most else None
