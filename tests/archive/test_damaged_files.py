"""Whatever somebody has done to a file of a search: commands end with 0, or with a sentence."""

import copy
import json
import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from archive_support import make_search
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harmonica_steps.cli import main

ROOT = Path("results/tiny")

JSON = [
    "plan.json",
    "stage-1/psr.json",
    "stage-2/frozen.json",
    "stage-1/trials/0002.json",
    "final/rung-1/trials/0000.json",
    "best.json",
    "best-configuration.json",
]
LINES = ["stage-1/samples.jsonl", "final/rung-1/samples.jsonl"]
TABLES = [
    "stage-1/samples.parquet",
    "stage-1/metrics.parquet",
    "stage-2/runtime.parquet",
    "final/rung-0/metrics.parquet",
    "final/table.parquet",
]
COMMANDS = [
    ["status", str(ROOT)],
    ["summary", str(ROOT)],
    ["report", str(ROOT), "--output", "report.html"],
    ["export", str(ROOT), "--format", "csv", "--output", "trainings.csv"],
    ["export", str(ROOT), "--output", "study.journal"],
    ["archive", str(ROOT), "search"],
    ["retry", str(ROOT), "stage-1", "--status", "timeout"],
    ["draw", str(ROOT), "final/rung-1"],
    ["collect", str(ROOT), "stage-1"],
    ["recover", str(ROOT), "1"],
    ["finish", str(ROOT)],
    ["train", str(ROOT), "final/rung-1", "0"],
]
VALUES: list[Any] = [
    None, True, -1, 0, 10**9, 10**18, 10**299, 1e308, -1e-300, "", "x", "\x1b[31m", "\0", "../..",
    [], {}, [[]], [None], {"low": 1}, {"low": 0.1, "high": 0.2}, "stage-1", float("nan"), "é\u2028",
]  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _search(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(tmp_path_factory.mktemp("damaged"))
    make_search(Path())
    yield
    os.chdir(before)


def places(content: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The keys that lead to every value."""
    yield at
    inner: Any = content.items() if isinstance(content, dict) else ()
    for key, value in enumerate(content) if isinstance(content, list) else inner:
        yield from places(value, (*at, key))


def changed(draw: st.DrawFn, content: Any) -> Any:
    """The same JSON with one value replaced, removed, or doubled."""
    at = draw(st.sampled_from(list(places(content))))
    if not at:
        return draw(st.sampled_from(VALUES))
    content = copy.deepcopy(content)
    holder = content
    for key in at[:-1]:
        holder = holder[key]
    how = draw(st.sampled_from(["replaced", "removed", "doubled"]))
    if how == "removed":
        del holder[at[-1]]
    elif how == "doubled" and isinstance(holder, list):
        holder.append(holder[at[-1]])
    else:
        holder[at[-1]] = draw(st.sampled_from(VALUES))
    return content


@st.composite
def damaged_json(draw: st.DrawFn) -> tuple[str, bytes]:
    name = draw(st.sampled_from(JSON))
    content = json.loads(originals()[name])
    for _ in range(draw(st.integers(1, 2))):
        content = changed(draw, content)
    return name, json.dumps(content).encode("utf-8", "surrogatepass")


@st.composite
def damaged_lines(draw: st.DrawFn) -> tuple[str, bytes]:
    name = draw(st.sampled_from(LINES))
    lines = [json.loads(line) for line in originals()[name].splitlines()]
    lines = changed(draw, lines)
    if not isinstance(lines, list):
        lines = [lines]
    return name, b"".join(json.dumps(line).encode() + b"\n" for line in lines)


@st.composite
def damaged_bytes(draw: st.DrawFn) -> tuple[str, bytes]:
    name = draw(st.sampled_from([*JSON, *LINES, *TABLES, ".lock"]))
    content = originals().get(name, b"process 1 on here\n")
    at = draw(st.integers(0, len(content)))
    end = draw(st.sampled_from([at, min(at + 3, len(content)), len(content)]))
    more = draw(st.sampled_from([b"", b"\0", b"\xff", b"[" * 5_000, b"9" * 400, b"NaN", b"\n"]))
    return name, content[:at] + more + content[end:]


@st.composite
def damaged_tables(draw: st.DrawFn) -> tuple[str, bytes]:
    name = draw(st.sampled_from(TABLES))
    table = pd.read_parquet(BytesIO(originals()[name]))
    column = draw(st.sampled_from(list(table.columns)))
    how = draw(st.sampled_from(["dropped", "text", "missing", "fewer", "more", "reversed", "huge"]))
    if how == "dropped":
        table = table.drop(columns=column)
    elif how == "text":
        table[column] = "x"
    elif how == "missing":
        table[column] = None
    elif how == "huge":
        table[column] = 1e300
    else:
        rows = {"fewer": table[:-1], "more": pd.concat([table, table]), "reversed": table[::-1]}
        table = rows[how]
    content = BytesIO()
    table.to_parquet(content, index=False)
    return name, content.getvalue()


_originals: dict[str, bytes] = {}


def originals() -> dict[str, bytes]:
    if not _originals:
        paths = [path for path in ROOT.rglob("*") if path.is_file()]
        _originals.update({str(p.relative_to(ROOT)): p.read_bytes() for p in paths})
    return _originals


def put_back() -> None:
    for name, content in originals().items():
        path = ROOT / name
        if not path.is_file() or path.is_symlink() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            path.write_bytes(content)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    damage=st.one_of(damaged_json(), damaged_lines(), damaged_bytes(), damaged_tables()),
    command=st.sampled_from(COMMANDS),
)
def test_a_damaged_file_never_ends_in_a_traceback(
    damage: tuple[str, bytes], command: list[str]
) -> None:
    originals()
    name, content = damage
    (ROOT / name).write_bytes(content)
    try:
        assert main(command) in (0, 1)
    finally:
        put_back()


@pytest.mark.parametrize("what", ["pipe", "folder", "loop", "large", "unreadable"])
@pytest.mark.parametrize("name", [*JSON, *LINES, *TABLES, ".lock"])
def test_what_is_not_a_plain_file_is_named(
    name: str, what: str, capfd: pytest.CaptureFixture[str]
) -> None:
    originals()
    path = ROOT / name
    path.unlink(missing_ok=True)
    if what == "pipe":
        os.mkfifo(path)
    elif what == "folder":
        path.mkdir()
    elif what == "loop":
        path.symlink_to(path.name)
    elif what == "large":
        path.touch()
        os.truncate(path, 2**31)
    else:
        path.symlink_to("/proc/self/mem")  # a plain file that cannot be read
    try:
        # Nothing of a search that is being locked goes into an archive.
        assert main(COMMANDS[0]) == 0
        if name != ".lock":
            assert main(COMMANDS[5]) == 1
            assert str(path) in capfd.readouterr().err
    finally:
        path.rmdir() if what == "folder" else path.unlink()
        put_back()


@pytest.mark.parametrize("command", COMMANDS[:10], ids=lambda command: command[0])
def test_a_plan_with_other_keys_is_named(
    command: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    originals()
    (ROOT / "plan.json").write_text('{"schema_version": 1}')
    try:
        status = main(command)
        said = "".join(capfd.readouterr())
        assert status == (0 if command[0] == "status" else 1)
        assert "plan.json: search: is missing. Delete it and run snakemake again" in " ".join(
            said.split()
        )
    finally:
        put_back()
