"""Where the terminal reports are printed."""

import os

from rich.console import Console


def console() -> Console:
    """A console for tables with the users' own names."""
    # Without a terminal (a log file, CI) rich would cut tables at 80 columns.
    wide = None if "COLUMNS" in os.environ or Console().is_terminal else 110
    # No markup: the users' names and values may contain brackets.
    return Console(width=wide, highlight=False, markup=False)


def duration(seconds: float) -> str:
    """A length of time for people: ``0.3 s``, ``42 s``, ``5 min``, ``3.2 h``, ``4.1 days``."""
    for unit, length, upto in (("s", 1, 100), ("min", 60, 100), ("h", 3600, 48)):
        if seconds < upto * length:
            count = seconds / length
            return f"{count:.0f} {unit}" if count >= 10 or not count else f"{count:.1f} {unit}"
    return f"{seconds / 86400:.1f} days"
