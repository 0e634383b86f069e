"""The end of a log that may be huge, in any encoding, and full of progress bars."""

import codecs
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from harmonica_steps.results.plain import open_plain

WINDOW = 2 * 2**20
"""Bytes of a log in which its last line is looked for."""

SHORT = 2**14
"""Bytes that are enough for most logs."""

LONG = 2**17
"""Bytes of a single line that are looked at: its end."""

WIDEST = 2**14
"""Columns of a line that are kept."""

LONGEST = 300
"""Characters of a line that are quoted."""

_UTF_16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}

_ESCAPE = re.compile(
    r"\x1b\[(?P<arguments>[0-?]*)[ -/]*(?P<final>[@-~])"  # moves the cursor, colours, erases
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|$)"  # titles, links and other strings
    r"|\x1b\[[0-?]*[ -/]*$"  # cut off
    r"|\x1b[ -/]*[0-~]?"
    r"|(?P<back>\x08)"
)


def last_line(path: Path) -> str:
    """The last line of a log that is not empty, as a terminal would show it, shortened.

    Returns
    -------
    str
        Printable characters only; empty without such a line.
    """
    try:
        with open_plain(path) as stream:
            mark = stream.read(2)
            size = os.fstat(stream.fileno()).st_size
            for window in (SHORT, WINDOW):
                whole, final = size <= window, window == WINDOW
                found = _last(_tail(stream, window), mark, whole=whole, final=final)
                if found is not None:
                    return found
    except OSError:
        pass
    return ""


def last_lines(path: Path, most: int) -> str:
    """The last lines of a log, as a terminal would show them.

    Parameters
    ----------
    path
        The log.
    most
        How many characters; only of a single line part of it is shown.

    Returns
    -------
    str
        Whole lines; empty when the log is gone.
    """
    try:
        with open_plain(path) as stream:
            mark = stream.read(2)
            size = os.fstat(stream.fileno()).st_size
            lines = [_text(line) for line in _lines(_tail(stream, SHORT), mark)]
    except OSError:
        return ""
    screen = [shown(line) for line in (lines if size <= SHORT or len(lines) == 1 else lines[1:])]
    text = "\n".join(screen).rstrip()
    if len(text) <= most:
        return text
    rest = text[-most - 1 :]
    return rest.partition("\n")[2] if "\n" in rest else text[-most:]


def shown(line: str) -> str:
    """What a terminal shows of a line after all that was printed over it.

    Parameters
    ----------
    line
        With carriage returns, backspaces and escape sequences.
    """
    screen = ""
    for piece in line.split("\r"):
        if "\x1b" in piece or "\b" in piece:
            screen = _printed(piece, screen)
        elif piece:
            screen = _printable(piece) + screen[len(piece) :]
    return screen.rstrip()


def _tail(stream: IO[bytes], most: int) -> bytes:
    size = stream.seek(0, os.SEEK_END)
    begin = max(size - most, 0)
    stream.seek(begin + begin % 2)  # characters of UTF-16 stay whole
    return stream.read(most)


def _last(data: bytes, mark: bytes, *, whole: bool, final: bool) -> str | None:
    """The last line in the tail of a log; None when a longer tail would tell more."""
    lines = _lines(data, mark)
    for number in range(len(lines) - 1, -1, -1):
        cut = (number == 0 and not whole) or len(lines[number]) > LONG
        if number == 0 and not (whole or final):
            return None
        if line := shown(_text(lines[number][-LONG:])).strip():
            # Of a line without a beginning the end says more.
            return line[-LONGEST:] if cut else line[:LONGEST]
    return ""


def _lines(data: bytes, mark: bytes) -> list[bytes]:
    if encoding := _UTF_16.get(mark) or _looks_like_utf_16(data):
        data = data.decode(encoding, "ignore").encode()
    return data.split(b"\n")


def _text(line: bytes) -> str:
    return line.decode("utf-8", "harmonica")


def _looks_like_utf_16(data: bytes) -> str | None:
    """The byte order, as every other byte of most texts is zero."""
    sample = data[-SHORT:] if len(data) % 2 == 0 else data[-SHORT - 1 :]
    zeros = [sample[0::2].count(0), sample[1::2].count(0)]
    if 4 * max(zeros) < len(sample) or 4 * min(zeros) > max(zeros):
        return None
    return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"


def _printed(piece: str, screen: str) -> str:
    """Print text with escape sequences over a line, from its beginning."""
    column = 0
    for text, escape in _pieces(piece):
        text = _printable(text)[: max(WIDEST - column, 0)]
        if text:
            screen = screen.ljust(column)
            screen = screen[:column] + text + screen[column + len(text) :]
            column += len(text)
        if escape is None:
            continue
        if escape["back"]:
            column = max(column - 1, 0)
        elif escape["final"] in ("K", "J"):
            screen = _erased(screen, column, escape["arguments"])
        elif escape["final"] in ("C", "D", "G"):
            number = min(int(escape["arguments"] or 1), WIDEST) if _is_count(escape) else 1
            moved = {"C": column + number, "D": column - number, "G": number - 1}
            column = min(max(moved[escape["final"]], 0), WIDEST)
    return screen


def _pieces(text: str) -> Iterator[tuple[str, re.Match[str] | None]]:
    position = 0
    for escape in _ESCAPE.finditer(text):
        yield text[position : escape.start()], escape
        position = escape.end()
    yield text[position:], None


def _is_count(escape: re.Match[str]) -> bool:
    return escape["arguments"].isdecimal() and len(escape["arguments"]) < 6


def _erased(screen: str, column: int, how: str) -> str:
    if how in ("", "0"):
        return screen[:column]
    return " " * column + screen[column:] if how == "1" else ""


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    spaced = (" " if character.isspace() else character for character in text)
    return "".join(character for character in spaced if character.isprintable())


def _as_latin_1(error: UnicodeError) -> tuple[str, int]:
    """What stands for bytes that are not UTF-8; nothing for characters that were cut off."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    if error.reason == "unexpected end of data" or (error.start < 3 and wrong < b"\xc0"):
        return "", error.end
    return "".join(chr(byte) if byte >= 0xA0 else "\ufffd" for byte in wrong), error.end


codecs.register_error("harmonica", _as_latin_1)
