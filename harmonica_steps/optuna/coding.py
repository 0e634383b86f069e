"""The distributions of Optuna as parameters of Harmonica, and their values."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from pydantic import ValidationError

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.space import Parameter, Space, Value
from harmonica_steps.space.parameters import MOST_LEVELS, Categorical, Float, Integer

CELLS = 2
"""A range must say into how many cells it is cut; guided samples make no use of the number."""


class Code(NamedTuple):
    """A distribution as a parameter."""

    parameter: Parameter
    ours: Callable[[Any], Value]
    """The parameter's value for one of Optuna's."""
    theirs: Callable[[Any], Any]
    """The reverse."""


def code_of(distribution: BaseDistribution) -> Code | None:
    """Describe a distribution.

    Choices and evenly spaced numbers become the index of the value.

    Returns
    -------
    Code or None
        None if there is only one value, or if no parameter has such a range (e.g. beyond 1e15).
    """
    try:
        return None if distribution.single() else _code(distribution)
    except ValidationError:
        return None


def _code(distribution: BaseDistribution) -> Code | None:
    match distribution:
        case CategoricalDistribution(choices=choices):
            indices = Categorical(type="categorical", values=list(range(len(choices))))
            return Code(indices, distribution.to_internal_repr, choices.__getitem__)
        case IntDistribution(low=low, high=high, log=True):
            return Code(Integer(type="int", low=low, high=high, log=True, levels=CELLS), int, int)
        case FloatDistribution(low=low, high=high, log=log, step=None):
            return Code(
                Float(type="float", low=low, high=high, log=log, levels=CELLS), float, float
            )
        case IntDistribution(low=low, high=high, step=step):
            return _evenly_spaced(low, high, step)
        case FloatDistribution(low=low, high=high, step=step) if step:
            return _evenly_spaced(low, high, step)
    return None


def _evenly_spaced(low: float, high: float, step: float) -> Code:
    last = round((high - low) / step)
    levels = None if last < MOST_LEVELS else CELLS
    return Code(
        Integer(type="int", low=0, high=last, levels=levels),
        lambda value: round((value - low) / step),
        lambda index: min(low + index * step, high),
    )


class Coding:
    """Distributions as a space.

    Parameters
    ----------
    distributions
        Each must have a code.
    """

    def __init__(self, distributions: Mapping[str, BaseDistribution]) -> None:
        found = {name: code_of(distribution) for name, distribution in distributions.items()}
        self._codes = {name: code for name, code in found.items() if code}
        self.space = Space({name: code.parameter for name, code in self._codes.items()})

    def point(self, params: Mapping[str, Any]) -> np.ndarray | None:
        """The coordinates of a trial; None if it lacks a parameter or is out of a range."""
        if not self._codes.keys() <= params.keys():
            return None
        try:
            return self.space.point({n: code.ours(params[n]) for n, code in self._codes.items()})
        except (HarmonicaError, ValueError):  # Optuna raises the second for an unknown choice
            return None

    def params(self, point: np.ndarray) -> dict[str, Any]:
        """The values at these coordinates."""
        values = self.space.decode(point)
        return {name: code.theirs(values[name]) for name, code in self._codes.items()}
