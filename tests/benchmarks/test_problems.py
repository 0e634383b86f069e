"""The published problems of the benchmark of searches are what their authors say they are."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
sys.path += [str(BENCHMARKS), str(BENCHMARKS / "search"), str(BENCHMARKS.parent)]

import control  # noqa: E402
import suites  # noqa: E402
from best_known import contamination, mixint, nk  # noqa: E402
from control import (  # noqa: E402
    SIMULATIONS,
    STAGES,
    Chances,
    contamination_cost,
    pest_cost,
    prices,
)
from methods import METHODS, WITH_ORDER, applies  # noqa: E402
from objectives import OBJECTIVES  # noqa: E402
from problem import Problem, best_known, parsed  # noqa: E402
from reals import ackley, ackley53, floats  # noqa: E402
from suites import bbob_mixint, pbo  # noqa: E402

from harmonica_steps.space import Region  # noqa: E402

GAPS = ("onemax", "nk", "torus", "pest", "contamination", "ackley53", "mixint")


def uniform(space: dict[str, Any], count: int, seed: int) -> list[dict[str, Any]]:
    whole = Region.whole(parsed(space))
    points = whole.draw(np.random.default_rng(seed), count)
    return [whole.space.decode(point) for point in points]


def configuration(values: list[Any]) -> dict[str, Any]:
    return {f"x{i}": value for i, value in enumerate(values)}


@pytest.mark.parametrize("name", [*GAPS, "floats"])
def test_a_replicate_is_one_function_and_another_is_another(name: str) -> None:
    first, again, other = (OBJECTIVES[name](replicate) for replicate in (1, 1, 2))
    sample = uniform(first.space, 5, 1)
    assert first.space == again.space == other.space
    values = [first.train(c, 7, 3) for c in sample]
    assert values == [again.train(c, 7, 3) for c in sample]
    assert values != [other.train(c, 7, 3) for c in sample]


@pytest.mark.parametrize("name", GAPS)
def test_uniform_samples_have_a_gap_of_about_100_and_none_is_below_0(name: str) -> None:
    objective = OBJECTIVES[name](0)
    gaps = [objective.verdict(c) for c in uniform(objective.space, 500, 1)]
    assert objective.unit == "gap %"
    assert np.mean(gaps) == pytest.approx(100, abs=4)
    assert min(gaps) > 0


@pytest.mark.parametrize("name", GAPS)
def test_the_gap_ranks_configurations_as_the_training_does(name: str) -> None:
    objective = OBJECTIVES[name](1)
    sample = uniform(objective.space, 20, 2)
    values = [objective.train(c, 0, 3) for c in sample]
    assert values == [objective.train(c, 1, 1) for c in sample]  # no noise
    order = np.argsort(values, kind="stable")
    assert (np.diff([objective.verdict(sample[i]) for i in order]) >= -1e-9).all()


@pytest.mark.parametrize("replicate", [0, 1, 12])
def test_the_optimum_of_the_suites_has_no_gap(replicate: int) -> None:
    for name, function in {
        "onemax": pbo(1, 60, replicate),
        "torus": pbo(20, 64, replicate),
    }.items():
        optimum = configuration([bool(bit) for bit in function.optimum.x])
        assert OBJECTIVES[name](replicate).verdict(optimum) == pytest.approx(0, abs=1e-9)


def test_the_first_instances_of_the_suite_are_the_plain_functions() -> None:
    onemax, torus = OBJECTIVES["onemax"](0), OBJECTIVES["torus"](0)
    ones = [i < 17 for i in range(60)]
    assert onemax.train(configuration(ones), 0, 1) == -17
    assert onemax.verdict(configuration(ones)) == pytest.approx(100 * 43 / 30, rel=0.01)
    # One spin against all others disagrees with its four neighbours.
    flipped = configuration([i == 20 for i in range(64)])
    assert torus.train(flipped, 0, 1) == -(128 - 4)
    assert torus.verdict(flipped) == pytest.approx(100 * 4 / 64, rel=0.02)


def test_the_committed_values_are_what_the_program_finds() -> None:
    for replicate in (0, 3):
        assert best_known("nk", replicate) == pytest.approx(nk(replicate))
        assert best_known("mixint", replicate) == pytest.approx(mixint(replicate))
        exact = contamination(Chances.of(replicate))
        assert best_known("contamination", replicate) == pytest.approx(exact)
    with pytest.raises(SystemExit, match=r"nk for replicates 0 to 15, not for 16.*--replicates 17"):
        best_known("nk", 16)


def climbed(problem: Problem, changes: list[tuple[str, Any]], start: dict[str, Any]) -> float:
    """The value where no single change is better."""
    here, value = start, problem.value(start)
    while True:
        near = [here | {name: new} for name, new in changes]
        values = [problem.value(c) for c in near]
        if min(values) >= value:
            return value
        here, value = near[int(np.argmin(values))], min(values)


@pytest.mark.parametrize(
    ("problem", "levels"),
    [
        (suites.nk(5), (False, True)),
        (control.contamination(5), (False, True)),
        (control.pest(5), range(5)),
    ],
    ids=["nk", "contamination", "pest"],
)
def test_climbing_comes_near_the_best_known_value_and_never_beats_it(
    problem: Problem, levels: Sequence[Any]
) -> None:
    changes = [(name, level) for name in problem.space for level in levels]
    found = [climbed(problem, changes, start) for start in uniform(problem.space, 2, 3)]
    span = problem.uniform.mean() - problem.best
    assert min(found) >= problem.best - 1e-9
    assert min(found) < problem.best + 0.15 * span


def test_the_mixed_integers_have_the_levels_of_the_suite() -> None:
    space = OBJECTIVES["mixint"](0).space
    sizes = [p["high"] - p["low"] + 1 for p in space.values() if p["type"] == "int"]
    assert sizes == [2] * 8 + [4] * 8 + [8] * 8 + [16] * 8
    reals = [p for p in space.values() if p["type"] == "float"]
    assert reals == [{"type": "float", "low": -5.0, "high": 5.0}] * 8
    assert bbob_mixint(3, 40, 4).id == "bbob-mixint_f003_i05_d40"


CONSTANT = Chances(
    np.zeros(SIMULATIONS), np.full((STAGES, SIMULATIONS), 0.2), np.full((STAGES, SIMULATIONS), 0.5)
)
"""Without chance: a fifth of the rest is added, and an action works as it does on the median."""


def test_pesticides_have_the_published_prices_and_discounts() -> None:
    actions = np.array([[k] * STAGES for k in range(5)])
    assert prices(actions).tolist() == pytest.approx([0, 25 * 0.8, 20 * 0.7, 17.5 * 0.7, 12.5])
    ten = np.array([[2] * 10 + [0] * 15])
    assert prices(ten).tolist() == pytest.approx([10 * 0.8 * (1 - 0.3 * 10 / 25)])


def test_pests_are_paid_for_before_each_station() -> None:
    # 0, 0.2, 0.36, ...: all stations but the first.
    cost = pest_cost(CONSTANT)
    assert cost(np.zeros((1, STAGES), dtype=int)).tolist() == [24]


def test_pests_follow_the_published_definition() -> None:
    chances = Chances.of(3)
    actions = np.random.default_rng(0).integers(0, 5, STAGES)
    weakness = {1: 2 / 7, 2: 3 / 7, 3: 3 / 7, 4: 5 / 7}
    tolerance = {1: 1 / 7, 2: 2.5 / 7, 3: 2 / 7, 4: 0.5 / 7}
    share, above = chances.initial, 0.0
    for stage, action in enumerate(actions.tolist()):
        above += np.mean(share > 0.1)
        if action:
            # The distribution function of Beta(1, b) is 1 - (1 - x)^b.
            removed = 1 - (1 - chances.success[stage]) ** (1 / weakness[action])
            share = (1 - removed) * share
            weakness[action] += tolerance[action] / 25
        else:
            share = share + chances.spread[stage] * (1 - share)
    expected = above + prices(actions[None])[0]
    assert pest_cost(chances)(np.array([actions, actions]))[1] == pytest.approx(expected)


def test_contamination_is_paid_for_after_each_stage() -> None:
    cost = contamination_cost(CONSTANT)
    # Without preventions 0.2, 0.36, ...; with all it stays at 0, at the regularised price.
    assert cost(np.array([[0] * STAGES, [1] * STAGES])).tolist() == pytest.approx([25, 25.25])
    # 0.2, then 0.2 * (1 - 0.80): below the threshold, and 0.2 more of the rest above it.
    assert cost(np.array([[0, 1] + [0] * 23])).tolist() == pytest.approx([24 + 1.01])


def test_the_random_numbers_are_of_the_published_distributions() -> None:
    drawn = [Chances.of(seed) for seed in range(40)]
    assert np.mean([c.initial for c in drawn]) == pytest.approx(1 / 31, rel=0.1)
    assert np.mean([c.spread for c in drawn]) == pytest.approx(1 / (1 + 17 / 3), rel=0.02)
    assert np.mean([c.removed(2, 3 / 7) for c in drawn]) == pytest.approx(0.7, rel=0.03)


def test_ackley_is_zero_at_the_hidden_bits_alone() -> None:
    assert ackley(np.zeros(53)) == 0
    # One bit that differs: no wave, as the cosine has period 1.
    assert ackley(np.eye(53)[0]) == pytest.approx(20 - 20 * np.exp(-0.2 / np.sqrt(53)))
    problem = ackley53(4)
    hidden = np.random.default_rng([53, 4]).integers(0, 2, 50).astype(bool).tolist()
    best = configuration(hidden + [0.0] * 3)
    assert problem.gap(best) == 0
    assert problem.value(best | {"x0": not hidden[0]}) == pytest.approx(ackley(np.eye(53)[0]))
    assert problem.value(best | {"x51": 1.0}) == pytest.approx(ackley(np.eye(53)[0]))


def test_eight_of_the_floats_matter_and_the_optimum_is_inside() -> None:
    problem = floats(6)
    middle = configuration([0.5] * 20)
    moved = [problem.value(middle | {f"x{i}": 0.9}) != problem.value(middle) for i in range(20)]
    assert sum(moved) == 8
    rng = np.random.default_rng(1)
    best = middle
    for width in np.geomspace(0.3, 1e-4, 3000):
        near = {name: x + width * rng.standard_normal() for name, x in best.items()}
        best = min(best, near, key=problem.value)
    assert problem.value(best) == pytest.approx(0, abs=1e-3)
    assert all(0.19 < best[f"x{i}"] < 0.81 for i in np.flatnonzero(moved))


def test_the_noise_of_the_floats_is_a_tenth_of_their_deviation() -> None:
    objective, problem = OBJECTIVES["floats"](0), floats(0)
    middle = configuration([0.5] * 20)
    values = [objective.train(middle, seed, 1) for seed in range(400)]
    deviation = problem.uniform.std()
    assert np.std(values) == pytest.approx(0.1 * deviation, rel=0.1)
    assert np.mean(values) == pytest.approx(problem.value(middle), abs=0.02 * deviation)
    assert objective.verdict(middle) == pytest.approx(problem.value(middle) / deviation)


def test_methods_are_left_out_where_they_do_not_apply() -> None:
    spaces = {name: parsed(OBJECTIVES[name](0).space) for name in (*GAPS, "floats", "synthetic")}
    ordered = [n for n, s in spaces.items() if all(p.ordered for p in s.parameters.values())]
    assert sorted(ordered) == sorted(WITH_ORDER)
    assert not applies("cmaes-7x100", "pest")
    assert not applies("hyperband", "nk")
    assert all(applies("tpe-7x100", name) for name in OBJECTIVES)
    assert {name for name in METHODS if applies(name, "digits")} == {*METHODS} - {"cmaes-7x100"}
