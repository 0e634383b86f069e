"""A progress bar for work on many files, where there is a terminal to show it."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from rich.console import Console
from rich.progress import track

Item = TypeVar("Item")


def progress(items: Sequence[Item], description: str) -> Iterable[Item]:
    """Go through `items`; the bar is gone at the end, and absent in a log file."""
    console = Console(stderr=True)
    hidden = not console.is_terminal
    return track(items, description, console=console, transient=True, disable=hidden)
