"""Columns of a table as levels: what the recovery works on."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Coding:
    """How the values of a column become levels.

    Attributes
    ----------
    edges
        Of a column of numbers: level k are the values from edge k - 1 up to edge k.
    categories
        Of any other column: its values, in the order of their levels.
    """

    edges: np.ndarray | None
    categories: tuple[Any, ...] = ()

    @classmethod
    def of(cls, column: pd.Series, levels: int) -> "Coding":
        """Code a column of numbers in at most `levels` levels, any other in all its values.

        A number of few different values has a level for each of them; otherwise the levels are
        equally frequent.
        """
        if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
            return cls(None, tuple(sorted(column.unique(), key=lambda value: str(value))))
        values = column.to_numpy(dtype=float)
        distinct = np.unique(values)
        if len(distinct) <= levels:
            return cls((distinct[:-1] + distinct[1:]) / 2)
        inner = np.quantile(values, np.arange(1, levels) / levels, method="inverted_cdf")
        # A value in the middle of many equal ones must leave something on either side.
        return cls(np.unique(np.nextafter(inner[inner < distinct[-1]], np.inf)))

    @property
    def levels(self) -> int:
        """How many."""
        return len(self.categories) if self.edges is None else len(self.edges) + 1

    @property
    def ordered(self) -> bool:
        """Whether neighbouring levels are expected to behave alike."""
        return self.edges is not None

    def code(self, column: pd.Series) -> np.ndarray:
        """Level indices of values.

        Raises
        ------
        ValueError
            When a category was not there when the column was coded.
        """
        if self.edges is not None:
            values = column.to_numpy(dtype=float)
            return np.asarray(np.searchsorted(self.edges, values, side="right"))
        known = {category: level for level, category in enumerate(self.categories)}
        unknown = [value for value in column.unique() if value not in known]
        if unknown:
            raise ValueError(
                f"column {column.name!r} has the value {unknown[0]!r}, which was not among those "
                "that the model was fitted to"
            )
        return np.asarray(column.map(known).to_numpy(dtype=int))

    def labels(self) -> list[str]:
        """A name for each level."""
        if self.edges is None:
            return [str(category) for category in self.categories]
        inner = [f"{edge:.4g}" for edge in self.edges]
        between = [f"{low} to {high}" for low, high in pairwise(inner)]
        return [f"below {inner[0]}", *between, f"from {inner[-1]}"] if inner else ["all"]
