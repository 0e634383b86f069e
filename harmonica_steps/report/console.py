"""Where the terminal reports are printed."""

import shutil
import sys
from typing import Any

from rich.console import Console, ConsoleDimensions
from rich.text import Text

from harmonica_steps.terminal import named_stdout, visible

NARROWEST, WIDEST = 20, 500

WITHOUT_TERMINAL = 110
"""Columns of a log file, where rich would cut tables at 80."""


class Screen(Console):
    """A console that prints every string as it is: no markup, no emoji, no control characters.

    Texts come as strings, with `rich.styled.Styled` where they have a style: rich prints what is in
    a `rich.text.Text` unseen.
    """

    @property  # type: ignore[misc]
    def size(self) -> ConsoleDimensions:
        """Columns and lines now, within reason; also of a log file or a dumb terminal."""
        columns, lines = shutil.get_terminal_size((WITHOUT_TERMINAL, 25))
        return ConsoleDimensions(min(max(columns, NARROWEST), WIDEST), lines)

    def print(self, *objects: Any, **options: Any) -> None:
        """What rich prints; an error names what could not be written."""
        with named_stdout():
            super().print(*objects, **options)

    def on_broken_pipe(self) -> None:
        """Leave it to `exit_status` what the end of the reader means."""
        raise  # rich calls this where it handles the error

    def render_str(self, text: str, **options: Any) -> Text:
        """What rich makes of any string: of a line, a cell, a title."""
        return super().render_str(visible(text, lines=True), **options)


def console() -> Screen:
    """A console for tables with the users' own names."""
    return Screen(
        # Rich looks at the encoding of a file that it is given, and draws boxes that it has.
        file=sys.stdout,
        highlight=False,
        markup=False,
        emoji=False,
    )


def duration(seconds: float) -> str:
    """A length of time for people: ``0.3 s``, ``42 s``, ``5 min``, ``3.2 h``, ``4.1 days``."""
    for unit, length, upto in (("s", 1, 100), ("min", 60, 100), ("h", 3600, 48)):
        if seconds < upto * length:
            count = seconds / length
            return f"{count:.0f} {unit}" if count >= 10 or not count else f"{count:.1f} {unit}"
    return f"{seconds / 86400:.1f} days"
