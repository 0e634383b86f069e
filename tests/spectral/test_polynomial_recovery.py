"""The estimator for tables of the user's own."""

import doctest
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.utils.estimator_checks import parametrize_with_checks

from harmonica_steps.spectral import PolynomialRecovery, polynomial_recovery


def known_faults(_: object) -> dict[str, str]:
    """Those of scikit-learn's own checks."""
    if not sklearn.__version__.startswith("1.6."):
        return {}
    return {"check_positive_only_tag_during_fit": "subtracts in place from whole numbers"}


@parametrize_with_checks([PolynomialRecovery()], expected_failed_checks=known_faults)
def test_it_is_an_estimator_of_scikit_learn(estimator: Any, check: Any) -> None:
    check(estimator)


def test_its_example_is_right() -> None:
    assert doctest.testmod(polynomial_recovery).failed == 0


def table(samples: int = 300, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "rate": 10 ** rng.uniform(-4, -1, samples),
            "layers": rng.integers(1, 4, samples),
            "momentum": rng.random(samples) < 0.5,
            "optimiser": pd.Categorical(rng.choice(["sgd", "adam", "lion"], samples)),
            "constant": np.ones(samples),
            **{f"unused{i}": rng.random(samples) for i in range(10)},
        }
    )


def explained(samples: int = 300) -> tuple[pd.DataFrame, pd.Series]:
    X = table(samples)
    y = 2 * ((X["optimiser"] == "adam") & X["momentum"]) + 0.7 * X["layers"]
    return X, y + 0.1 * np.random.default_rng(1).normal(size=samples)


def test_terms_are_told_by_the_names_of_columns_of_any_type() -> None:
    X, y = explained()
    model = PolynomialRecovery().fit(X, y)
    assert {frozenset(names) for names in model.terms_["columns"]} >= {
        frozenset({"layers"}),
        frozenset({"momentum", "optimiser"}),
    }
    assert not {"constant"} & {name for names in model.terms_["columns"] for name in names}
    assert model.terms_["share"].sum() == pytest.approx(model.r2_)
    assert (model.terms_["p_value"] <= 0.05).all()
    assert (model.rejected_["p_value"] > 0.05).all()
    assert model.score(X, y) == pytest.approx(model.r2_)


def test_the_effect_of_a_term_is_told_by_levels() -> None:
    X, y = explained()
    effect = PolynomialRecovery().fit(X, y).effect("layers")
    assert effect.index.names == ["layers"]
    assert list(effect.index.get_level_values(0)) == ["below 1.5", "1.5 to 2.5", "from 2.5"]
    np.testing.assert_allclose(effect.to_numpy(), [-0.7, 0, 0.7], atol=0.05)
    assert effect.mean() == pytest.approx(0, abs=1e-9)


def test_a_term_that_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no term rate; there are: "):
        PolynomialRecovery().fit(*explained()).effect("rate")


def test_new_values_of_numbers_belong_to_a_level_and_new_categories_are_refused() -> None:
    X, y = explained()
    model = PolynomialRecovery().fit(X, y)
    changed = X.assign(layers=X["layers"] + 0.2)
    np.testing.assert_array_equal(model.predict(changed), model.predict(X))
    with pytest.raises(ValueError, match="column 'optimiser' has the value 'rmsprop'"):
        model.predict(X.assign(optimiser="rmsprop"))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"degree": 0}, "degree == 0"),
        ({"degree": True}, "degree == True"),
        ({"sparsity": 1.5}, "sparsity == 1.5"),
        ({"levels": 1}, "levels == 1"),
        ({"selection": "best"}, "selection == 'best', must be one of beam, lasso"),
    ],
)
def test_wrong_parameters_are_refused(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        PolynomialRecovery(**parameters).fit(*explained(50))


def test_noise_explains_nothing() -> None:
    noise = np.random.default_rng(0)
    kept = sum(
        bool(len(PolynomialRecovery().fit(table(100, seed), noise.normal(size=100)).terms_))
        for seed in range(20)
    )
    assert kept <= 3


def test_columns_that_do_not_vary_explain_nothing() -> None:
    X = pd.DataFrame({"a": np.zeros(20), "b": ["x"] * 20})
    model = PolynomialRecovery().fit(X, np.arange(20.0))
    assert model.terms_.empty
    assert model.predict(X) == pytest.approx(np.full(20, 9.5))
