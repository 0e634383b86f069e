"""The plan: every part of a search with its cost."""

from harmonica_steps.config import parse
from harmonica_steps.search.plan import plan


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
    assert [part["longer_by"] for part in found["parts"]] == [3, 5, 5]
    assert found["jobs"]["train_sample"] == 46
