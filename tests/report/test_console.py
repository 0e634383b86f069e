"""Names and values of users are printed as they are, in every place of a terminal report."""

import io
import os
import pty
import subprocess
import sys

import pytest
from rich.styled import Styled
from rich.table import Table

from harmonica_steps.report.console import console

HOSTILE = ["64:100:10", "[bold]", "[/]", "[link=x]y[/link]", ":smile:", "\\[a]", "a\\", "[@click]"]


def everywhere(value: str) -> Table:
    table = Table(title=value, caption=value, title_justify="left")
    table.add_column(value, footer=value)
    table.add_row(value)
    table.add_row(Styled(value, "bold red"))
    return table


@pytest.mark.parametrize("value", HOSTILE)
def test_markup_and_shortcodes_are_no_such_things(
    value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    screen = console()
    screen.print(value)
    screen.print(value, style="bold")
    screen.print(Styled(value, "red"))
    screen.print(everywhere(value))
    assert capsys.readouterr().out.count(value) == 3 + 5


def test_control_characters_are_escaped_before_widths_are_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    console().print(everywhere("\x1b]0;x\x07\x9b\u202e"))
    output = capsys.readouterr().out
    assert output.count(r"\x1b]0;x\x07\x9b\u202e") == 5
    assert not set(output) & set("\x1b\x07\x9b\u202e")
    rows = [line for line in output.splitlines() if line[0] in "│┃"]
    assert len({len(row) for row in rows}) == 1


@pytest.mark.parametrize(
    ("columns", "width"),
    [
        ("20", 20),
        ("77", 77),
        ("500", 500),
        ("0", 110),
        ("-3", 110),
        ("x", 110),
        ("9" * 30, 500),
        ("3", 20),
    ],
)
def test_the_width_is_within_reason(
    columns: str, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as during:  # pytest itself prints before the test is torn down
        during.setenv("COLUMNS", columns)
        width_there = console().width
    assert width_there == width


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
def test_boxes_have_characters_that_the_encoding_has(
    encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="backslashreplace")
    monkeypatch.setattr(sys, "stdout", stream)
    console().print(everywhere("größe λ"))
    stream.seek(0)
    output = stream.read()
    assert "+--" in output
    assert "\\u03bb" in output
    assert "\\u2500" not in output


def in_a_terminal(**variables: str) -> str:
    """What a table is in a terminal of 40 columns."""
    program = (
        "from harmonica_steps.report.console import console\n"
        "from rich.styled import Styled\n"
        "console().print(Styled('red', 'red')); console().print('x' * 50)\n"
    )
    master, slave = pty.openpty()
    environment = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR", "TERM")}
    run = subprocess.run(
        [sys.executable, "-c", program],
        stdout=slave,
        env={"TERM": "xterm", **environment, "COLUMNS": "40", **variables},
        check=False,
    )
    os.close(slave)
    assert run.returncode == 0
    return os.read(master, 10_000).decode()


def test_colours_only_where_they_are_wanted() -> None:
    assert "\x1b[31mred" in in_a_terminal()
    assert "\x1b[31m" not in in_a_terminal(NO_COLOR="1")
    assert "\x1b" not in in_a_terminal(TERM="dumb")
    assert f"{'x' * 40}\r\n{'x' * 10}\r\n" in in_a_terminal(TERM="dumb")
