"""A search to damage, and at the end the table of what was tried."""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import fuzz_search
import pytest
from fuzz_harness import Server, Workshop
from fuzz_table import ATTEMPTS, Attempt, table


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    server = Server(tmp_path_factory.mktemp("fuzz"))
    yield Workshop(server, template(server, tmp_path_factory.getbasetemp()))
    server.close()


def template(server: Server, folder: Path) -> Path:
    """The search, made by the first worker of pytest-xdist that needs it."""
    shared = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    with (shared / "fuzz.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = shared / "fuzz-template"
        if not made.exists():
            fuzz_search.make(server, shared / "fuzz-making")
            (shared / "fuzz-making").rename(made)
    return made


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if "FUZZ_EXAMPLES" not in os.environ:
        return
    attempts = [
        Attempt(**attempt)
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, told in getattr(report, "user_properties", ())
        if name == ATTEMPTS and report.when == "call"
        for attempt in told
    ]
    for line in table(attempts):
        terminalreporter.write_line(line)
