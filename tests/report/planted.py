"""Searches with planted effects, to be compared: the same gain, other units, a depth in one."""

from pathlib import Path
from typing import Any

from report_support import Metric, run_search

LONG = "a-search-with-a-name-of-sixty-characters-that-ends-in-a-word"

CONFIG: dict[str, Any] = {
    "search": "one",
    "seed": 1,
    "objective": {"command": "true", "metric": "val <b>error</b>", "timeout": 60},
    "space": {
        "gain": {"type": "bool"},
        "units": {"type": "categorical", "values": ["small", "large"]},
        "rate": {"type": "float", "low": 0.001, "high": 1.0, "log": True, "levels": 4},
        **{f"</td>dummy {i}": {"type": "bool"} for i in range(6)},
    },
    "stages": [{"samples": 120, "degree": 1, "sparsity": 4}],
    "final": {"configurations": 12, "max_budget": 1},
}
"""Of the first search; the second one has another seed, and a parameter more."""


def planted(units: str) -> Metric:
    """The gain is best when it is on, and the units as they are said; depth where it is there."""

    def metric(configuration: dict[str, Any], budget: float, noise: float) -> float | None:
        if noise < 0.03:
            return None
        value = 20.0 - 0.2 * budget + noise
        value += -4 if configuration["gain"] else 4
        value += -2 if configuration["units"] == units else 2
        return value + (2 if configuration.get("depth", 1) > 2 else 0)

    return metric


def changed(**keys: Any) -> dict[str, Any]:
    """The configuration with other keys."""
    return {**CONFIG, **keys}


def other(root: Path, **keys: Any) -> Path:
    """A finished search with other keys, for which small units are better."""
    return run_search(root, changed(search=root.name, **keys), planted("small")).folder.root


def three_searches(home: Path) -> list[Path]:
    """Small units are better in the first and last; the second one has a depth as well."""
    space = {**CONFIG["space"], "depth": {"type": "int", "low": 1, "high": 4}}
    config = changed(search=LONG, seed=2, space=space)
    second = run_search(home / LONG, config, planted("large")).folder.root
    return [other(home / "one"), second, other(home / "three", seed=3)]
