"""Which configurations were tried."""

from typing import Any

from optuna.distributions import CategoricalDistribution
from optuna.trial import FrozenTrial, TrialState, create_trial

from harmonica_steps.optuna.tried import Tried

COMPLETE, FAIL, RUNNING = TrialState.COMPLETE, TrialState.FAIL, TrialState.RUNNING


def trial(number: int, state: TrialState, single: str = "", **params: Any) -> FrozenTrial:
    found = create_trial(
        state=state,
        value=0.0 if state == COMPLETE else None,
        params=params,
        distributions={
            name: CategoricalDistribution([value] if name == single else [0, 1, 2, "p", "q"])
            for name, value in params.items()
        },
    )
    found.number = number
    return found


def tried(*trials: FrozenTrial) -> Tried:
    found = Tried()
    found.update(trials, now=99)
    return found


def test_a_trial_is_the_part_of_a_proposal_that_its_branch_has() -> None:
    known = tried(trial(0, COMPLETE, kind="p", x=1), trial(1, COMPLETE, kind="q", y=1))
    assert known.has({"kind": "p", "x": 1, "y": 2})
    assert known.has({"kind": "q", "x": 2, "y": 1})
    assert not known.has({"kind": "p", "x": 2, "y": 1})


def test_a_parameter_with_one_value_makes_no_difference() -> None:
    assert tried(trial(0, COMPLETE, single="c", c=1, x=1)).has({"x": 1})


def test_a_trial_that_was_cut_short_does_not_stand_for_all_that_begin_like_it() -> None:
    known = tried(trial(0, COMPLETE, x=0, y=0), trial(1, FAIL, x=1), trial(2, RUNNING, x=2))
    assert not known.has({"x": 1, "y": 1})
    assert not known.has({"x": 2, "y": 1})


def test_a_trial_without_parameters_stands_for_nothing() -> None:
    assert not tried(trial(0, COMPLETE), trial(1, COMPLETE, single="c", c=1)).has({"x": 1})


def test_a_trial_does_not_rule_out_its_own_proposal() -> None:
    known = tried(trial(0, COMPLETE, x=0), trial(99, RUNNING, x=1))
    assert not known.has({"x": 1})


def test_a_failure_with_all_parameters_counts() -> None:
    known = tried(trial(0, COMPLETE, x=0, y=0), trial(1, FAIL, x=1, y=1))
    assert known.has({"x": 1, "y": 1})


def test_what_is_running_counts_until_it_ends_otherwise() -> None:
    known = Tried()
    known.propose(1, {"x": 1, "y": 1})
    first = trial(0, COMPLETE, x=0, y=0)
    known.update([first, trial(1, RUNNING, x=1), trial(2, RUNNING, x=2, y=2)], now=3)
    assert known.has({"x": 1, "y": 1})
    assert known.has({"x": 2, "y": 2})
    known.update([first, trial(1, FAIL, x=1), trial(2, FAIL)], now=3)
    assert not known.has({"x": 1, "y": 1})
    assert not known.has({"x": 2, "y": 2})
