"""What reaches a terminal: visible characters, in any encoding, whatever is open."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harmonica_steps.errors import HarmonicaError, exit_status
from harmonica_steps.terminal import brief, quoted, say, shortened, visible

PACKAGE = Path(__file__).parents[1] / "harmonica_steps"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("a\rb\0\x7f\x08", r"a\rb\x00\x7f\x08"),
        ("\x9b31m\x85", r"\x9b31m\x85"),  # C1
        ("a\u202eb\u2066c\u200f", r"a\u202eb\u2066c\u200f"),  # directions of writing
        ("zero\u200bwidth\ufeff\U000e0041", r"zero\u200bwidth\ufeff\U000e0041"),
        ("a\u2028b\u2029", r"a\u2028b\u2029"),
        ("\ud800", r"\ud800"),
        (os.fsdecode(b"caf\xe9"), r"caf\xe9"),
        ("größe λ 64:100:10 [bold] :smile: 😀\u00a0·\u3000", None),
    ],
)
def test_what_a_terminal_would_obey_is_escaped(text: str, shown: str | None) -> None:
    assert visible(text) == (shown or text)


def test_line_breaks_stay_where_the_text_is_ours() -> None:
    assert visible("a\n\tb") == r"a\n\tb"
    assert visible("a\n\tb\r", lines=True) == "a\n\tb\\r"


@given(st.text(st.characters()))
def test_any_text_can_be_printed_and_is_escaped_once(text: str) -> None:
    shown = visible(text, lines=True)
    shown.encode()
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", shown)
    assert visible(shown, lines=True) == shown


@given(st.text(), st.integers(100, 400))
def test_a_long_text_keeps_its_beginning_and_its_end(text: str, most: int) -> None:
    short = shortened(visible(text) * 3, most)
    assert len(short.encode()) <= most
    assert shortened("a" * most, most) == "a" * most
    assert re.fullmatch(
        r"ab+ \[\.\.\. [\d,]+ more characters \.\.\.\] b+c", shortened(f"a{'b' * 999}c", most)
    )


def test_a_message_is_short_and_visible_whatever_it_quotes() -> None:
    value = "\x1b" * 10**6
    message = str(HarmonicaError(f"c.yaml: lr: {value} is not a number.\nWrite one."))
    assert len(message.encode()) < 4_000
    assert message.startswith("c.yaml: lr: \\x1b\\x1b")
    assert message.endswith(" is not a number.\nWrite one.")
    assert len(quoted("x" * 1000)) <= 100
    assert brief("a\nb") == r"a\nb"


def fails(problem: BaseException) -> None:
    raise problem


@pytest.mark.parametrize(
    ("problem", "status", "said"),
    [
        (HarmonicaError("a: \x1b is bad."), 1, "harmonica: a: \\x1b is bad.\n"),
        (OSError(28, "No space left on device", "a\nb"), 1, r"harmonica: a\nb: No space left on"),
        (MemoryError(), 1, "harmonica: there is not enough memory. No results were lost."),
        (UnicodeEncodeError("utf-8", "\udce9", 0, 1, "bad"), 1, r"harmonica: \xe9: is not utf-8."),
        (KeyboardInterrupt(), 130, ""),
        (BrokenPipeError(32, "Broken pipe"), 141, ""),
        (KeyError("\x1b"), 70, "KeyError: '\\x1b'\nharmonica: this is a bug in Harmonica."),
        (ValueError("\x1b" * 10**5), 70, "Traceback"),
        (RecursionError("too deep"), 70, "RecursionError: too deep\nharmonica: this is a bug"),
    ],
)
def test_every_end_has_a_status_and_a_short_message(
    problem: BaseException, status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_status(lambda: fails(problem)) == status
    error = capsys.readouterr().err
    assert said in error
    assert bool(error) == bool(said)
    assert "\x1b" not in error
    assert len(error) < 4_096
    assert ("Traceback" in error) == (status == 70)


def test_only_one_module_prints_and_one_makes_consoles() -> None:
    for path in PACKAGE.rglob("*.py"):
        text, name = path.read_text(), path.relative_to(PACKAGE).as_posix()
        prints = re.search(r"(?<![\w.])print\(|\bsys\.(stdout|stderr)\.write", text)
        # A console's own method, the program of a training, and what programs print with.
        others = {"report/console.py", "objective/child.py", "init/metric.py"}
        assert not prints or name in {"terminal.py", *others}, name
        consoles = re.search(r"\bConsole\(", text)
        assert not consoles or name in {"report/console.py", "archive/progress.py"}, name
        assert "rich.text" not in text or name == "report/console.py", name


SAYS = ascii("größe ─ °≥ λ").join(
    ["from harmonica_steps.terminal import prepare, say; prepare(); say(", ")"]
)


@pytest.mark.parametrize(
    ("variables", "shown"),
    [
        ({"PYTHONIOENCODING": "utf-8"}, "größe ─ °≥ λ"),
        ({"PYTHONIOENCODING": "latin-1"}, r"größe \u2500 °\u2265 \u03bb"),
        ({"PYTHONIOENCODING": "ascii"}, r"gr\xf6\xdfe \u2500 \xb0\u2265 \u03bb"),
        ({"PYTHONUTF8": "0", "LC_ALL": "POSIX"}, r"gr\xf6\xdfe \u2500 \xb0\u2265 \u03bb"),
        ({"LANG": "C", "LC_ALL": ""}, "größe ─ °≥ λ"),
    ],
)
def test_letters_that_an_encoding_lacks_are_replaced(variables: dict[str, str], shown: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", SAYS], env={**os.environ, **variables}, capture_output=True
    )
    assert (run.returncode, run.stderr) == (0, b"")
    encoding = "latin-1" if variables.get("PYTHONIOENCODING") == "latin-1" else "utf-8"
    assert run.stdout.decode(encoding) == f"{shown}\n"


CLOSED = """
import os, sys
from pathlib import Path
from harmonica_steps.terminal import prepare, say, warn
prepare()
with Path("mine").open("w") as mine:
    say("spoken"); warn("warned"); os.system("echo shouted")
    mine.write(f"{mine.fileno() > 2}")
"""


def test_what_is_printed_never_goes_into_a_file_that_took_a_closed_streams_place(
    tmp_path: Path,
) -> None:
    script = tmp_path / "script.py"
    script.write_text(CLOSED)
    command = f"{sys.executable} {script} <&- >&- 2>&-"
    assert subprocess.run(command, shell=True, cwd=tmp_path, check=False).returncode == 0
    assert (tmp_path / "mine").read_text() == "True"


def test_a_text_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    say("64:100:10 [bold] :smile:\x1b\n\\x1b", end="")
    assert capsys.readouterr().out == "64:100:10 [bold] :smile:\\x1b\n\\x1b"
