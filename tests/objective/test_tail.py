"""The last line of a log is what a terminal shows."""

import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harmonica_steps.results.tail import LONGEST, WINDOW, last_line, last_lines, shown

BAR = b"\r 45%|####      | 45/100"
ERROR = b"ValueError: loss is not a number"

LOGS = [
    (b"", ""),
    (b"first\nlast\n\n \n", "last"),
    (b"first\r\nlast\r\n", "last"),
    (b"x\n" + 200 * BAR + b"\r" + ERROR, ERROR.decode()),
    (b"x\n" + 200 * BAR + b"\n" + ERROR + b"\n", ERROR.decode()),
    (ERROR + b"\n" + 50_000 * BAR + b"\r\x1b[K", ERROR.decode()),
    (ERROR + b"\n" + 50_000 * BAR + b"\r" + 40 * b" " + b"\r", ERROR.decode()),
    (b"x\n" + 200_000 * BAR + b"\r", "45%|####      | 45/100"),
    (b"long line\rshort", "shortline"),
    (b"abc\b\bXY", "aXY"),
    (
        b"\x1b[1;31merror\x1b[0m: \x1b]0;title\x07no \x1b]8;;http://x\x1b\\data\x1b]8;;\x1b\\",
        "error: no data",
    ),
    (b"abc\x1b[2Dx\x1b[1Gy", "yxc"),
    (b"abc\x1b[1K\rx", "x"),
    (b"error\x1b[3", "error"),
    (b"error\x1b]0;never ends", "error"),
    (b"a\x00b\x07c\x7f\xc2\x85d\xe2\x80\xaee\tf", "abc de f"),
    ("Fehler: für".encode("utf-16"), "Fehler: für"),
    ("x\nFehler: für\n".encode("utf-16-le"), "Fehler: für"),
    (("Fehler: für\n" * 5000).encode("utf-16-be"), "Fehler: für"),
    ("Ошибка: нет данных\n".encode("utf-16"), "Ошибка: нет данных"),
    ("Fehler: für\n".encode("latin-1"), "Fehler: für"),
    ("Fehler: für\n".encode() + b"\xfc\n", "ü"),
    (b"\x81\x9f?", "?"),
    (b"caf\xc3", "caf"),
    (b"x" * 10**6, "x" * LONGEST),
    ("ä".encode() * (WINDOW // 2 + 1), "ä" * LONGEST),
    (b"begin" + b"x" * WINDOW + b"end", "x" * (LONGEST - 3) + "end"),
]


@pytest.mark.parametrize(("content", "line"), LOGS, ids=range(len(LOGS)))
def test_the_last_line_is_what_a_terminal_shows(tmp_path: Path, content: bytes, line: str) -> None:
    path = tmp_path / "log.txt"
    path.write_bytes(content)
    assert last_line(path) == line


@given(
    st.binary(max_size=300)
    | st.text(alphabet="ab\r\n\b\x1b[]0;31mKGCD", max_size=60).map(str.encode)
)
def test_only_printable_characters_are_shown(content: bytes) -> None:
    path = Path("/tmp") / f"harmonica-tail-{time.monotonic_ns()}"
    try:
        path.write_bytes(content)
        for text in (last_line(path), last_lines(path, 100).replace("\n", "")):
            assert text.isprintable()
            assert len(text) <= LONGEST
    finally:
        path.unlink()


@given(st.lists(st.text(alphabet="abc ", max_size=8), min_size=1))
def test_each_text_is_printed_over_the_one_before(texts: list[str]) -> None:
    columns = [[text[i] for text in texts if len(text) > i] for i in range(8)]
    assert shown("\r".join(texts)) == "".join(c[-1] for c in columns if c).rstrip()


@pytest.mark.parametrize(
    "piece", [b"\b", b"\x1b[1C", b"\x1b]", b"\r", b"x\r", b"\n", b"\x1b[K", b"\xff"]
)
def test_a_huge_log_costs_little(tmp_path: Path, piece: bytes) -> None:
    path = tmp_path / "log.txt"
    path.write_bytes(piece * (WINDOW // len(piece)))
    with path.open("r+b") as stream:
        stream.seek(10**10)
        stream.write(piece * (WINDOW // len(piece)))
    began = time.process_time()
    last_line(path)
    assert time.process_time() - began < 10
    tracemalloc.start()
    last_lines(path, 2000)
    assert tracemalloc.get_traced_memory()[1] < 2**25
    tracemalloc.stop()


def test_an_excerpt_has_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_text("".join(f"line {i}\n  indented\n" for i in range(1000)))
    text = last_lines(path, 30)
    assert text == "  indented\nline 999\n  indented"
    assert last_lines(tmp_path / "gone", 30) == ""
