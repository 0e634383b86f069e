"""The synthetic objective is the published function, term by term."""

from __future__ import annotations

import numpy as np
import pytest
import yaml
from examples_support import EXAMPLES, load_example

example = load_example("synthetic/objective.py")

# The terms of the path on which every term is negative, with weights rounded to two digits.
PAPER = [
    {
        (14, 24, 38): -154.88,
        (13, 44, 52): -154.49,
        (9, 14, 30): -138.44,
        (8, 25, 46): 105.67,
        (17, 30, 48): -147.77,
    },
    {
        (21, 42, 51): -34.82,
        (0, 7, 8): 33.43,
        (11, 34, 36): -34.21,
        (18, 21, 48): 28.51,
        (14, 17): -44.98,
    },
    {
        (13, 22, 48): -9.05,
        (15, 18, 34): 6.46,
        (14, 20, 45): 8.47,
        (16, 50, 59): 6.35,
        (6, 27, 52): -8.76,
    },
]


@pytest.fixture(scope="module")
def function():
    return example.Synthetic(0)


def draw_points(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).choice([-1, 1], size=(count, 60))


def solve_signs(terms) -> np.ndarray:
    """Find a point at which every term is negative, by elimination over the field of two."""
    rows = [
        (sum(1 << v for v in term.variables), int(term.weight > 0))  # 1: the product is -1
        for term in terms
    ]
    pivots: dict[int, tuple[int, int]] = {}
    for mask, odd in rows:
        for pivot in sorted(pivots, reverse=True):
            if mask >> pivot & 1:
                mask, odd = mask ^ pivots[pivot][0], odd ^ pivots[pivot][1]
        assert mask or not odd, "no point makes every term negative"
        if mask:
            pivots[mask.bit_length() - 1] = (mask, odd)
    x = np.ones(60, dtype=int)
    for pivot in sorted(pivots):
        mask, odd = pivots[pivot]
        below = [v for v in range(pivot) if mask >> v & 1]
        x[pivot] = (-1) ** odd * np.prod(x[below], initial=1)
    return x


def test_negative_path_is_the_papers(function):
    assert len(function.negative_path) == len(PAPER)
    for terms, expected in zip(function.negative_path, PAPER, strict=True):
        assert {t.variables: round(t.weight, 2) for t in terms} == expected
        assert [t.variables for t in terms] == list(expected)  # in the order of the draws


def test_path_bound_is_the_papers_and_is_reached(function):
    assert function.path_bound == pytest.approx(-916.279, abs=5e-4)
    terms = [term for level in function.negative_path for term in level]
    x = solve_signs(terms)
    assert function.path(x) == function.negative_path
    assert function.value(x) == pytest.approx(function.path_bound)


def test_value_is_the_sum_of_the_terms_on_the_path(function):
    for x in draw_points(20):
        terms = [term for level in function.path(x) for term in level]
        total = sum(term.weight * np.prod(x[list(term.variables)]) for term in terms)
        assert function.value(x) == pytest.approx(total)


def test_the_signs_of_a_level_choose_the_next_list(function):
    x = draw_points(1)[0]
    paths = set()
    for variable in range(60):
        flipped = x.copy()
        flipped[variable] *= -1
        first, second, _ = function.path(flipped)
        assert first == function.negative_path[0]  # level 0 has one list only
        paths.add(tuple(second))
    assert len(paths) > 5


def test_many_points_at_once_agree_with_one_at_a_time(function):
    points = draw_points(50)
    values = function.value(points)
    assert values.shape == (50,)
    np.testing.assert_array_equal(values, [function.value(x) for x in points])


def test_other_seeds_are_other_functions(function):
    points = draw_points(10)
    assert not np.allclose(example.Synthetic(1).value(points), function.value(points))


def test_objective_adds_noise_that_only_the_seed_decides(function):
    x = draw_points(1)[0]
    configuration = {f"x{i}": int(sign) for i, sign in enumerate(x)}
    noise = [example.objective(configuration, seed=s) - function.value(x) for s in range(200)]
    assert example.objective(configuration, seed=3) - function.value(x) == noise[3]
    assert min(noise) >= 0
    assert max(noise) < 4
    assert np.mean(noise) == pytest.approx(2, abs=0.3)


@pytest.mark.parametrize("x", [np.zeros(60), np.ones(59), np.ones((2, 2, 60))])
def test_bad_points_are_refused(function, x):
    with pytest.raises(ValueError, match="point"):
        function.value(x)


def test_space_names_what_the_objective_reads():
    space = yaml.safe_load((EXAMPLES / "synthetic/space.yaml").read_text())
    assert list(space) == [f"x{i}" for i in range(60)]
    assert all(spec == {"type": "categorical", "values": [-1, 1]} for spec in space.values())
