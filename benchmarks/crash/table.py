"""results.csv, and the tables of docs/reference/crashes.md that follow from it."""

import csv
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

RESULTS = Path(__file__).with_name("results.csv")
PAGE = Path(__file__).parents[2] / "docs/reference/crashes.md"

HOW = {
    "points": "step",
    "disks": "step",
    "searches": "victim",
    "situations": "situation",
}
"""Ways to disturb, each a table, and what a row of the table is."""

BAD = {
    "lost": "records lost",
    "doubled": "trained twice",
    "other": "other bytes",
    "left_over": "left-over files",
    "unexplained": "tracebacks",
}
"""What may not happen, in words."""


class Row(NamedTuple):
    """How often something was disturbed in one way, and what came of it."""

    how: str
    what: str
    fault: str
    times: int = 0
    succeeded: int = 0
    """Steps that did their work in spite of the fault."""

    lost: int = 0
    doubled: int = 0
    other: int = 0
    left_over: int = 0
    unexplained: int = 0

    def plus(self, other: "Row | None") -> "Row":
        """The sum of two rows of the same."""
        if other is None:
            return self
        return Row(*self[:3], *map(sum, zip(self[3:], other[3:], strict=True)))


def read() -> list[Row]:
    """All rows."""
    if not RESULTS.exists():
        return []
    with RESULTS.open(encoding="utf-8", newline="") as file:
        return [Row(*row[:3], *map(int, row[3:])) for row in list(csv.reader(file))[1:]]


def renew(row: Row) -> None:
    """Write a row in the place of an earlier one."""
    rows = {r[:3]: r for r in read()} | {row[:3]: row}
    order = list(HOW)
    with RESULTS.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Row._fields)
        writer.writerows(sorted(rows.values(), key=lambda r: order.index(r.how)))


def table(how: str) -> str:
    """A row for each thing that was disturbed, a column for each fault: how often it was tried."""
    rows = [row for row in read() if row.how == how]
    faults = list(dict.fromkeys(row.fault for row in rows))
    by = {(row.what, row.fault): row for row in rows}
    lines = [[HOW[how], *faults], ["---"] * (len(faults) + 1)]
    for what in dict.fromkeys(row.what for row in rows):
        lines.append([what, *(_cell([by[what, f]] if (what, f) in by else []) for f in faults)])
    totals = [_cell([row for row in rows if row.fault == fault]) for fault in faults]
    lines.append(["**all**", *(f"**{total}**" for total in totals)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(rows: Sequence[Row]) -> str:
    """How often, and what went wrong."""
    times = sum(row.times for row in rows)
    wrong = {words: sum(getattr(row, name) for row in rows) for name, words in BAD.items()}
    return ", ".join([str(times or ""), *(f"{n} {words}" for words, n in wrong.items() if n)])


def write_page() -> None:
    """Put the tables where the page has earlier ones."""
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


def renewed(page: str) -> str:
    """A page with the tables of these results."""
    for how in HOW:
        pattern = rf"(<!-- {how} -->\n).*?(<!-- end -->)"
        page = re.sub(pattern, lambda m, h=how: f"{m[1]}\n{table(h)}\n\n{m[2]}", page, flags=re.S)
    return page
