"""The benchmark of searches shows what its results say."""

import subprocess
import sys
from pathlib import Path

import pandas as pd

SEARCH = Path(__file__).parents[2] / "benchmarks/search"
sys.path += [str(SEARCH)]

from table import pairs  # noqa: E402


def test_the_tables_are_those_of_the_results() -> None:
    command = [sys.executable, SEARCH / "table.py", SEARCH / "results.csv"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    shown = (SEARCH / "README.md").read_text().splitlines()
    rows = [line for line in printed.splitlines() if line]
    assert len(rows) > 20
    assert not [line for line in rows if line not in shown]


def test_pairs_are_of_the_same_objective_and_replicate() -> None:
    found = {
        ("nk", 0): {"a": 1.0, "b": 2.0, "c": 0.0},
        ("nk", 1): {"a": 1.0, "b": 1.0, "c": 5.0},
        ("pest", 0): {"a": 3.0, "b": 2.0},
        ("pest", 1): {"a": 2.0, "b": 8.0},
    }
    results = pd.DataFrame(
        {"objective": objective, "replicate": replicate, "method": method, "verdict": verdict}
        for (objective, replicate), verdicts in found.items()
        for method, verdict in verdicts.items()
    )
    assert pairs(results) == [
        "| | a | c | b |",
        "|---|---|---|---|",
        "| a |  | 1 : 1 | 2 : 1 |",
        "| c | 1 : 1 |  | 1 : 1 |",
        "| b | 1 : 2 | 1 : 1 |  |",
    ]
