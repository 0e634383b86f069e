"""The search through all products, against a plain enumeration."""

from itertools import combinations

import numpy as np
import pytest

from harmonica_steps.spectral import Basis
from harmonica_steps.spectral.products import count_products, leaders

BASES = {
    "bits": Basis([2] * 6, [True] * 6),
    "mixed": Basis([2, 3, 4, 2, 5], [True, False, True, False, False]),
    "one variable": Basis([4], [False]),
}


def every_product(basis: Basis, degree: int) -> list[tuple[int, ...]]:
    rows = range(len(basis.variable))
    return [
        product
        for size in range(1, degree + 1)
        for product in combinations(rows, size)
        if len({basis.variable[row] for row in product}) == size
    ]


@pytest.mark.parametrize("degree", [1, 2, 3])
@pytest.mark.parametrize("name", BASES)
def test_the_number_of_products(name: str, degree: int) -> None:
    basis = BASES[name]
    assert count_products(np.diff(basis.starts), degree) == len(every_product(basis, degree))


@pytest.mark.parametrize("most", [1, 7, 10**6])
@pytest.mark.parametrize("degree", [1, 2, 3])
@pytest.mark.parametrize("name", BASES)
def test_the_leaders_are_those_of_a_plain_enumeration(name: str, degree: int, most: int) -> None:
    basis = BASES[name]
    rng = np.random.default_rng(degree)
    features = basis.evaluate(rng.integers(basis.sizes, size=(40, len(basis.sizes))))
    residual = rng.normal(size=40)
    products, scores = leaders(features, basis.starts, basis.variable, residual, degree, most)
    expected = {
        product: abs(float(features[list(product)].prod(axis=0) @ residual))
        for product in every_product(basis, degree)
    }
    assert len(products) == len(set(products)) == min(most, len(expected))
    best = sorted(expected.values(), reverse=True)[:most]
    np.testing.assert_allclose(scores, best, atol=1e-9)
    np.testing.assert_allclose([expected[product] for product in products], best, atol=1e-9)


def test_only_products_above_the_bound_are_returned() -> None:
    basis = BASES["mixed"]
    rng = np.random.default_rng(5)
    features = basis.evaluate(rng.integers(basis.sizes, size=(40, 5)))
    residual = rng.normal(size=40)
    find = (features, basis.starts, basis.variable, residual, 3, 10**6)
    products, scores = leaders(*find)
    bound = float(np.median(scores))
    above, higher = leaders(*find, above=bound)
    assert higher.min() > bound
    assert set(above) == {p for p, s in zip(products, scores, strict=True) if s > bound}
    assert leaders(*find, above=1e9)[0] == []
