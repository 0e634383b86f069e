"""The plan: every part of a search with its cost."""

from typing import Any

import pytest

from harmonica_steps.config import Search, parse
from harmonica_steps.search.plan import parts, plan

STAGES = [
    {"samples": 40, "sparsity": 2, "budget": 3, "fidelity": {"layers": 4}},
    {"samples": 40, "sparsity": 2, "budget": 3},
]


def search(**final: Any) -> Search:
    return parse(
        {
            "search": "tiny",
            "objective": {"command": "true"},
            "space": {"a": {"type": "bool"}, "b": {"type": "bool"}},
            "stages": STAGES,
            "final": final,
        }
    )


def test_the_plan_names_every_part_with_its_trainings_budget_and_cost() -> None:
    search = parse(
        {
            "search": "tiny",
            "objective": {"command": "true", "timeout": 1800},
            "space": {"a": {"type": "bool"}, "b": {"type": "bool"}},
            "stages": [{"samples": 40, "sparsity": 2, "budget": 3, "fidelity": {"layers": 4}}],
            "final": {"configurations": 4, "eta": 2, "min_budget": 5, "max_budget": 10},
        }
    )
    found = plan(search)
    keys = ("part", "trainings", "budget", "fidelity", "core_hours_at_most")
    assert [tuple(part[key] for key in keys) for part in found["parts"]] == [
        ("stage-1", 40, 3, {"layers": 4}, 20.0),
        ("final/rung-0", 4, 5, {}, 2.0),
        ("final/rung-1", 2, 10, {}, 1.0),
    ]
    assert (found["trainings"], found["sequential_rounds"]) == (46, 3)
    assert found["core_hours_at_most"] == 23.0
    assert [part["added_budget"] for part in found["parts"]] == [3, 5, 5]
    assert found["jobs"]["train_sample"] == 46


@pytest.mark.parametrize(
    ("retrain", "budget", "fidelity"),
    [
        ({}, 4, {"layers": 8}),
        ({"budget": 9}, 9, {"layers": 8}),
        ({"fidelity": {}}, 4, {}),
        ({"budget": 9, "fidelity": {"layers": 20}}, 9, {"layers": 20}),
    ],
)
def test_the_best_are_trained_again_as_they_were_unless_said_otherwise(
    retrain: dict[str, Any], budget: int, fidelity: dict[str, Any]
) -> None:
    final = {"configurations": 4, "eta": 2, "max_budget": 4, "fidelity": {"layers": 8}}
    *_, last = parts(search(**final, retrain={"configurations": 1, **retrain}))
    assert (last.name, last.budget, last.fidelity) == ("final/retrain", budget, fidelity)
    assert last.added_budget == budget


def test_a_configuration_is_retrained_once_with_each_seed() -> None:
    *_, last = parts(search(optimiser="random", retrain={"configurations": 4, "seeds": 3}))
    assert last.trials == 12


def test_all_that_may_decide_what_is_retrained_is_known_to_it() -> None:
    """Also smaller budgets: the trainings of the largest may all fail."""
    final = {"configurations": 4, "eta": 2, "min_budget": 3, "max_budget": 6}
    *_, last = parts(search(**final, retrain={"configurations": 1}))
    assert last.informed_by == ("stage-2", "final/rung-0", "final/rung-1")


def test_brackets_need_not_wait_for_each_other() -> None:
    config = search(optimiser="hyperband", max_budget=9)
    found = [(p.title, p.origin, p.previous, p.depth) for p in parts(config)[2:]]
    assert found == [
        ("Bracket 0, rung 0", "draw", None, 3),
        ("Bracket 0, rung 1", "promote", "final/bracket-0/rung-0", 4),
        ("Bracket 0, rung 2", "promote", "final/bracket-0/rung-1", 5),
        ("Bracket 1, rung 0", "draw", None, 3),
        ("Bracket 1, rung 1", "promote", "final/bracket-1/rung-0", 4),
        ("Bracket 2, rung 0", "draw", None, 3),
    ]
    assert [p.added_budget for p in parts(config)[2:]] == [1, 2, 6, 3, 6, 9]
    assert plan(config)["sequential_rounds"] == 5
    last = parts(config)[-2]
    assert (last.stage, last.bracket, last.rung, last.round) == (None, 1, 1, None)


@pytest.mark.parametrize(
    ("settings", "stages"),
    [
        ({"budget": 3}, ["stage-2"]),
        ({"budget": 3, "fidelity": {"layers": 4}}, ["stage-1"]),
        ({"budget": 2}, []),
    ],
)
def test_a_sampler_is_told_what_was_trained_in_the_same_way(
    settings: dict[str, Any], stages: list[str]
) -> None:
    config = search(optimiser="optuna", rounds=3, **settings)
    asked = parts(config)[2:]
    assert [p.informed_by for p in asked] == [
        (*stages, *(f"final/round-{n}" for n in range(number))) for number in range(3)
    ]
    assert [p.depth for p in asked] == [3, 4, 5]
    assert [p.title for p in asked] == ["Round 0", "Round 1", "Round 2"]
    assert {p.previous for p in asked} == {None}
    assert {p.added_budget for p in asked} == {settings["budget"]}


def test_random_search_waits_for_the_stages_only() -> None:
    config = search(optimiser="random", configurations=7)
    (part,) = parts(config)[2:]
    assert (part.name, part.trials, part.origin, part.depth) == ("final/round-0", 7, "draw", 3)
    assert (part.stage, part.rung, part.round) == (None, None, 0)


def informed_by(config: Search) -> dict[str, tuple[str, ...]]:
    return {part.name: part.informed_by for part in parts(config)}


def test_a_part_is_informed_by_those_that_train_alike() -> None:
    assert informed_by(search(optimiser="random", budget=3)) == {
        "stage-1": (),
        "stage-2": ("stage-1",),  # nothing trains like it: the last kind of before
        "final/round-0": ("stage-2",),
    }
    like_the_first = search(optimiser="random", budget=3, fidelity={"layers": 4})
    assert informed_by(like_the_first)["final/round-0"] == ("stage-1",)


def test_where_nothing_trains_alike_the_latest_kind_informs() -> None:
    assert informed_by(search(optimiser="random", budget=9))["final/round-0"] == ("stage-2",)
    found = informed_by(search(configurations=4, eta=2, min_budget=5, max_budget=10))
    assert (found["final/rung-0"], found["final/rung-1"]) == (("stage-2",), ())


def test_each_guided_round_is_informed_by_those_before_it() -> None:
    config = search(optimiser="guided", rounds=3, budget=3)
    asked = parts(config)[2:]
    assert [part.informed_by for part in asked] == [
        ("stage-2", *(f"final/round-{n}" for n in range(number))) for number in range(3)
    ]
    assert [part.depth for part in asked] == [3, 4, 5]
    assert [part.guided for part in asked] == [1.0] * 3


def test_brackets_are_informed_by_the_stages_and_not_by_each_other() -> None:
    found = informed_by(search(optimiser="hyperband", max_budget=9))
    first = [found[f"final/bracket-{number}/rung-0"] for number in range(3)]
    assert first == [("stage-2",), ("stage-2",), ("stage-2",)]


def test_without_stages_nothing_informs_the_first_round() -> None:
    config = parse(
        {
            "search": "tiny",
            "objective": {"command": "true"},
            "space": {"a": {"type": "bool"}},
            "stages": [],
            "final": {"optimiser": "guided", "rounds": 2},
        }
    )
    assert informed_by(config) == {"final/round-0": (), "final/round-1": ("final/round-0",)}


@pytest.mark.parametrize(
    ("samples", "guided", "share"),
    [(100, 0.66, 0.66), (40, 0.66, 0.5), (20, 1.0, 0.0), (12, 0.66, 0.0), (100, 0.0, 0.0)],
)
def test_some_samples_of_a_stage_stay_uniform_for_its_regression(
    samples: int, guided: float, share: float
) -> None:
    stage = {"samples": samples, "sparsity": 1, "guided": guided}
    config = parse(
        {
            "search": "tiny",
            "objective": {"command": "true"},
            "space": {"a": {"type": "bool"}, "b": {"type": "bool"}},
            "stages": [stage],
        }
    )
    assert parts(config)[0].guided == pytest.approx(share)
