"""The metric from what a training prints."""

import contextlib
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from harmonica_steps.objective.lines import NoMetricError, lines_from_the_end
from harmonica_steps.results.plain import reason

MOST_SECONDS = 60.0
"""Time limit for finding the metric: some patterns would take years on some lines."""

PATTERN = "objective.metric_pattern"


def last_match(log: Path, start: int, pattern: str, metric: str) -> dict[str, float]:
    """The number in the last match of a pattern, line by line.

    Parameters
    ----------
    log
        The output of the training.
    start
        Bytes of it that do not count.
    pattern
        A regular expression with one group, around the number.
    metric
        The name of the number.

    Raises
    ------
    NoMetricError
        When no line matches in time, or what matched is not a number.
    """
    expression = re.compile(pattern)
    try:
        with _at_most(MOST_SECONDS):
            for line in lines_from_the_end(log, start):
                if (text := _last_group(expression, line)) is not None:
                    return {metric: _number(text, line)}
    except OSError as error:
        raise NoMetricError(f"its log {reason(error)}") from None
    raise NoMetricError(f"nothing printed matches {PATTERN}")


def _last_group(expression: re.Pattern[str], line: str) -> str | None:
    found = None
    for match in expression.finditer(line):
        found = match[1] if match[1] is not None else found
    return found


def _number(text: str, line: str) -> float:
    try:
        return float(text)
    except ValueError:
        cause = f"the group of {PATTERN} matched something that is not a number"
        raise NoMetricError(cause, line) from None


@contextlib.contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Give up after some seconds, also in the middle of a match."""

    def give_up(*_: object) -> NoReturn:
        raise NoMetricError(f"{PATTERN} was searched for {seconds:g} s without an end: simplify it")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
