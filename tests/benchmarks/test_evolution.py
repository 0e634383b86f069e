"""The benchmark's evolutionary rivals: they learn, on every kind of parameter."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
sys.path += [str(BENCHMARKS), str(BENCHMARKS / "search")]

from evolution import EVOLUTION, ga, run_evolution, umda  # noqa: E402
from problem import parsed  # noqa: E402

from harmonica_steps.config import Search, parse  # noqa: E402

SPACE = {
    **{f"x{i}": {"type": "bool"} for i in range(12)},
    "kind": {"type": "categorical", "values": ["a", "b", "c"]},
    "size": {"type": "int", "low": 1, "high": 8},
    "width": {"type": "int", "low": 1, "high": 1000, "log": True, "levels": 4},
    "rate": {"type": "float", "low": 0.0, "high": 1.0},
}


def metric(configuration: dict[str, Any], seed: int, budget: float) -> float:
    if configuration["kind"] == "c":
        return np.nan
    bits = sum(configuration[f"x{i}"] for i in range(12))
    rest = abs(configuration["size"] - 6) / 7 + abs(configuration["rate"] - 0.3)
    return float(bits + (configuration["kind"] == "a") + rest)


def config(seed: int, **more: Any) -> Search:
    final = {"optimiser": "optuna", "rounds": 5, "configurations": 40, **more}
    objective = {"command": "true"}
    return parse(
        {"search": "x", "seed": seed, "objective": objective, "space": SPACE}
        | {"stages": [], "final": final}
    )


@pytest.mark.parametrize("name", EVOLUTION)
def test_it_learns_in_spite_of_failures_and_is_a_function_of_the_seed(name: str) -> None:
    history = run_evolution(config(1), EVOLUTION[name], metric)
    values = [done.values for done in history.done.values()]
    assert [len(round_) for round_ in values] == [40] * 5
    assert np.isnan(values[0]).sum() > 5
    assert np.isnan(values[-1]).sum() < 5
    assert np.nanmean(values[-1]) < np.nanmean(values[0]) - 2
    best, value = history.ranked()[0]
    assert value == np.nanmin(values) == metric(best.configuration, 0, 1)
    again = run_evolution(config(1), EVOLUTION[name], metric)
    np.testing.assert_equal([done.values for done in again.done.values()], values)
    other = run_evolution(config(2), EVOLUTION[name], metric)
    assert not np.array_equal(other.done["final/round-0"].values, values[0])


@pytest.mark.parametrize("name", EVOLUTION)
def test_samples_are_values_of_the_space(name: str) -> None:
    history = run_evolution(config(3), EVOLUTION[name], metric)
    samples = [sample for done in history.done.values() for sample in done.samples]
    listed = [n for n in history.space.names if n not in ("width", "rate")]
    for sample in samples:
        here = sample.configuration
        assert here == history.space.decode(sample.point)
        assert all(here[n] in history.space.grids[n] for n in listed)
        assert isinstance(here["width"], int)
        assert 1 <= here["width"] <= 1000
        assert 0 <= here["rate"] <= 1
    assert len({sample.configuration["rate"] for sample in samples}) > 40
    assert len({sample.configuration["width"] for sample in samples}) > 10


def test_the_best_are_trained_once_more() -> None:
    retrain = {"configurations": 3, "budget": 2}
    history = run_evolution(config(1, retrain=retrain), ga, metric)
    again = history.done["final/retrain"]
    earlier = np.concatenate([d.values for n, d in history.done.items() if n != "final/retrain"])
    assert len(again.samples) == 3
    assert again.values[0] == np.nanmin(earlier)


def test_children_are_of_the_best_twenty_and_have_one_mutation_on_average() -> None:
    space = parsed({f"x{i}": {"type": "int", "low": 1, "high": 16} for i in range(10)})
    ranked = np.zeros((60, 10))
    ranked[20:] = 15
    children = ga(space, ranked, 4000, np.random.default_rng(0))
    # A mutation draws one of 16 values, so one in 16 leaves it as it was.
    assert (children != 0).sum(axis=1).mean() == pytest.approx(15 / 16, rel=0.05)
    ranked[:10] = 7
    crossed = ga(space, ranked, 4000, np.random.default_rng(0))
    mixed = ((crossed == 0).any(axis=1) & (crossed == 7).any(axis=1)).mean()
    assert 0.4 < mixed < 0.7


def test_frequencies_are_those_of_the_best_and_never_zero() -> None:
    space = parsed({f"x{i}": {"type": "bool"} for i in range(10)} | {"r": SPACE["rate"]})
    ranked = np.zeros((60, 11))
    ranked[:5, 1] = 1
    ranked[20:] = 1
    ranked[:, 10] = 0.3
    drawn = umda(space, ranked, 20000, np.random.default_rng(0))
    assert drawn[:, 0].mean() == pytest.approx(1 / 11 / (1 + 1 / 11), rel=0.1)
    assert drawn[:, 1].mean() == pytest.approx(5 / 20, rel=0.05)
    inside = (drawn[:, 10] >= 0.25) & (drawn[:, 10] < 0.375)
    assert inside.mean() == pytest.approx(1 / (1 + 7 / 11 / 7), rel=0.02)
