"""The scan of all products, against a plain enumeration."""

from itertools import combinations

import numpy as np
import pytest

from harmonica_steps.spectral import Basis
from harmonica_steps.spectral.leaders import leading_products, leading_sets
from harmonica_steps.spectral.products import Products, count_products

BASES = {
    "bits": Basis([2] * 6, [True] * 6),
    "mixed": Basis([2, 3, 4, 2, 5], [True, False, True, False, False]),
    "one variable": Basis([4], [False]),
    "sets larger than a rectangle": Basis([20, 20, 3], [False] * 3),
}
CASES = [
    (name, degree)
    for name, basis in BASES.items()
    for degree in range(1, min(len(basis.sizes), 5) + 1)
]


def every_product(basis: Basis, degree: int) -> list[tuple[int, ...]]:
    rows = range(len(basis.variable))
    return [
        product
        for size in range(1, degree + 1)
        for product in combinations(rows, size)
        if len({basis.variable[row] for row in product}) == size
    ]


def drawn(basis: Basis, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Values of the functions, and two residuals."""
    rng = np.random.default_rng(seed)
    levels = rng.integers(basis.sizes, size=(40, len(basis.sizes)))
    return basis.evaluate(levels), rng.normal(size=(2, 40))


@pytest.mark.parametrize(("name", "degree"), CASES)
def test_the_number_of_products(name: str, degree: int) -> None:
    basis = BASES[name]
    assert count_products(np.diff(basis.starts), degree) == len(every_product(basis, degree))


@pytest.mark.parametrize("precision", [np.float32, np.float64])
@pytest.mark.parametrize("most", [1, 7, 10**6])
@pytest.mark.parametrize(("name", "degree"), CASES)
def test_the_leaders_are_those_of_a_plain_enumeration(
    name: str, degree: int, most: int, precision: type
) -> None:
    basis = BASES[name]
    features, residuals = drawn(basis, degree)
    products = Products(features, basis.starts, degree, precision)
    every = every_product(basis, degree)
    values = np.stack([features[list(product)].prod(axis=0) for product in every])
    found = leading_products(products, residuals, most, np.full(2, -1.0))
    for (leading, scores), residual in zip(found, residuals, strict=True):
        expected = dict(zip(every, np.abs(values @ residual), strict=True))
        assert len(leading) == len(set(leading)) == min(most, len(every))
        best = sorted(expected.values(), reverse=True)[:most]
        np.testing.assert_allclose(scores, best, atol=1e-4)
        np.testing.assert_allclose([expected[p] for p in leading], scores, atol=1e-9)


def test_only_products_above_the_bound_are_returned() -> None:
    basis = BASES["mixed"]
    features, residuals = drawn(basis, 5)
    products = Products(features, basis.starts, 3)
    ((every, scores), _) = leading_products(products, residuals, 10**6, np.full(2, -1.0))
    bound = float(np.median(scores))
    ((above, higher), (none, _)) = leading_products(
        products, residuals, 10**6, np.array([bound, 1e9])
    )
    assert higher.min() > bound
    assert set(above) == {p for p, s in zip(every, scores, strict=True) if s > bound}
    assert none == []


@pytest.mark.parametrize(("name", "degree"), CASES)
def test_every_set_of_variables_is_scored_once(name: str, degree: int) -> None:
    basis = BASES[name]
    features, residuals = drawn(basis, degree)
    found = leading_sets(Products(features, basis.starts, degree), residuals, 10**6)
    for sizes in found:
        for size, sets in enumerate(sizes, start=1):
            expected = list(combinations(range(len(basis.sizes)), size))
            assert sorted(map(tuple, sets.tolist())) == expected


def test_the_leading_set_explains_most_for_its_number_of_functions() -> None:
    """A set of 9 functions explains more of pure noise than one of 1, and must not lead for it."""
    basis = Basis([4, 4, 2, 2], [False, False, True, True])
    features, residuals = drawn(basis, 0)
    signal = features[-1] * features[-2] + 0.3 * residuals
    for sizes in leading_sets(Products(features, basis.starts, 2), signal, 1):
        assert sizes[1].tolist() == [[2, 3]]
