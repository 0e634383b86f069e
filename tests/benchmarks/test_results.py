"""The benchmark of searches shows what its results say."""

import subprocess
import sys
from pathlib import Path

SEARCH = Path(__file__).parents[2] / "benchmarks/search"


def test_the_tables_are_those_of_the_results() -> None:
    command = [sys.executable, SEARCH / "table.py", SEARCH / "results.csv"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    shown = (SEARCH / "README.md").read_text().splitlines()
    rows = [line for line in printed.splitlines() if line]
    assert len(rows) > 20
    assert not [line for line in rows if line not in shown]
