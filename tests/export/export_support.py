"""A finished search: every kind of parameter, conditions, failures, rungs, several metrics."""

import sys
from pathlib import Path
from typing import Any

from harmonica_steps.results.search_run import SearchRun

sys.path.append(str(Path(__file__).parents[1] / "report"))
from report_support import run_search

CONFIG: dict[str, Any] = {
    "search": "mixed",
    "seed": 5,
    "objective": {"command": "true", "metric": "accuracy", "direction": "maximize"},
    "space": {
        "switch": {"type": "bool"},
        "kind": {"type": "categorical", "values": ["sgd", "adam", "lion"]},
        "odd": {"type": "categorical", "values": ["x", 1, True]},
        "size": {"type": "ordinal", "values": [16, 32, 64]},
        "depth": {"type": "int", "low": 1, "high": 4},
        "width": {"type": "int", "low": 8, "high": 512, "log": True, "levels": 4},
        "rate": {"type": "float", "low": 0.001, "high": 1.0, "log": True, "levels": 4},
        "momentum": {
            "type": "float",
            "low": 0.0,
            "high": 0.9,
            "levels": 3,
            "when": {"kind": ["sgd", "lion"], "switch": True},
        },
    },
    "stages": [
        {"samples": 60, "degree": 2, "sparsity": 2, "keep": 2, "fidelity": {"layers": 2}},
        {"samples": 30, "degree": 2, "sparsity": 1},
    ],
    "final": {"configurations": 9, "eta": 3, "min_budget": 1, "max_budget": 9},
}


def metric(configuration: dict[str, Any], budget: float, noise: float) -> float | None:
    """A few trainings fail; more budget is better; a switch and a product matter most."""
    if noise < 0.06:
        return None
    one = 1 if configuration["switch"] else -1
    two = 1 if configuration["size"] == 16 else -1
    return 10.0 + 3 * one * two + 4 * one + configuration["rate"] + noise + 0.2 * budget


def finished(root: Path) -> SearchRun:
    return run_search(root, CONFIG, metric)
