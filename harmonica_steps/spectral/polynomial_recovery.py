"""Polynomial sparse recovery as a scikit-learn estimator: it explains a table of named columns."""

from numbers import Integral
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted, validate_data
from threadpoolctl import threadpool_limits

from harmonica_steps.spectral.basis import Basis
from harmonica_steps.spectral.coding import Coding
from harmonica_steps.spectral.recovery import FEWEST, Recovery, Term, recover
from harmonica_steps.spectral.selection import SELECTIONS


class PolynomialRecovery(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Which columns of a table, alone or together, explain a number, beyond chance.

    Each column is coded in levels; the regression is on products of orthonormal functions of
    different columns (arXiv 1706.00764, algorithm 1). Only terms that are better than chance are
    kept: of a number that has nothing to do with the columns, at least 95 % of fits keep nothing.

    Parameters
    ----------
    degree
        Largest number of columns in a term; at most that of all columns is used.
    sparsity
        Largest number of terms.
    levels
        A column of numbers with more different values is cut into this many equally frequent
        levels. Text, booleans and categories have a level for each value.
    selection
        ``beam``, or ``lasso``, the paper's rule.

    Attributes
    ----------
    terms_ : pandas.DataFrame
        A row for each term that was kept, the largest first: ``columns`` (their names),
        ``weight`` (of two levels each the signed coefficient, when all are at the second; otherwise
        the root of the sum of squares), ``standard_error``, ``share`` (of the variance of y; they
        add up to `r2_`) and ``p_value`` (corrected for everything that was looked at).
    rejected_ : pandas.DataFrame
        The same of terms that are no better than chance.
    intercept_ : float
        The mean over all settings.
    r2_ : float
        Share of the variance that the terms explain on the samples they were fitted to.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Only where the columns of X have names; otherwise they are called x0, x1, ...

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from harmonica_steps.spectral import PolynomialRecovery
    >>> rng = np.random.default_rng(0)
    >>> X = pd.DataFrame({f"x{i}": rng.random(200) for i in range(20)})
    >>> X["kernel"] = rng.choice(["linear", "poly", "rbf"], size=200)
    >>> y = 3 * (X.x3 > 0.5) * (X.kernel == "rbf") + X.x7 + 0.1 * rng.normal(size=200)
    >>> sorted(PolynomialRecovery().fit(X, y).terms_["columns"])
    [('kernel',), ('x3',), ('x3', 'kernel'), ('x7',)]
    """

    terms_: pd.DataFrame
    rejected_: pd.DataFrame
    intercept_: float
    r2_: float

    def __init__(
        self, degree: int = 2, sparsity: int = 5, levels: int = 4, selection: str = "beam"
    ) -> None:
        self.degree = degree
        self.sparsity = sparsity
        self.levels = levels
        self.selection = selection

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Find the terms.

        Parameters
        ----------
        X : pandas.DataFrame or array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,)

        Returns
        -------
        PolynomialRecovery

        Raises
        ------
        ValueError
            Where scikit-learn's estimators raise it, and for fewer than 10 samples.
        """
        self._check_parameters()
        checked, scores = validate_data(
            self, _untyped(X), y, dtype=None, y_numeric=True, ensure_min_samples=FEWEST
        )
        table = _named(X, checked)
        self._codings = [Coding.of(table[name], self.levels) for name in table]
        self._varying = [i for i, coding in enumerate(self._codings) if coding.levels > 1]
        self._names = tuple(str(table.columns[i]) for i in self._varying)
        used = [self._codings[i] for i in self._varying]
        self._basis = Basis([c.levels for c in used], [c.ordered for c in used])
        if used:
            degree = min(self.degree, len(used))
            with threadpool_limits(1, "blas"):
                self._recovery = recover(
                    self._basis, self._code(table), scores, degree, self.sparsity, self.selection
                )
        else:
            self._recovery = Recovery.nothing(float(scores.mean()))
        self.terms_ = self._frame(self._recovery.terms)
        self.rejected_ = self._frame(self._recovery.rejected)
        self.intercept_, self.r2_ = self._recovery.intercept, self._recovery.r2
        return self

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Values of the polynomial.

        Parameters
        ----------
        X : pandas.DataFrame or array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,)
        """
        check_is_fitted(self)
        return self._recovery.predict(self._basis, self._code(self._table(X)))

    def effect(self, *columns: str) -> pd.Series:
        """What the term of some columns adds to the mean, for each combination of their levels.

        Parameters
        ----------
        *columns
            Names, as in a row of `terms_`.

        Returns
        -------
        pandas.Series
            Its index has a level for each column.

        Raises
        ------
        ValueError
            When there is no such term.
        """
        check_is_fitted(self)
        for term in self._recovery.terms:
            names = [self._names[v] for v in term.members]
            if sorted(names) == sorted(columns):
                table = self._basis.set_table(term.members, term.coefficients)
                labels = [self._codings[self._varying[v]].labels() for v in term.members]
                index = pd.MultiIndex.from_product(labels, names=names)
                return pd.Series(table.ravel(), index=index, name="effect")
        known = ", ".join(" x ".join(names) for names in self.terms_["columns"]) or "none"
        raise ValueError(f"there is no term {' x '.join(columns)}; there are: {known}")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        return tags

    def _check_parameters(self) -> None:
        for name, least in (("degree", 1), ("sparsity", 1), ("levels", 2)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
                raise ValueError(f"{name} == {value!r}, must be a whole number >= {least}.")
        if self.selection not in SELECTIONS:
            allowed = ", ".join(SELECTIONS)
            raise ValueError(f"selection == {self.selection!r}, must be one of {allowed}.")

    def _table(self, X: ArrayLike) -> pd.DataFrame:
        return _named(X, validate_data(self, _untyped(X), dtype=None, reset=False))

    def _code(self, table: pd.DataFrame) -> np.ndarray:
        coded = [self._codings[i].code(table.iloc[:, i]) for i in self._varying]
        return np.column_stack(coded) if coded else np.empty((len(table), 0), dtype=int)

    def _frame(self, terms: list[Term]) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "columns": [tuple(self._names[v] for v in term.members) for term in terms],
                "weight": [term.weight for term in terms],
                "standard_error": [term.standard_error for term in terms],
                "share": [term.share for term in terms],
                "p_value": np.exp([term.log_p for term in terms]),
            }
        )


def _untyped(X: ArrayLike) -> ArrayLike:
    """The same without types of columns, which scikit-learn would convert to one of all."""
    return X.astype(object) if isinstance(X, pd.DataFrame) else X


def _named(X: ArrayLike, checked: np.ndarray) -> pd.DataFrame:
    """The columns with the types that they had; an array's are called x0, x1, ..."""
    if isinstance(X, pd.DataFrame):
        return X.reset_index(drop=True)
    table = pd.DataFrame(checked).infer_objects()
    return table.set_axis([f"x{i}" for i in range(table.shape[1])], axis=1)
