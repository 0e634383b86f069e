"""A metric that is printed or logged: what counts, and what is said when nothing does."""

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from objective_support import killed_once, shell

from harmonica_steps.objective import lines, printed
from harmonica_steps.objective.lines import NoMetricError, lines_from_the_end
from harmonica_steps.objective.logfile import last_row
from harmonica_steps.objective.printed import last_match

pytestmark = pytest.mark.usefixtures("_own_folder")

Ended = tuple[str, float | None, str | None]


@pytest.fixture
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def outcome(record: dict[str, Any]) -> Ended:
    return record["status"], record["value"], record["cause"]


# What is printed

PATTERN = r"loss[=:] ?(\S+)"
NOTHING = "nothing printed matches objective.metric_pattern"
NO_NUMBER = "the group of objective.metric_pattern matched something that is not a number"


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("echo loss=0.5; echo loss: 0.25; echo the end", ("ok", 0.25, None)),
        ("echo loss=0.5 loss=0.125", ("ok", 0.125, None)),
        ("echo loss=1e-3 >&2", ("ok", 0.001, None)),
        (r"printf '10%% loss=0.5\r100%% loss=0.25\r'", ("ok", 0.25, None)),
        ("printf 'loss=0.5'", ("ok", 0.5, None)),
        ("echo loss=nan", ("diverged", None, "'error' is not finite")),
        ("echo loss=-inf", ("diverged", None, "'error' is not finite")),
        ("echo loss=1e200", ("diverged", None, "'error' is too large")),
        ("echo loss=0.5; echo loss=low", ("failed", None, NO_NUMBER)),
        ("echo lost=0.5", ("failed", None, NOTHING)),
        ("true", ("failed", None, NOTHING)),
        ("echo loss=0.5; exit 2", ("failed", None, "exit status 2")),
    ],
)
def test_the_last_match_in_what_a_program_prints_is_its_metric(
    script: str, expected: Ended
) -> None:
    assert outcome(shell(script, metric_pattern=PATTERN).run()) == expected


def test_a_match_that_is_not_a_number_is_quoted() -> None:
    record = shell("echo loss=low today; echo bye", metric_pattern=PATTERN).run()
    assert record["error"] == f"{NO_NUMBER}: loss=low today"


def test_a_group_that_took_no_part_in_the_match_does_not_count() -> None:
    record = shell("echo loss 0.5; echo loss", metric_pattern=r"loss(?: (\S+))?").run()
    assert record["value"] == 0.5


def test_what_an_earlier_start_has_printed_does_not_count() -> None:
    trial = shell(
        "test -e started && exit 0\necho loss=0.5\ntouch started\necho $$ > pid\nexec sleep 60\n",
        metric_pattern=PATTERN,
    )
    killed_once(trial)
    assert outcome(trial.run()) == ("failed", None, NOTHING)
    assert (trial.work / "log.txt").read_text() == "loss=0.5\n"


def test_a_pattern_that_would_take_years_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printed, "MOST_SECONDS", 0.2)
    record = shell(f"echo {40 * 'a'}", metric_pattern=r"(a+)+$(?<!a)").run()
    assert record["status"] == "failed"
    assert (
        record["cause"]
        == "objective.metric_pattern was searched for 0.2 s without an end: simplify it"
    )


@pytest.mark.parametrize("ending", [b"\n", b""], ids=["lines", "one line"])
def test_a_huge_log_is_read_in_little_memory(tmp_path: Path, ending: bytes) -> None:
    log = tmp_path / "log.txt"
    log.write_bytes(b"loss=0.5\n" + 2_000 * (20_000 * b"x" + ending))
    tracemalloc.start()
    assert last_match(log, 0, PATTERN, "error") == {"error": 0.5}
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * lines.LONGEST < log.stat().st_size


@given(st.lists(st.text("ab\n\r ü", max_size=9)), st.integers(1, 7), st.integers(0, 9))
def test_lines_are_those_of_the_text_in_reverse(texts: list[str], block: int, start: int) -> None:
    content = "\n".join(texts).encode()
    path = Path("log.txt")
    path.write_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "BLOCK", block)
        found = list(lines_from_the_end(path, start))
    whole = content[start:].replace(b"\r", b"\n").split(b"\n")
    expected = [line.strip().decode("utf-8", "replace") for line in reversed(whole)]
    assert found == [line for line in expected if line]


# A log

CSV = [
    ("epoch,error\n0,0.5\n1,0.25\n", {"epoch": 1.0, "error": 0.25}),
    ("epoch, error\n0, 0.5\n1,\n2\n", {"epoch": 0.0, "error": 0.5}),
    ('\ufefferror,"a, b",name\r\n0.5,1,x\r\n', {"error": 0.5, "a, b": 1.0, "name": "x"}),
    ("error\n0.5", {"error": 0.5}),
]


@pytest.mark.parametrize(("text", "row"), CSV)
def test_the_last_row_with_the_metric_counts(text: str, row: dict[str, object]) -> None:
    Path("log.csv").write_text(text, encoding="utf-8", newline="")
    assert last_row(Path("log.csv"), "error", None) == row


def test_columns_may_be_separated_by_tabs() -> None:
    Path("log.tsv").write_text("a, b\terror\n1\t0.5\n")
    assert last_row(Path("log.tsv"), "error", None) == {"a, b": 1.0, "error": 0.5}


def test_the_last_line_with_the_metric_counts() -> None:
    rows = [{"error": 0.5, "step": 1}, {"error": 0.25, "step": 2}, {"loss": 1.0}]
    Path("log.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    assert last_row(Path("log.jsonl"), "error", None) == rows[1]


@pytest.mark.parametrize(
    ("name", "text", "cause"),
    [
        ("log.csv", "epoch,loss\n1,2\n", "log.csv has no 'error', it has epoch, loss"),
        ("log.csv", "", "log.csv has no 'error', it has nothing"),
        ("log.csv", "error,loss\n,2\n", "log.csv has no value of 'error'"),
        ("log.csv", 'error\n0.5\n"' + 200_000 * "1", "log.csv cannot be read (field larger than"),
        ("log.csv", "error\n0.5\n" + (2**20 + 1) * "1", "has a line of more than 1,048,576"),
        ("log.jsonl", '{"loss": 1}\n{"step": 2}\n', "log.jsonl has no 'error', it has step, loss"),
        ("log.jsonl", '{"error": 1}\n{"err', "log.jsonl has a line that is not a JSON object"),
        ("log.jsonl", '{"error": 1}\n[2]\n', "log.jsonl has a line that is not a JSON object"),
    ],
)
def test_a_log_without_the_metric_says_what_it_has(name: str, text: str, cause: str) -> None:
    Path(name).write_text(text)
    with pytest.raises(NoMetricError) as caught:
        last_row(Path(name), "error", None)
    assert cause in str(caught.value)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (r"printf 'a,error\n2,0.5\n' > log.csv", ("ok", 0.5, None)),
        (r"printf 'error\nnan\n' > log.csv", ("diverged", None, "'error' is not finite")),
        (
            r"printf 'error\nlow\n' > log.csv",
            ("failed", None, "'error' is a string, not a number"),
        ),
        ("true", ("failed", None, "wrote no log.csv (objective.metric_file) in its work folder")),
        ("mkdir log.csv", ("failed", None, "log.csv is a folder, not a file")),
        (r"printf 'error\n1\n' > log.csv; exit 1", ("failed", None, "exit status 1")),
    ],
)
def test_a_log_is_judged_like_a_result_file(script: str, expected: Ended) -> None:
    script = f'cd "$HARMONICA_WORKDIR"\n{script}\n'
    assert outcome(shell(script, metric_file="log.csv").run()) == expected


def test_a_log_that_an_earlier_start_has_left_does_not_count() -> None:
    trial = shell(
        "test -e started && exit 0\necho '{\"error\": 1}' > $HARMONICA_WORKDIR/log.jsonl\n"
        "touch started\necho $$ > pid\nexec sleep 60\n",
        metric_file="log.jsonl",
    )
    killed_once(trial)
    assert outcome(trial.run()) == ("failed", None, "wrote nothing new to log.jsonl")


def test_numbers_of_the_row_are_metrics_of_their_own() -> None:
    row = '{"error": 0.5, "loss": 2, "name": "x", "done": true, "bad": NaN}'
    script = f"echo '{row}' > $HARMONICA_WORKDIR/log.jsonl"
    assert shell(script, metric_file="log.jsonl").run()["metrics"] == {"loss": 2.0}


def test_a_training_with_another_source_still_hears_of_the_result_file() -> None:
    record = shell('echo "loss=0.5 $HARMONICA_RESULT"', metric_pattern=PATTERN).run()
    assert record["status"] == "ok"
    assert Path(record["log"]).read_text().strip().endswith("/result.json")
