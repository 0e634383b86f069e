"""What the arguments of the command line may be."""

import argparse
import contextlib
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harmonica_steps.cli import main, make_parser
from harmonica_steps.cli_types import path, positive, ranges, seconds, whole


def refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The message, without the usage before it."""
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert len(said) < 2_000
    assert said.isprintable() or set(filter(lambda c: not c.isprintable(), said)) == {"\n"}
    return said[said.index("error: ") + 7 :].rstrip("\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["statsu"], "unknown command 'statsu', did you mean 'status'?"),
        (["sumary"], "unknown command 'sumary', did you mean 'summary'?"),
        (["zzz"], "unknown command 'zzz'; allowed: init, plan, try, run, status, "),
        ([""], "unknown command ''; allowed: "),
        (["x" * 10**5], "unknown command 'xxxxx"),
        (["\x1b[31m"], r"unknown command '\x1b[31m'; allowed"),
        (["--", "status"], "unknown command '--'; allowed"),
        (["status", "--", "x"], "nothing may follow --, got x"),
        (["status", "x", "--foo\x1b\n"], r"unrecognized arguments: --foo\x1b\n"),
        (["status", "--watch", "nan"], "argument --watch: must be a number of seconds from 0.1"),
        (["status", "--watch=-1"], "argument --watch: must be a number of seconds from 0.1"),
        (["status", "--watch", "1e300"], "argument --watch: must be a number of seconds from"),
        (["status", "--watch", "0"], "argument --watch: must be a number of seconds from 0.1"),
        (["status", ""], "argument folders: must not be empty"),
        (["status", "a\nb"], r"argument folders: must be a name without control characters, got "),
        (["report", "x", "--output", "\x7f"], "argument --output: must be a name without control"),
        (["plan", f"--parallel={10**30}"], "argument --parallel: must be a whole number from 1 "),
        (["try", f"--seed={2**63}"], "argument --seed: must be a whole number from 0 to 9,223,3"),
        (["try", "--seed=-1"], "argument --seed: must be a whole number from 0 to 9,223,372,036"),
        (["try", "--budget=inf"], "argument --budget: must be a positive number, got 'inf'"),
        (["try", "--budget=" + "9" * 10**5], "argument --budget: must be a positive number, got"),
        (["train", "x", "stage-1", "-0x1"], ""),
        (["train", "x", "stage-1", "1.0"], "argument trial: must be a whole number from 0 to"),
        (["recover", "x", "0"], "argument stage: must be a whole number from 1 to 1,000,000, "),
        (["retry", "x", "stage-1", "--trials", "5-3"], "argument --trials: the range '5-3' ends "),
        (["retry", "x", "stage-1", "--trials", ""], "argument --trials: not a number: '' (expect"),
        (["retry", "x", "stage-1", "--trials", "1,,2"], "argument --trials: not a number: ''"),
        (["retry", "x", "stage-1", "--trials", "٣"], "argument --trials: not a number: '٣'"),
        (["retry", "x", "stage-1", "--trials", "0-99999999999"], "argument --trials: not a numb"),
    ],
)
def test_a_wrong_argument_is_named_with_its_value_and_what_is_allowed(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refused(words, capsys).startswith(message)


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.text(max_size=20))
def test_whole_numbers_are_bounded_on_both_sides(least: int, more: int, text: str) -> None:
    convert = whole(least, least + more)
    assert convert(str(least)) == least
    assert convert(f" {least + more} ") == least + more
    for wrong in (str(least - 1), str(least + more + 1), f"{least}.0", f"x{text}"):
        with pytest.raises(argparse.ArgumentTypeError, match="must be a whole number from"):
            convert(wrong)


@given(st.text(max_size=30))
def test_any_text_is_a_value_or_a_sentence(text: str) -> None:
    for convert in (whole(0, 9), positive, seconds, ranges, path):
        with contextlib.suppress(argparse.ArgumentTypeError):
            convert(text)


def test_ranges_are_not_unfolded() -> None:
    assert ranges("3,17, 40-45") == [range(3, 4), range(17, 18), range(40, 46)]
    started = time.perf_counter()
    assert len(ranges("0-999999999")[0]) == 10**9
    assert time.perf_counter() - started < 0.1


def test_no_command_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 2
    assert capsys.readouterr().out == make_parser().format_help()


def test_ctrl_c_while_modules_are_loaded_is_quiet() -> None:
    program = (
        "import builtins, sys\n"
        "from harmonica_steps.__main__ import main\n"
        "original = builtins.__import__\n"
        "def interrupted(name, *more):\n"
        "    if name == 'harmonica_steps.cli':\n"
        "        raise KeyboardInterrupt\n"
        "    return original(name, *more)\n"
        "builtins.__import__ = interrupted\n"
        "sys.argv = ['harmonica', 'status']\n"
        "sys.exit(main())\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (130, b"", b"")
