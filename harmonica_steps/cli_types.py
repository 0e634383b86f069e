"""The types of the arguments of ``harmonica``, and how a wrong one is refused."""

import argparse
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from harmonica_steps.terminal import quoted, shortened, visible

MOST_SEED = 2**63 - 1

MOST_COUNT = 1_000_000
"""Most tasks, trainings in a task, cores, or GPUs."""

MOST_TRIAL = 999_999_999

_RANGE = re.compile(r"\s*(\d{1,9})\s*(?:-\s*(\d{1,9})\s*)?", re.ASCII)


class Parser(argparse.ArgumentParser):
    """A parser whose messages are short and can be printed, whatever it was given."""

    def error(self, message: str) -> NoReturn:
        """End with the usage and a message."""
        super().error(shortened(visible(message), 1_000))


def whole(least: int, most: int) -> Callable[[str], int]:
    """The type of a whole number within bounds."""

    def convert(text: str) -> int:
        digits = text.strip()
        if digits.isascii() and digits.isdecimal() and len(digits) <= len(str(most)):
            number = int(digits)
            if least <= number <= most:
                return number
        raise argparse.ArgumentTypeError(
            f"must be a whole number from {least:,} to {most:,}, got {quoted(text)}"
        )

    return convert


def positive(text: str) -> int | float:
    """A number above zero."""
    number = _number(text)
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"must be a positive number, got {quoted(text)}")
    return int(number) if number.is_integer() else number


def seconds(text: str) -> float:
    """The time between two updates."""
    number = _number(text)
    if not 0.1 <= number <= 86_400:
        raise argparse.ArgumentTypeError(
            f"must be a number of seconds from 0.1 to 86,400, got {quoted(text)}"
        )
    return number


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def ranges(text: str) -> list[range]:
    """Numbers and ranges of numbers, e.g. ``3,17,40-45``."""
    found = []
    for item in text.split(","):
        match = _RANGE.fullmatch(item)
        if not match:
            raise argparse.ArgumentTypeError(
                f"not a number: {quoted(item)} (expected e.g. 3,17,40-45)"
            )
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first:
            raise argparse.ArgumentTypeError(
                f"the range {quoted(item)} ends before it starts; write {last}-{first}"
            )
        found.append(range(first, last + 1))
    return found


def path(text: str) -> Path:
    """A file or folder; names with line breaks and the like are refused."""
    if not text:
        raise argparse.ArgumentTypeError("must not be empty")
    if any(letter < " " or letter == "\x7f" for letter in text):
        raise argparse.ArgumentTypeError(
            f"must be a name without control characters, got {quoted(text)}"
        )
    return Path(text)
