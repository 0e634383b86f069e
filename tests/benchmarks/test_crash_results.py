"""The page of crashes shows what was measured: everything was tried, and nothing went wrong."""

import pytest

from benchmarks.crash.situations import SITUATIONS
from benchmarks.crash.steps import STEPS
from benchmarks.crash.table import BAD, HOW, PAGE, Row, read, renewed, table


def rows(*hows: str) -> list[Row]:
    return [row for row in read() if row.how in hows]


def test_the_page_has_the_tables_of_the_results() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert renewed(page) == page
    assert all(table(how) in page for how in HOW)


def test_nothing_was_lost_doubled_changed_left_over_or_unexplained() -> None:
    assert [row for row in read() if any(getattr(row, name) for name in BAD)] == []


def test_every_step_was_killed_and_had_its_disk_fail() -> None:
    for how, faults in (("points", 5), ("disks", 4)):
        tried = {(row.what, row.fault) for row in rows(how) if row.times}
        assert {what for what, _ in tried} == STEPS.keys()
        assert all(sum(what == step for what, _ in tried) >= faults for step in STEPS)
    assert sum(row.times for row in rows("points", "searches") if row.fault == "killed") >= 200
    assert sum(row.times for row in rows("points", "disks") if row.fault != "killed") >= 60


@pytest.mark.parametrize("name", SITUATIONS)
def test_every_situation_was_tried(name: str) -> None:
    words = (SITUATIONS[name].__doc__ or "").rstrip(".")
    assert [row.times for row in rows("situations") if row.what == words] == [1]


def test_what_went_wrong_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [Row("points", "draw", "killed", 20), Row("points", "finish", "killed", 5, other=2)]
    monkeypatch.setattr("benchmarks.crash.table.read", lambda: found)
    assert table("points").splitlines() == [
        "| step | killed |",
        "| --- | --- |",
        "| draw | 20 |",
        "| finish | 5, 2 other bytes |",
        "| **all** | **25, 2 other bytes** |",
    ]
