"""A result file in another dress: a record says what it is, and what is wanted."""

import socket
import tracemalloc
from pathlib import Path

import pytest
from objective_support import shell

from harmonica_steps.objective.lines import NoMetricError
from harmonica_steps.objective.outcome import judge
from harmonica_steps.objective.resultfile import LARGEST_RESULT, read_result

DRESSES = [
    (b'\xef\xbb\xbf{"error": 1}', "starts with a byte order mark"),
    ('{"error": 1}'.encode("utf-16"), "is UTF-16 text"),
    ('{"error": 1}'.encode("utf-16-le"), "is binary or UTF-16"),
    ('{"error": 1}'.encode("utf-32"), "is UTF-32 text"),
    ('{"näme": 1}'.encode("latin-1"), "is not UTF-8 text"),
    (b"\x80\x04\x95\x00", "is binary"),
    (b'{"error": 1}\n{"error": 0.5}\n', "has several JSON values"),
    (b"0.5\n0.25\n", "has several JSON values"),
    (b'{"error": 0,5}', "has a decimal comma"),
    (b"0,5\n", "has a decimal comma"),
    (b'{"error": 0.5,}', "has a comma before a closing bracket"),
    (b"{'error': 0.5}", "is written as Python prints"),
    (b'{"error": 0.5, "best": True}', "is written as Python prints"),
    (b'{"error": 0.5 // of the last epoch\n}', "has a comment"),
    (b"50 %", "is a percentage"),
    (b"epoch,error\n1,0.5\n", "is a table"),
    (b"error: 0.5\n", "has names and values that are not JSON"),
    (b"error=0.5\n", "has names and values that are not JSON"),
    (b" \n", "is empty"),
    (b"[" * 200_000, "is nested too deeply"),
    (b'{"error": 0.', "is not valid JSON"),
]


@pytest.mark.parametrize(("content", "words"), DRESSES, ids=[words for _, words in DRESSES])
def test_a_record_says_what_the_result_is(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "result.json"
    path.write_bytes(content)
    with pytest.raises(NoMetricError) as caught:
        read_result(path, "error")
    assert str(caught.value).startswith(f"result file {words}")
    assert len(str(caught.value)) < 200


def test_a_metric_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_text('{"error": 1, "loss": 2, "error": 3}')
    with pytest.raises(NoMetricError, match="has 'error' more than once"):
        read_result(path, "error")
    path.write_text('{"error": 1, "loss": 2, "loss": 3, "more": {"error": 1, "error": 2}}')
    assert read_result(path, "error")["loss"] == 3


def test_a_huge_result_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    with path.open("wb") as stream:
        stream.truncate(10**11)
    tracemalloc.start()
    try:
        with pytest.raises(NoMetricError, match="larger than 16 MiB"):
            read_result(path)
        assert tracemalloc.get_traced_memory()[1] < 4 * LARGEST_RESULT
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        ("mkfifo {0}", "is a named pipe (FIFO), not a file"),
        ("mkdir {0}", "is a folder, not a file"),
        ("ln -s /dev/zero {0}", "is a device, not a file"),
        ("ln -s {0} {0}", "cannot be read (Too many levels of symbolic links)"),
    ],
)
@pytest.mark.parametrize("name", ["result.json", "log.csv", "log.jsonl"])
def test_what_is_not_a_file_is_not_waited_for(
    make: str, words: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    source = {} if name == "result.json" else {"metric_file": name}
    make = make.format(f"$HARMONICA_WORKDIR/{name}")
    record = shell(f"{make}\necho last words\n", **source).run()
    assert record["status"] == "failed"
    if "link" in words and source:
        words = "(objective.metric_file) in its work folder"
    assert words in record["cause"]
    assert record["error"].endswith(": last words")


def test_a_socket_is_not_a_file(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(tmp_path / "result.json"))
        with pytest.raises(NoMetricError, match="result file is a socket, not a file"):
            read_result(tmp_path / "result.json")


def test_names_that_no_file_can_hold_are_escaped_and_bounded(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    assert judge(0, lambda: {"error": 1, "\ud800": 2}, "error", log).metrics == {"\\ud800": 2.0}
    found = judge(0, lambda: {f"name {i}": i for i in range(10**5)}, "error", log)
    assert len(str(found.cause)) < 300
    found = judge(0, lambda: {"metrics": {"error": 1}}, "error", log)
    assert found.cause == "result has no 'error', it has metrics ('error' is inside 'metrics')"
