"""Exact minimisation, against trying every assignment."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harmonica_steps.spectral import minimisers

Table = tuple[tuple[int, ...], np.ndarray]


@st.composite
def problems(draw: st.DrawFn) -> tuple[list[Table], list[int]]:
    """Small integers as values, so that ties are the norm."""
    sizes = draw(st.lists(st.integers(2, 4), min_size=1, max_size=5))
    tables = []
    for _ in range(draw(st.integers(1, 5))):
        indices = st.lists(st.integers(0, len(sizes) - 1), min_size=1, max_size=3, unique=True)
        scope = tuple(draw(indices))
        shape = [sizes[v] for v in scope]
        count = int(np.prod(shape))
        values = draw(st.lists(st.integers(-3, 3), min_size=count, max_size=count))
        tables.append((scope, np.array(values, dtype=float).reshape(shape)))
    return tables, sizes


def total(tables: list[Table], levels: tuple[int, ...]) -> float:
    return sum(float(values[tuple(levels[v] for v in scope)]) for scope, values in tables)


@settings(deadline=None)
@given(problems(), st.sampled_from([1, 2, 5, 10**4]))
def test_equals_trying_every_assignment(problem: tuple[list[Table], list[int]], keep: int) -> None:
    tables, sizes = problem
    mentioned = {v for scope, _ in tables for v in scope}
    ranges = [range(size if v in mentioned else 1) for v, size in enumerate(sizes)]
    brute = sorted(total(tables, levels) for levels in product(*ranges))

    found = minimisers(tables, sizes, keep)
    assignments = [levels for levels, _ in found]
    assert len(set(assignments)) == len(assignments) == min(keep, len(brute))
    # Values are rounded to a millionth of the largest sum, see RESOLUTION.
    np.testing.assert_allclose([value for _, value in found], brute[:keep], atol=1e-3)
    assert [value for _, value in found] == [total(tables, levels) for levels in assignments]


@settings(deadline=None)
@given(problems(), st.integers(1, 8))
def test_more_assignments_start_with_the_fewer(
    problem: tuple[list[Table], list[int]], keep: int
) -> None:
    tables, sizes = problem
    best = [value for _, value in minimisers(tables, sizes, keep + 3)]
    np.testing.assert_allclose(
        [value for _, value in minimisers(tables, sizes, keep)], best[:keep], atol=1e-3
    )


def test_both_minima_of_a_parity_are_equally_good() -> None:
    table = np.array([[1.0, -1.0], [-1.0, 1.0]])
    assert minimisers([((0, 1), table)], [2, 2], 2) == [((0, 1), -1.0), ((1, 0), -1.0)]


def test_a_chain_of_forty_variables_is_solved_exactly() -> None:
    rng = np.random.default_rng(0)
    tables = [((v, v + 1), rng.normal(size=(3, 3))) for v in range(39)]
    best = np.zeros(3)
    for _, values in tables:
        best = (best[:, None] + values).min(axis=0)
    ((levels, value),) = minimisers(tables, [3] * 40, 1)
    assert value == pytest.approx(float(best.min()), abs=1e-3)
    assert value == pytest.approx(total(tables, levels))


def test_without_tables_every_variable_stays_at_its_first_level() -> None:
    assert minimisers([], [2, 3], 4) == [((0, 0), 0.0)]


def test_a_variable_may_have_more_than_127_levels() -> None:
    values = -np.arange(200.0)
    assert minimisers([((0,), values)], [200], 1) == [((199,), -199.0)]


@settings(deadline=None)
@given(problems(), st.integers(1, 4), st.integers(2, 3))
def test_assignments_apart_are_the_best_that_differ_enough(
    problem: tuple[list[Table], list[int]], keep: int, apart: int
) -> None:
    tables, sizes = problem
    expected: list[tuple[int, ...]] = []
    for levels, _ in minimisers(tables, sizes, 10**4):
        if all(sum(a != b for a, b in zip(levels, e, strict=True)) >= apart for e in expected):
            expected.append(levels)

    def differ(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
        return sum(a != b for a, b in zip(one, other, strict=True)) >= apart

    assert [levels for levels, _ in minimisers(tables, sizes, keep, differ)] == expected[:keep]


def test_a_huge_term_does_not_hide_a_small_one() -> None:
    tables = [((0,), np.array([0.0, 1e7])), ((1,), np.array([0.3, 0.0]))]
    assert [levels for levels, _ in minimisers(tables, [2, 2], 4)] == [
        (0, 1),
        (0, 0),
        (1, 1),
        (1, 0),
    ]


def test_forty_variables_in_one_component() -> None:
    """Far beyond enumeration, which would try 2 ** 40 assignments."""
    rng = np.random.default_rng(0)
    order = rng.permutation(40)
    scopes = [tuple(sorted(int(v) for v in order[i : i + 3])) for i in range(38)]
    tables = [(scope, rng.normal(size=(2, 2, 2))) for scope in scopes]
    found = minimisers(tables, [2] * 40, 8)
    assert len({levels for levels, _ in found}) == 8
    best, value = found[0]
    for v in range(40):  # no single change improves it
        changed = (*best[:v], 1 - best[v], *best[v + 1 :])
        assert total(tables, changed) >= value - 1e-6
