"""Failures by cause, from records that may still be written to."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from harmonica_steps.records.record import Record
from harmonica_steps.results.statuses import FAILURES
from harmonica_steps.results.tail import last_lines

LONGEST_EXCERPT = 2_000
"""Characters of a log that the report shows."""


@dataclass(frozen=True)
class Cause:
    """Trainings of a part that ended in the same way."""

    part: str
    status: str
    cause: str
    trials: list[int]
    error: str
    """The cause of the first of them, with the last line of its log."""
    log: str


def causes(part: str, records: Iterable[Record]) -> list[Cause]:
    """The failures among some records, the most common first."""
    found: dict[tuple[str, str], Cause] = {}
    for record in records:
        if record["status"] not in FAILURES:
            continue
        key = (record["status"], record["cause"] or "unknown cause")
        if key not in found:
            found[key] = Cause(part, *key, [], record["error"] or key[1], record["log"])
        found[key].trials.append(record["trial"])
    return sorted(found.values(), key=lambda cause: (-len(cause.trials), cause.status, cause.cause))


def excerpt(log: str) -> str:
    """The end of a log, in whole lines; empty when it is gone."""
    return last_lines(Path(log), LONGEST_EXCERPT)
