"""Output to a terminal: visible characters only, in any encoding."""

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from typing import TextIO

MOST = 3_800
"""Bytes of an error message."""

_LINE_BREAKS = "\n\t"
"""What text of several lines may hold."""


def visible(text: object, *, lines: bool = False) -> str:
    r"""A text with escapes such as ``\x1b`` in place of what a terminal would obey or not show.

    Control characters, directions of writing, zero-width characters, lone surrogates.

    Parameters
    ----------
    text
        Anything that has a text.
    lines
        Whether line breaks and tabs stay: where the text is ours, not a value of the user.
    """
    text = str(text)
    if text.isprintable():
        return text
    kept = _LINE_BREAKS if lines else ""
    return "".join(
        letter if _is_visible(letter) or letter in kept else _escape(letter) for letter in text
    )


def _is_visible(letter: str) -> bool:
    # Spaces of other widths are not printable to Python, but harmless; line separators are not.
    return letter.isprintable() or (
        letter.isspace() and letter > "\x9f" and letter not in "\u2028\u2029"
    )


def _escape(letter: str) -> str:
    if "\udc80" <= letter <= "\udcff":  # a byte of a file name that is not UTF-8
        return f"\\x{ord(letter) - 0xDC00:02x}"
    return ascii(letter)[1:-1]


def shortened(text: str, most: int = MOST) -> str:
    """A text of at most `most` bytes as UTF-8; of a longer one the beginning and the end."""
    data = text.encode("utf-8", "backslashreplace")
    if len(data) <= most:
        return text
    room = most - 40
    head = data[: room * 3 // 4].decode("utf-8", "ignore")
    tail = data[-(room // 4) :].decode("utf-8", "ignore")
    return f"{head} [... {len(text) - len(head) - len(tail):,} more characters ...] {tail}"


def quoted(value: object, most: int = 60) -> str:
    """A value as Python writes it, cut where it is too long, however large it is."""
    from reprlib import Repr  # only now: trainings start often

    short = Repr()
    short.maxstring = short.maxother = short.maxlong = most
    short.maxlevel, short.maxdict, short.maxlist = 3, 4, 6
    try:
        text = short.repr(value)
    except ValueError:
        return "a number of thousands of digits"
    return text if len(text) <= most else f"{text[: most - 3]}..."


def brief(value: object, most: int = 400) -> str:
    """A value within a message: on one line, and not too long."""
    return shortened(visible(value), most)


@contextlib.contextmanager
def named_stdout() -> Iterator[None]:
    """Have errors of the operating system name what could not be written."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, "standard output") from error


def say(text: object = "", *, end: str = "\n") -> None:
    """Print a message, with the user's values in it."""
    with named_stdout():
        print(visible(text, lines=True), end=end, flush=True)


def warn(text: object) -> None:
    """Print to stderr; if that fails there is no way to report it."""
    with contextlib.suppress(OSError, ValueError):
        print(visible(text, lines=True), file=sys.stderr)
    _written_out(sys.stderr, 2)


def prepare() -> None:
    """Have three open streams, which write what their encoding lacks as escapes.

    A closed stream's number would be given to the next file that is opened, and what is printed
    would go there.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # becomes the lowest number that is free
    for name, number in (("stdout", 1), ("stderr", 2)):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, "w", encoding="utf-8", closefd=False))
    replace_unknown_letters()


def replace_unknown_letters() -> None:
    """Have stdout write what its encoding lacks as escapes, as stderr always does."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def lost_output() -> OSError | None:
    """Flush what was printed; returns why that is impossible, once, otherwise None."""
    _written_out(sys.stderr, 2)
    return _written_out(sys.stdout, 1)


def _written_out(stream: TextIO, number: int) -> OSError | None:
    try:
        with named_stdout():
            stream.flush()
    except OSError as error:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, number)  # Python flushes again when it ends
        os.close(nowhere)
        return error
    return None
