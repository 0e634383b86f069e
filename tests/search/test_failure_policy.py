"""Scores and promotion: what failures mean."""

import numpy as np
import pytest

from harmonica_steps.config import Failures
from harmonica_steps.search.failure_policy import scores, too_many_failed
from harmonica_steps.search.promotion import promoted

NAN = np.nan


@pytest.mark.parametrize(
    ("direction", "counts_as", "expected"),
    [
        ("minimize", "worst", [1, 3, 3, -2]),
        ("maximize", "worst", [-1, 2, -3, 2]),
        ("minimize", "drop", [1, NAN, 3, -2]),
        ("maximize", "drop", [-1, NAN, -3, 2]),
        ("minimize", 10, [1, 10, 3, -2]),
        ("maximize", 0.5, [-1, -0.5, -3, 2]),
    ],
)
def test_a_failure_counts_as_the_policy_says(
    direction: str, counts_as: str | float, expected: list[float]
) -> None:
    np.testing.assert_array_equal(scores([1, None, 3, -2], direction, counts_as), expected)


def test_without_one_success_there_is_no_worst() -> None:
    assert np.isnan(scores([None, None], "minimize", "worst")).all()
    np.testing.assert_array_equal(scores([None, None], "maximize", 0.0), [0, 0])


@pytest.mark.parametrize(
    ("failed", "allowed", "stops"),
    [(0, 0.0, False), (1, 0.0, True), (5, 0.5, False), (6, 0.5, True), (9, 1.0, False)],
)
def test_a_stage_stops_when_more_failed_than_allowed(
    failed: int, allowed: float, stops: bool
) -> None:
    assert too_many_failed(failed, 10, Failures(max_failed_fraction=allowed)) is stops


@pytest.mark.parametrize(
    ("values", "count", "expected"),
    [
        ([3.0, 1.0, 2.0], 2, [1, 2]),
        ([1.0, 0.0, 0.0, 0.0], 2, [1, 2]),
        ([NAN, 5.0, NAN, -1.0], 3, [3, 1, 0]),
        ([NAN, NAN], 1, [0]),
        ([2.0, 1.0], 5, [1, 0]),
    ],
)
def test_the_best_go_on_ties_by_index_failures_last(
    values: list[float], count: int, expected: list[int]
) -> None:
    assert promoted(np.array(values), count) == expected
