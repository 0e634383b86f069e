"""Every report in every encoding, width and kind of output, with names of all kinds."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from report_support import run_search

from harmonica_steps.cli import main

NAME, VALUES = "größe λ", ["64:100:10", "[bold]x[/]", ":smile:", "≥ 30°", "\u202etitle"]

CONFIG: dict[str, Any] = {
    "search": "odd",
    "objective": {"command": "sh job.sh {config}", "metric": "fehler λ", "timeout": 60},
    "space": {
        NAME: {"type": "categorical", "values": VALUES},
        "[bold]": {"type": "bool"},
        **{f"dummy {i}": {"type": "bool"} for i in range(4)},
    },
    "stages": [{"samples": 30, "degree": 1, "sparsity": 2}],
    "final": {"configurations": 4, "eta": 2, "min_budget": 1, "max_budget": 2},
}

ERROR = "exit status 1: \x1b[31mdied\x9b at :smile: [bold]λ\u202e\ud800"


def metric(configuration: dict[str, Any], budget: float, noise: float) -> float | None:
    if noise < 0.1:
        return None
    return VALUES.index(configuration[NAME]) + 2 * configuration["[bold]"] + 0.1 * noise


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished search with its configuration, some of whose trainings said odd things."""
    here = tmp_path_factory.mktemp("odd")
    search = run_search(here / "results/odd", CONFIG, metric)
    for record in search.folder.root.glob("stage-1/trials/*.json"):
        content = json.loads(record.read_text())
        if content["status"] == "failed":
            record.write_text(json.dumps({**content, "error": ERROR}))
    (here / "odd.yaml").write_text(yaml.safe_dump(CONFIG, sort_keys=False))
    answer = """'{"fehler \\u03bb": 0.5}' > "$HARMONICA_RESULT" """
    (here / "job.sh").write_text(f"printf 'a\\033[31mb\\rλ\\377\\n'; echo {answer}\n")
    return here


COMMANDS = [
    ["status"],
    ["status", "--watch"],
    ["summary", "results/odd", "results/odd"],
    ["plan", "odd.yaml"],
    ["try", "odd.yaml"],
    ["export", "results/odd", "--format", "csv", "--output", "λ.csv"],
    ["report", "results/odd", "--output", "λ.html"],
    ["export", "results/odd", "--format", "configspace", "--output", "λ.json"],
    ["import-space", "λ.json"],
    ["finish", "results/odd"],
]

ALL_OF_THEM = """
import json, sys
from harmonica_steps.terminal import prepare
prepare()
from harmonica_steps.cli import main
for words in json.loads(sys.argv[1]):
    status = main(words)
    if status:
        sys.exit(f"{words}: {status}")
"""


def all_of_them(folder: Path, **variables: str) -> bytes:
    """What all commands print, in one process: to start each takes a second."""
    run = subprocess.run(
        [sys.executable, "-c", ALL_OF_THEM, json.dumps(COMMANDS)],
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        check=False,
    )
    # What import-space leaves out is said there.
    said = [line for line in run.stderr.splitlines() if b": not imported: " not in line]
    assert (run.returncode, said) == (0, []), run.stderr.decode("utf-8", "replace")[-3000:]
    assert not set(run.stdout) & (set(range(32)) - {10})
    return run.stdout


def test_utf_8_shows_names_and_values_as_they_are(folder: Path) -> None:
    output = all_of_them(folder, PYTHONIOENCODING="utf-8", COLUMNS="200").decode()
    for text in (NAME, "fehler λ", "64:100:10", "[bold]", "a\\x1b[31mb\nλ", "λ.csv: "):
        assert text in output
    assert "\\x1b[31mdied\\x9b at :smile: [bold]λ\\u202e\\ud800" in output


@pytest.mark.parametrize(
    ("encoding", "variables"),
    [("latin-1", {}), ("ascii", {"COLUMNS": "0", "LC_ALL": "POSIX", "LANG": "C"})],
    ids=["latin-1", "ascii"],
)
def test_other_encodings_show_escapes_of_what_they_lack(
    folder: Path, encoding: str, variables: dict[str, str]
) -> None:
    output = all_of_them(folder, PYTHONIOENCODING=encoding, **variables).decode(encoding)
    assert "fehler \\u03bb" in output
    assert ("größe" in output) == (encoding == "latin-1")


def test_no_width_or_terminal_is_too_odd(folder: Path) -> None:
    variables = {"COLUMNS": "20", "TERM": "dumb", "NO_COLOR": "1"}
    assert "größe" in all_of_them(folder, PYTHONIOENCODING="utf-8", **variables).decode()


def test_a_locale_without_the_letters_of_a_file_is_named(folder: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "harmonica_steps", "summary", "results/odd"],
        cwd=folder,
        env={**os.environ, "LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONIOENCODING": ""},
        capture_output=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, b"")
    assert b"fehler \\u03bb" in run.stdout


def end_of(folder: Path, command: str) -> tuple[int, bytes]:
    """Status and stderr of what a shell runs; `harmonica` stands for the command."""
    harmonica = f'harmonica() {{ {sys.executable} -m harmonica_steps "$@"; }}'
    run = subprocess.run(
        ["bash", "-c", f"{harmonica}; {command}"],
        cwd=folder,
        env={**os.environ, "PYTHONUNBUFFERED": ""},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        check=False,
    )
    return run.returncode, run.stderr


FULL = (
    b"harmonica: standard output: No space left on device. No results were lost. Fix the problem "
    b"and rerun the same command.\n"
)


@pytest.mark.parametrize(
    ("command", "status", "said"),
    [
        ("harmonica status >&-", 0, b""),
        ("harmonica status > /dev/full", 1, FULL),
        ("harmonica --help > /dev/full", 1, FULL),
        ("harmonica status | true; exit ${PIPESTATUS[0]}", 141, b""),
        ("harmonica export results/odd --format csv | true; exit ${PIPESTATUS[0]}", 141, b""),
        ("harmonica status nowhere 2> /dev/full", 1, b""),
        ("harmonica status nowhere 2>&-", 1, b""),
        ("harmonica stats >&- 2>&- <&-", 2, b""),
        ("harmonica stats 2> /dev/full", 2, b""),
    ],
)
def test_an_output_that_cannot_be_written_ends_without_a_traceback(
    folder: Path, command: str, status: int, said: bytes
) -> None:
    ended = end_of(folder, command)
    assert ended == (status, said)


def test_nothing_of_a_training_is_left_where_its_reader_is_gone(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert end_of(folder, "harmonica try odd.yaml | true; exit ${PIPESTATUS[0]}")[0] == 141
    assert not list(tmp_path.iterdir())


def test_status_shows_causes_of_any_length_on_a_line_of_their_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    search = run_search(tmp_path / "odd", CONFIG, metric)
    for record in search.folder.root.glob("stage-1/trials/*.json"):
        content = json.loads(record.read_text())
        if content["status"] == "failed":
            record.write_text(json.dumps({**content, "error": "a\nFinished.\n" * 10**5}))
    assert main(["status", str(search.folder.root)]) == 0
    output = capsys.readouterr().out
    assert output.count("\nFinished.") == 1
    assert "a\\nFinished." in output
    assert len(output) < 4_000
