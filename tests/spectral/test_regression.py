"""Least squares over sets of variables, against what others compute."""

import numpy as np
import pytest
from sklearn.feature_selection import f_regression

from harmonica_steps.spectral import Basis
from harmonica_steps.spectral.regression import Regression


def test_the_p_value_of_one_switch_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(2)
    levels = rng.integers(2, size=(60, 4))
    scores = levels @ [0.0, 0.3, 1.0, 5.0] + rng.normal(size=60)
    regression = Regression(
        Basis([2] * 4, [True] * 4), levels, (scores - scores.mean()) / scores.std()
    )
    found = [regression.log_p([], [(variable,)]) for variable in range(4)]
    assert np.exp(found) == pytest.approx(f_regression(levels, scores)[1])


def test_what_explains_everything_has_no_chance_to_be_noise() -> None:
    levels = np.random.default_rng(2).integers(2, size=(60, 2))
    scores = levels[:, 0] - levels[:, 0].mean()
    regression = Regression(Basis([2, 2], [True, True]), levels, scores / scores.std())
    assert regression.log_p([], [(0,)]) == -np.inf
    assert regression.log_p([(0,)], [(0,), (1,)]) == 0
