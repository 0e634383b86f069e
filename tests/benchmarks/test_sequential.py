"""The benchmark's sequential sampler: one study, which learns from each trial."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
sys.path += [str(BENCHMARKS), str(BENCHMARKS / "search")]

from sequential import run_sequentially  # noqa: E402

from harmonica_steps.config import Search, parse  # noqa: E402
from harmonica_steps.optimisers.optuna_rounds import OptunaRounds  # noqa: E402

FINAL = {"optimiser": "optuna", "rounds": 40, "configurations": 1}


def metric(configuration: dict[str, Any], seed: int, budget: float) -> float:
    if configuration["x0"] and not configuration["x1"]:
        return np.nan
    return float(sum(configuration.values()))


def searched(seed: int, **more: Any) -> tuple[Search, list[float]]:
    space = {f"x{i}": {"type": "bool"} for i in range(8)}
    config = parse(
        {"search": "x", "seed": seed, "objective": {"command": "true"}, "space": space}
        | {"stages": [], "final": {**FINAL, **more}}
    )
    assert isinstance(config.final, OptunaRounds)
    history = run_sequentially(config, config.final, metric)
    assert len(history.done) == 40 + bool(more)
    best, value = history.ranked()[0]
    assert value == metric(
        {**best.configuration, **(config.final.retrain.fidelity if config.final.retrain else {})},
        0,
        1,
    )
    return config, [float(done.values[0]) for done in history.done.values()]


def test_it_learns_and_is_a_function_of_the_seed() -> None:
    _, values = searched(1)
    assert np.isnan(values).any()
    assert np.nanmean(values[-15:]) < np.nanmean(values[:15]) - 1
    assert np.nanmin(values) <= 1
    np.testing.assert_equal(searched(1)[1], values)
    assert searched(2)[1] != values


def test_the_best_are_trained_once_more() -> None:
    again = {"configurations": 3, "budget": 2, "fidelity": {"more": 10}}
    _, values = searched(1)
    config, found = searched(1, retrain=again)
    assert found[:40] == pytest.approx(values, nan_ok=True)
    best = {value for value in values if value == value}
    assert config.final.retrain
    assert found[40] == min(best) + 10
