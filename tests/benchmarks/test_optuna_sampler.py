"""The benchmark of the sampler: a row for each problem and batch, and the same cells again."""

import re
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

from optuna_sampler import SAMPLERS, table


def verdicts(rows: list[str]) -> list[list[str]]:
    """The cells without the seconds."""
    return [re.sub(r" \([\d.]+ s\)", "", row).strip("| ").split(" | ") for row in rows]


def test_each_problem_is_searched_in_batches_and_one_by_one() -> None:
    header, _, *rows = verdicts(list(table(["floats"], 1, 60)))
    assert header == ["problem", "batch", *SAMPLERS]
    assert [row[:2] for row in rows] == [["floats, regret sd", "50"], ["floats, regret sd", "1"]]
    assert all(float(cell) > 0 for row in rows for cell in row[2:])
    # The random sampler makes no use of results, so batches are nothing to it.
    assert rows[0][-1] == rows[1][-1]
