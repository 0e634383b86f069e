"""How many trainings a search has: stages and a final search that fit a number of parameters."""

import math
from typing import Any

from harmonica_steps.init.draft import Budget

ETA = 3


def stages_for(parameters: int, budget: int | float) -> list[dict[str, Any]]:
    """The stages of a search, see docs/how-to/small-budgets.md.

    Parameters
    ----------
    parameters
        How many there are.
    budget
        Of each training.
    """
    if parameters <= 4:
        return []
    shapes = [
        (10, {"samples": 80}, None),
        (30, {"samples": 150}, {"samples": 75}),
    ]
    large = ({"samples": 250}, {"samples": 100, "repeat": 2})
    first, second = next(((a, b) for most, a, b in shapes if parameters <= most), large)
    degree = 2 if parameters <= 300 else 1
    return [
        {**shape, "degree": degree, "sparsity": 5, "incumbent": True, "budget": budget}
        for shape in (first, second)
        if shape
    ]


def final_for(parameters: int, lengths: tuple[int | float, int | float] | None) -> dict[str, Any]:
    """The final search.

    Parameters
    ----------
    parameters
        How many there are.
    lengths
        The smallest and the largest budget, a power of `ETA` apart; None without a budget.
    """
    count = 9 if parameters <= 10 else 27
    if lengths is None or lengths[0] == lengths[1]:
        budget = lengths[0] if lengths else 1
        rounds = (
            {"rounds": 4, "configurations": 10}
            if parameters <= 4
            else {
                "rounds": 2,
                "configurations": count,
            }
        )
        return {"optimiser": "guided", **rounds, "budget": budget}
    count = 27 if parameters <= 4 else count
    return {
        "optimiser": "successive_halving",
        "configurations": count,
        "eta": ETA,
        "min_budget": lengths[0],
        "max_budget": lengths[1],
    }


def lengths_of(budget: Budget | None) -> tuple[int | float, int | float] | None:
    """The smallest and the largest budget: the largest is about what the program has by default.

    Parameters
    ----------
    budget
        What the program says; None if it has none.
    """
    if budget is None:
        return None
    default = budget.default
    if default is None:
        return 1, ETA**2
    if default < ETA:
        return default, default
    power = ETA**2 if default >= ETA**2 else ETA
    smallest = max(1, round(float(f"{default / power:.2g}")))
    return smallest, smallest * power


def training_count(stages: list[dict[str, Any]], final: dict[str, Any]) -> int:
    """How many trainings these are, at the most."""
    drawn = sum(int(stage["samples"]) * int(stage.get("repeat", 1)) for stage in stages)
    count = int(final["configurations"])
    if "rounds" in final:
        return drawn + int(final["rounds"]) * count
    rungs = round(math.log(final["max_budget"] / final["min_budget"], ETA)) + 1
    return drawn + sum(int(count // ETA**rung) for rung in range(rungs))
