"""What the trials of a study say."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.distributions import BaseDistribution, FloatDistribution, IntDistribution
from optuna.trial import FrozenTrial, TrialState, create_trial

from harmonica_steps.optuna.history import (
    GROWTH,
    ORIGIN,
    Group,
    groups,
    known,
    origin,
    ranks,
    rounded,
    rounds,
)
from harmonica_steps.search.draw import ASKED, CHILD, START, UNIFORM
from harmonica_steps.search.samples import Samples

UNIT = FloatDistribution(0, 1)
COMPLETE, PRUNED, FAIL = TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL


def trial(number: int, names: str = "", value: float | None = 0.0, **more: Any) -> FrozenTrial:
    found = create_trial(
        state=more.pop("state", COMPLETE),
        value=value,
        params=more.pop("params", dict.fromkeys(names, 0.5)),
        distributions=more.pop("distributions", dict.fromkeys(names, UNIT)),
        **more,
    )
    found.number = number
    return found


def test_better_trials_come_first_then_those_that_got_far_then_failures() -> None:
    trials = [
        trial(0, value=3.0),
        trial(1, value=-1.0),
        trial(2, value=3.0),
        trial(3, value=None, state=PRUNED, intermediate_values={1: 0.1, 5: 9.0}),
        trial(4, value=None, state=PRUNED, intermediate_values={5: 2.0}),
        trial(5, value=None, state=PRUNED, intermediate_values={1: -5.0}),
        trial(6, value=None, state=PRUNED, intermediate_values={1: float("nan")}),
        trial(7, value=None, state=PRUNED),
        trial(8, value=None, state=FAIL),
        trial(9, value=float("inf")),
    ]
    assert ranks(trials, maximise=False).tolist() == [1, 0, 1, 4, 3, 5, 6, 7, 7, 2]
    assert ranks(trials, maximise=True).tolist() == [1, 2, 1, 3, 4, 5, 6, 7, 7, 0]


def test_parameters_of_the_same_complete_trials_are_a_group() -> None:
    trials = [
        trial(0, "abx"),
        trial(1, "aby"),
        trial(2, "abyz"),
        trial(3, "abyz"),
        trial(4, "aw", value=None, state=FAIL),
    ]
    assert [list(found) for found in groups(trials)] == [["a", "b"], ["y"], ["z"], ["x"]]
    assert groups([]) == []


def test_a_parameter_has_its_last_range_and_one_value_is_not_a_parameter() -> None:
    other = FloatDistribution(0, 5)
    where: dict[str, BaseDistribution] = {"a": other, "c": IntDistribution(1, 1)}
    trials = [trial(0, "a"), trial(1, params={"a": 2.0, "c": 1}, distributions=where)]
    assert groups(trials) == [{"a": other}]


def test_a_group_knows_the_trials_that_have_all_of_it() -> None:
    group = Group({"a": UNIT, "b": UNIT})
    trials = [trial(0, "ab"), trial(1, "a"), trial(2, "abc")]
    for _ in range(2):  # the second time from memory
        samples = group.samples(trials, np.array([7.0, 8.0, 9.0]))
        assert samples.scores.tolist() == [7, 9]
        assert samples.points.tolist() == [[0.5, 0.5]] * 2
    assert group.samples([], np.array([])).points.shape[0] == 0


@pytest.mark.parametrize(
    ("attributes", "kind"),
    [
        ({}, UNIFORM),
        ({ORIGIN: CHILD}, CHILD),
        ({"fixed_params": {"a": 1}, ORIGIN: CHILD}, START),
        ({"tpe:relative_params:0": "{}"}, ASKED),
        ({"grid_id": 3}, UNIFORM),
    ],
)
def test_how_a_trial_was_chosen(attributes: dict[str, Any], kind: str) -> None:
    assert origin(trial(0, system_attrs=attributes)) == kind


def test_trials_are_known_in_the_order_in_which_they_ended() -> None:
    trials = [trial(number) for number in range(4)]
    for found, minutes in zip(trials, (9, 2, 2, 5), strict=True):
        found.datetime_complete = datetime(2026, 1, 1) + timedelta(minutes=minutes)
    trials.append(create_trial(state=TrialState.RUNNING))
    assert [found.number for found in known(trials)] == [1, 2, 3, 0]


@given(st.integers(0, 5000))
def test_a_few_per_cent_of_the_trials_wait(count: int) -> None:
    assert count * (1 - GROWTH) <= rounded(count) <= count
    assert rounded(count) <= rounded(count + 1)


def test_batches_of_fifty_do_not_wait() -> None:
    assert [rounded(count) for count in range(50, 1000, 50)] == list(range(50, 1000, 50))


@given(st.integers(0, 60), st.integers(1, 20), st.integers(1, 20))
def test_rounds_have_all_samples_in_order(count: int, first: int, size: int) -> None:
    scores = np.arange(float(count))
    found = rounds(Samples(scores, scores[:, None], scores, scores), first, size)
    assert [score for one in found for score in one.scores] == scores.tolist()
    lengths = [len(one.scores) for one in found]
    assert all(lengths)
    assert lengths[:1] == [min(first, count)][: len(lengths)]
    assert all(length == size for length in lengths[1:-1])
