"""What is known of all effects, and how guided samples make use of it."""

from collections.abc import Callable

import numpy as np
import pytest
from guided_support import chosen, of, proposed, uniform_round
from search_support import bits, space

from harmonica_steps.search.draw import CHILD, GUIDED, MUTANT
from harmonica_steps.search.guided import Guide
from harmonica_steps.search.model import Model, intervals
from harmonica_steps.search.samples import Samples
from harmonica_steps.space import Space

BITS = bits(12)
NUMBERS = space(**{f"x{i}": {"type": "float", "low": 0.0, "high": 1.0} for i in range(10)})
MIDDLE = np.array([0.2, 0.5, 0.73, 1.0, 0.0, 0.4, 0.6, 0.9, 0.1, 0.3])


def drawn(where: Space, rounds: list[Samples], count: int = 300) -> np.ndarray:
    """Points that a model of some rounds draws."""
    model, rng = Model(where, rounds), np.random.default_rng(0)
    return np.array([model.draw(rng) for _ in range(count)])


def test_a_certain_effect_is_nearly_frozen_and_a_doubtful_one_is_not() -> None:
    low = []
    for seed in range(16):
        rng = np.random.default_rng(seed)
        found = uniform_round(BITS, lambda x: 3.0 * x["p0"] + 0.05 * x["p1"], 100, seed)
        found = found._replace(scores=found.scores + rng.normal(size=100))
        low.append((drawn(BITS, [found]) == 0).mean(axis=0))
    certain, doubtful, *rest = np.mean(low, axis=0)
    assert certain > 0.99
    assert 0.6 < doubtful < 0.95
    assert np.mean(rest) == pytest.approx(0.5, abs=0.1)
    few, many = np.quantile(np.array(low)[:, 2:], [0.3, 0.7])
    assert few > 0.02
    assert many < 0.98


def test_the_cells_of_a_certain_pair_are_chosen_together() -> None:
    found = uniform_round(BITS, lambda x: -2.0 * x["p3"] * x["p7"] + x["p5"], 100)
    assert Model(BITS, [found]).pairs == [(3, 7)]
    points = drawn(BITS, [found])
    assert (points[:, 3] == points[:, 7]).mean() > 0.95
    assert (points[:, 5] == 0).mean() > 0.95


def test_of_a_certain_pair_of_numbers_the_best_corner_is_chosen() -> None:
    found = uniform_round(NUMBERS, lambda x: -(2 * x["x2"] - 1) * (2 * x["x4"] - 1), 300)
    assert Model(NUMBERS, [found]).pairs == [(2, 4)]
    points = drawn(NUMBERS, [found])
    assert ((points[:, 2] < 0.5) == (points[:, 4] < 0.5)).mean() > 0.9


def test_a_number_is_drawn_where_its_curve_is_lowest() -> None:
    found = uniform_round(NUMBERS, lambda x: (x["x1"] - 0.6) ** 2 - 0.5 * x["x5"], 200)
    points = drawn(NUMBERS, [found])
    assert np.median(points[:, 1]) == pytest.approx(0.6, abs=0.08)
    assert np.median(points[:, 5]) > 0.95
    assert points[:, 0].std() > 0.15


@pytest.mark.parametrize("count", [1, 3, 20])
def test_a_model_of_few_samples_draws_points_of_the_space(count: int) -> None:
    where = space(
        rate={"type": "float", "low": 1e-4, "high": 1.0, "log": True},
        kind={"type": "categorical", "values": ["a", "b", "c"]},
    )
    points = drawn(where, [uniform_round(where, lambda x: x["rate"], count)], 50)
    assert ((points >= 0) & (points <= [1.0, 2.0])).all()
    assert set(points[:, 1]) <= {0.0, 1.0, 2.0}


def test_what_guided_samples_have_in_common_is_not_credited_to_a_parameter() -> None:
    """They are better than uniform ones, and all have p0 = -1, which does nothing."""
    rng = np.random.default_rng(0)
    uniform = uniform_round(BITS, lambda _: 0.0, 60)
    uniform = uniform._replace(scores=rng.normal(size=60))
    points = rng.integers(2, size=(60, 12)).astype(float)
    points[:, 0] = 0.0
    guided = chosen(points, rng.normal(size=60) - 3.0, GUIDED)
    assert (drawn(BITS, [uniform, guided])[:, 0] == 0).mean() < 0.95
    mean = Model(BITS, [uniform, guided]).effects.mean
    assert abs(mean[0]) < 0.2


def test_samples_outside_an_interval_do_not_bend_the_curve_inside() -> None:
    """They are better the lower the number, but what is known inside has its best in the middle."""
    where = space(
        x={"type": "float", "low": 0, "high": 1}, y={"type": "float", "low": 0, "high": 1}
    )
    rng = np.random.default_rng(0)

    def objective(x: float) -> float:
        return 100 * (x - 0.5) ** 2 if 0.3 < x < 0.7 else 10 * x - 20

    old = uniform_round(where, lambda found: objective(found["x"]), 100)
    later = []
    for _ in range(3):
        points = 0.4 + 0.2 * rng.random((60, 2))
        later.append(chosen(points, np.array([objective(x) for x, _ in points]), GUIDED))
    region = intervals(where, [old, *later])
    assert ((region.low > 0.25) & (region.high < 0.75)).all()
    points = drawn(where, [old, *later])
    assert region.contains(points).all()
    assert np.median(points[:, 0]) == pytest.approx(0.5, abs=0.03)
    assert points[:, 0].std() < 0.06


@pytest.mark.parametrize("transform", [np.exp, lambda y: y**3, lambda y: 7 * y - 3])
def test_any_increasing_function_of_the_metric_is_the_same_to_it(
    transform: Callable[[np.ndarray], np.ndarray],
) -> None:
    found = uniform_round(NUMBERS, bowl, 80)
    changed = found._replace(scores=transform(found.scores))
    assert drawn(NUMBERS, [found], 20).tolist() == drawn(NUMBERS, [changed], 20).tolist()


def bowl(x: dict[str, object]) -> float:
    return float(sum((x[f"x{i}"] - at) ** 2 for i, at in enumerate(MIDDLE)))


def rounds_of(count: int, size: int = 80, seed: int = 0) -> list[Samples]:
    """Rounds of guided samples after one that is uniform."""
    rounds = [uniform_round(NUMBERS, bowl, size, seed)]
    for number in range(count):
        rounds.append(of(NUMBERS, proposed(Guide(NUMBERS, rounds), size, seed + number), bowl))
    return rounds


@pytest.mark.parametrize("seed", range(3))
def test_intervals_shrink_around_the_optimum_and_stay_inside_the_range(seed: int) -> None:
    widths = []
    rounds = rounds_of(5, seed=seed)
    for number in range(1, len(rounds) + 1):
        region = intervals(NUMBERS, rounds[:number])
        assert (region.low >= 0).all()
        assert (region.high <= 1).all()
        assert (region.high > region.low).all()
        widths.append(region.high - region.low)
    assert widths[0].tolist() == [1.0] * 10
    assert widths[-1].mean() < 0.75 * widths[0].mean()
    assert (np.abs(np.clip(MIDDLE, region.low, region.high) - MIDDLE) < 0.05).all()
    best = [found.scores.min() for found in rounds]
    assert best[-1] < best[0] / 5
    assert np.median(rounds[-1].scores) < np.median(rounds[0].scores) / 3


def test_a_uniform_round_and_a_small_one_leave_the_intervals_as_they_are() -> None:
    first = uniform_round(NUMBERS, bowl, 80)
    small = of(NUMBERS, proposed(Guide(NUMBERS, [first]), 5), bowl)
    region = intervals(NUMBERS, [first, first, small])
    assert (region.low.tolist(), region.high.tolist()) == ([0.0] * 10, [1.0] * 10)


def test_an_interval_never_gets_narrower_than_a_thousandth() -> None:
    first = uniform_round(NUMBERS, bowl, 40)
    points = np.tile(MIDDLE, (20, 1))
    rounds = [chosen(points, np.zeros(20), GUIDED)] * 40
    region = intervals(NUMBERS, [first, *rounds])
    assert (region.high - region.low >= 0.5e-3 - 1e-9).all()
    assert (region.high - region.low < 2e-3).all()
    assert (region.low >= 0).all()
    assert (region.high <= 1).all()


def test_every_kind_of_guided_sample_moves_the_intervals_and_no_other() -> None:
    first = uniform_round(NUMBERS, bowl, 40)
    points = np.full((20, 10), 0.5)
    for origin in (GUIDED, CHILD, MUTANT):
        assert (intervals(NUMBERS, [first, chosen(points, np.zeros(20), origin)]).low > 0.3).all()
    for origin in ("uniform", "start", "best", "copied", "asked"):
        assert (intervals(NUMBERS, [first, chosen(points, np.zeros(20), origin)]).low == 0).all()
