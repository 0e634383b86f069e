"""The rule for the best."""

from collections.abc import Sequence
from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harmonica_steps.records.best import (
    Trained,
    about_better,
    among,
    as_text,
    competing,
    ranking,
    to_retrain,
)

DEEP = {"layers": 8}


def trained(
    part: str,
    values: Sequence[float | None],
    budget: float = 1,
    fidelity: dict[str, int] | None = None,
    names: str = "",
) -> list[Trained]:
    """Trainings of a part, each of a configuration of its own unless it is named."""
    given_names = names or [f"{part} {trial}" for trial in range(len(values))]
    return [
        Trained(part, trial, budget, fidelity or {}, as_text({"x": name}, {}), value)
        for trial, (name, value) in enumerate(zip(given_names, values, strict=True))
    ]


RUNGS = [
    *trained("stage-1", [0.5, 7.0]),
    *trained("stage-2", [0.1], fidelity=DEEP),
    *trained("final/rung-0", [5.0, 6.0, 8.0]),
    *trained("final/rung-1", [4.0, 3.0], budget=3),
]


def where(trainings: Sequence[Trained]) -> list[tuple[str, int]]:
    return [(training.part, training.trial) for training in trainings]


def answer(trainings: Sequence[Trained], direction: str = "minimize") -> tuple[str, int]:
    best = ranking(trainings, direction).best
    assert best is not None
    return best.first.part, best.first.trial


def test_the_best_is_that_of_the_largest_budget_of_the_final_search() -> None:
    assert answer(RUNGS) == ("final/rung-1", 1)
    assert answer(RUNGS, "maximize") == ("final/rung-1", 0)
    assert ranking(RUNGS, "minimize").competed == 2


def test_a_last_rung_that_failed_partly_still_decides() -> None:
    last = trained("final/rung-2", [None, 9.0], budget=9)
    order = ranking([*RUNGS, *last], "minimize")
    assert answer([*RUNGS, *last]) == ("final/rung-2", 1)
    assert order.competed == 1
    assert [candidate.value for candidate in order.candidates] == [9.0, None]


def test_where_the_last_rung_failed_the_one_before_decides() -> None:
    last = trained("final/rung-2", [None, None], budget=9)
    assert answer([*RUNGS, *last]) == ("final/rung-1", 1)


def test_samples_of_stages_that_train_alike_compete() -> None:
    assert answer(RUNGS[:6]) == ("stage-1", 0)
    failed = trained("final/rung-0", [None, None])
    assert answer([*RUNGS[:3], *failed]) == ("stage-1", 0)


def test_without_a_success_that_counts_there_is_no_best() -> None:
    final = trained("final/rung-0", [None, None], budget=3)
    order = ranking([*RUNGS[:3], *final], "minimize")
    assert (order.best, order.competed, order.chosen) == (None, 0, "")
    assert ranking([], "minimize").best is None


def test_so_far_the_largest_budget_of_the_stages_decides() -> None:
    final = trained("final/rung-0", [None, None], budget=3)
    more = trained("stage-3", [4.0, 2.0], budget=2)
    for known in ([*RUNGS[:3], *more], [*RUNGS[:3], *more, *final]):
        best = ranking(known, "minimize", so_far=True).best
        assert best is not None
        assert (best.first.part, best.value) == ("stage-3", 2.0)


def test_of_stages_with_the_same_budget_the_last_decides() -> None:
    best = ranking(RUNGS[:3], "minimize", so_far=True).best
    assert best is not None
    assert best.first.part == "stage-2"


def test_the_retrained_decide_if_any_of_them_succeeded() -> None:
    again = trained("final/retrain", [8.0, None])
    assert answer([*RUNGS, *again]) == ("final/retrain", 0)
    assert where(competing([*RUNGS, *again])) == where(again)
    failed = trained("final/retrain", [None, None])
    assert answer([*RUNGS, *failed]) == ("final/rung-1", 1)


def test_repeated_trainings_count_by_their_mean() -> None:
    known = trained("final/round-0", [1.0, 3.0, 6.0, None, 2.0], names="abaca")
    order = ranking(known, "minimize")
    assert [candidate.value for candidate in order.candidates] == [3.0, 3.0, None]
    assert [candidate.first.trial for candidate in order.candidates] == [0, 1, 3]
    assert order.competed == 2
    assert order.chosen == "mean of 3 trainings, best of 2 at budget 1"


def test_configurations_are_told_apart_by_value_and_type_but_not_by_fixed_settings() -> None:
    assert as_text({"x": 1}, {}) != as_text({"x": True}, {})
    assert as_text({"x": 1, "y": [2, "z"]}, {}) == as_text({"x": 1, "y": [2, "z"]}, {})
    one, two = {"layers": 8, "width": 4}, {"width": 4, "layers": 8}
    assert as_text({"x": 1, **one}, one) == as_text({"x": 1, **two}, two)


def test_a_failed_seed_comes_after_all_that_did_not_fail() -> None:
    again = trained("final/retrain", [1.0, None, 5.0, 6.0, None, None], names="aabbcc")
    order = ranking(again, "minimize")
    assert [candidate.value for candidate in order.candidates] == [5.5, 1.0, None]
    assert order.competed == 2


def test_a_failure_in_the_search_itself_is_left_out() -> None:
    """There, a configuration that happens to be drawn often would fail more often."""
    assert answer(trained("final/round-0", [1.0, None, 5.0], names="aab")) == ("final/round-0", 0)


def test_a_better_training_elsewhere_is_named() -> None:
    order = ranking(RUNGS, "minimize")
    assert order.better is not None
    assert order.best is not None
    assert (order.better.part, order.better.value) == ("stage-2", 0.1)
    assert about_better(order.better, order.best.first, "error") == (
        "A training with another budget had a better error: 0.1 (stage-2, trial 0, budget 1)."
    )
    assert ranking(RUNGS[3:], "minimize").better is None
    larger = ranking(RUNGS, "maximize").better
    assert larger is not None
    assert (larger.part, larger.trial) == ("final/rung-0", 2)


@pytest.mark.parametrize(
    ("fidelity", "said"), [(DEEP, "with other fixed settings"), ({}, "before the retraining")]
)
def test_it_is_said_why_a_better_training_does_not_compete(
    fidelity: dict[str, int], said: str
) -> None:
    (best,) = trained("final/retrain", [3.0], fidelity=fidelity)
    (better,) = trained("stage-1", [2.0])
    order = ranking([better, best], "minimize")
    assert order.better == better
    assert about_better(better, best, "loss").startswith(f"A training {said} had a better loss: 2")


def test_the_number_that_competed_is_said_with_the_budget() -> None:
    assert among(9, 27, 1) == "best of 9 at budget 27"
    assert among(5, 0.5, 3) == "mean of 3 trainings, best of 5 at budget 0.5"


def test_the_best_are_retrained_a_second_time_if_there_are_too_few() -> None:
    known = trained("final/round-0", [2.0, 1.0, None, 4.0], names="abca")
    chosen = to_retrain(known, "minimize", 5)
    assert [training.trial for training in chosen] == [1, 0, 1, 0, 1]


def test_failed_configurations_are_retrained_only_if_all_failed() -> None:
    known = trained("final/rung-0", [None, None])
    assert [training.trial for training in to_retrain(known, "minimize", 3)] == [0, 1, 0]


VALUES = st.none() | st.sampled_from([0.0, 0.5, 1.0, 2.0])
PARTS = ["stage-1", "stage-2", "final/rung-0", "final/rung-1", "final/retrain"]


@st.composite
def searches(draw: st.DrawFn) -> list[Trained]:
    found = []
    for part in PARTS:
        values = draw(st.lists(VALUES, max_size=5))
        fidelity = draw(st.sampled_from([{}, DEEP])) if part.startswith("stage") else {}
        budget = 3 if part == "final/rung-1" else draw(st.sampled_from([1, 3]))
        names = "".join(draw(st.sampled_from("ab")) for _ in values)
        found += trained(part, values, budget, fidelity, names) if values else []
    return found


@given(searches(), st.sampled_from(["minimize", "maximize"]))
def test_no_mean_that_competes_is_better_than_the_answer(
    known: list[Trained], direction: str
) -> None:
    order = ranking(known, direction)
    inside = competing(known)
    if order.best is None:
        assert all(training.value is None for training in inside)
        return
    sign = -1 if direction == "maximize" else 1
    best = order.best.value
    assert best is not None
    for candidate in order.candidates:
        same = [t for t in inside if t.configuration == candidate.first.configuration]
        values = [t.value for t in same if t.value is not None]
        assert list(candidate.trainings) == same
        failed = candidate.first.retrained and len(values) < len(same)
        if values and not failed:
            assert sign * fsum(values) / len(values) >= sign * best
    outside = [t for t in known if where([t])[0] not in where(inside) and t.value is not None]
    if order.better is None:
        assert all(sign * t.value >= sign * best for t in outside if t.value is not None)
    else:
        assert order.better in outside
        assert order.better.value == min((t.value or 0.0 for t in outside), key=lambda v: sign * v)


@given(searches(), st.sampled_from(["minimize", "maximize"]))
def test_turning_the_metric_and_the_direction_changes_nothing(
    known: list[Trained], direction: str
) -> None:
    other = {"minimize": "maximize", "maximize": "minimize"}[direction]
    turned = [t._replace(value=None if t.value is None else -t.value) for t in known]
    one, two = ranking(known, direction), ranking(turned, other)
    assert [where(c.trainings) for c in one.candidates] == [
        where(c.trainings) for c in two.candidates
    ]
