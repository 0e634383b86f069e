"""What was tried, counted by command and kind of input; what has failed, by mechanism."""

import shlex
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fuzz_harness import Command, Ended, Input

ATTEMPTS = "fuzz attempts"
"""Name of the property of a test that holds its attempts."""


@dataclass
class Attempt:
    """A command on an input."""

    command: str
    kind: str
    status: int
    cpu: float
    grown: int
    fault: str | None
    """The mechanism, if it did what it must not."""


class Tally:
    """The attempts of one test, and for each mechanism the smallest input that shows it."""

    def __init__(self, command: str) -> None:
        self._command = command
        self.attempts: list[Attempt] = []
        self.smallest: dict[str, tuple[Input, Ended]] = {}

    def add(self, given: Input, ended: Ended, fault: str | None) -> None:
        attempt = Attempt(self._command, given.kind, ended.status, ended.cpu, ended.grown, fault)
        self.attempts.append(attempt)
        if fault:
            known = self.smallest.get(fault)
            if known is None or len(given.content) < len(known[0].content):
                self.smallest[fault] = (given, ended)

    def as_data(self) -> list[dict[str, Any]]:
        """For the process that shows the table."""
        return [asdict(attempt) for attempt in self.attempts]

    def keep(self, folder: Path, command: Command) -> None:
        """Write the smallest inputs, each with what was said, to a folder for each mechanism."""
        for number, (fault, (given, ended)) in enumerate(sorted(self.smallest.items()), start=1):
            place = folder / f"{self._command.replace(' ', '-')}-{number}"
            place.mkdir(parents=True, exist_ok=True)
            (place / Path(given.path).name).write_bytes(given.content)
            words = shlex.join(command.words(given.path))
            shown = f"{fault}\n{given.kind}: {given.path}\n$ {words}\n"
            said = f"exit status {ended.status}\n{ended.out}{ended.err}"
            (place / "output.txt").write_text(shown + said, encoding="utf-8")


@cache
def fault_class(mechanism: str) -> type[AssertionError]:
    """What is raised: Hypothesis tells failures apart by their class, and shrinks each."""
    return type("Fault", (AssertionError,), {"__doc__": mechanism})


def table(attempts: list[Attempt]) -> list[str]:
    """The lines of the tables."""
    keys = sorted({(attempt.command, attempt.kind) for attempt in attempts})
    row = "{:26}{:30}{:>7}{:>8}{:>7}".format
    lines = [row("command", "damaged", "tried", "exit 0", "wrong")]
    for key in keys:
        lines.append(row(*key, *_counts(a for a in attempts if (a.command, a.kind) == key)))
    lines += [row("all", "", *_counts(attempts)), ""]
    for command in sorted({attempt.command for attempt in attempts}):
        of = [attempt for attempt in attempts if attempt.command == command]
        cpu, grown = max(a.cpu for a in of), max(a.grown for a in of) / 2**20
        lines.append(f"{command:26}at most {cpu:.1f} CPU s, {grown:.0f} MiB")
    lines.append("")
    for fault, count in Counter(a.fault for a in attempts if a.fault).most_common():
        where = sorted({a.command for a in attempts if a.fault == fault})
        lines.append(f"{count:6} x {fault} ({', '.join(where)})")
    return lines


def _counts(attempts: Iterable[Attempt]) -> tuple[int, int, int]:
    found = list(attempts)
    return len(found), sum(a.status == 0 for a in found), sum(a.fault is not None for a in found)
