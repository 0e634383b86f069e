"""A search to damage, and at the end the table of what was tried."""

import os
from collections.abc import Iterator

import fuzz_search
import pytest
from fuzz_harness import Server, Workshop
from fuzz_table import ATTEMPTS, Attempt, table

from tests.once import made_once


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    server = Server(tmp_path_factory.mktemp("fuzz"))
    template = made_once(
        tmp_path_factory, "fuzz-template", lambda folder: fuzz_search.make(server, folder)
    )
    yield Workshop(server, template)
    server.close()


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
