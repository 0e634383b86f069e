"""The functions of the variables."""

from itertools import product

import numpy as np
import pytest

from harmonica_steps.spectral import Basis
from harmonica_steps.spectral.basis import contrasts


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("levels", [2, 3, 4, 5, 8, 16, 64])
def test_contrasts_are_orthonormal_and_have_mean_zero(levels: int, ordered: bool) -> None:
    rows = contrasts(levels, ordered)
    assert len(rows) == (min(levels - 1, 3) if ordered else levels - 1)
    np.testing.assert_allclose(rows @ rows.T / levels, np.eye(len(rows)), atol=1e-10)
    np.testing.assert_allclose(rows.mean(axis=1), 0, atol=1e-10)


@pytest.mark.parametrize("ordered", [True, False])
def test_two_levels_are_the_parity_of_the_paper(ordered: bool) -> None:
    np.testing.assert_allclose(contrasts(2, ordered), [[-1.0, 1.0]], atol=1e-15)


def test_the_first_ordered_function_is_the_linear_trend() -> None:
    np.testing.assert_allclose(np.diff(contrasts(5, True)[0]), np.sqrt(0.5))


def test_products_of_distinct_variables_are_orthonormal_under_the_product_measure() -> None:
    basis = Basis([2, 3, 4], [True, False, True])
    grid = np.array(list(product(range(2), range(3), range(4))))
    features = basis.evaluate(grid)
    sets = [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)]
    columns = np.concatenate([basis.set_columns(features, members) for members in sets])
    assert len(columns) == 2 * 3 * 4 - 1
    np.testing.assert_allclose(columns @ columns.T / len(grid), np.eye(len(columns)), atol=1e-12)


def test_the_table_of_a_set_holds_the_sum_of_its_columns() -> None:
    basis = Basis([2, 3, 4], [True, False, True])
    grid = np.array(list(product(range(2), range(3), range(4))))
    coefficients = np.arange(1.0, 7.0)  # 2 functions of variable 1, 3 of variable 2
    columns = basis.set_columns(basis.evaluate(grid), (1, 2))
    table = basis.set_table((1, 2), coefficients)
    assert table.shape == (3, 4)
    np.testing.assert_allclose(table[grid[:, 1], grid[:, 2]], coefficients @ columns)
