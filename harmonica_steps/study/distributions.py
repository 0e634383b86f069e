"""Parameters and their values as Optuna has them."""

import json
from typing import TYPE_CHECKING, Any

from harmonica_steps.space import Assigned, Interval, Parameter, Value
from harmonica_steps.space.kind_base import Listed, Range
from harmonica_steps.study.optional import optuna

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution


def distribution(parameter: Parameter, assigned: Assigned | None = None) -> "BaseDistribution":
    """The distribution of a parameter, or that of a number that is narrowed to an interval."""
    of = optuna().distributions
    found: BaseDistribution
    if isinstance(parameter, Range):
        kind = of.FloatDistribution if parameter.continuous else of.IntDistribution
        ends: Any = (parameter.low, parameter.high)
        if assigned is not None:
            ends = assigned if isinstance(assigned, Interval) else (assigned, assigned)
        found = kind(*ends, log=parameter.log)
    else:
        choices = parameter.grid()
        found = of.CategoricalDistribution([optuna_value(parameter, v) for v in choices])
    return found


def optuna_value(parameter: Parameter, value: Value) -> Value:
    """A value as Optuna has it.

    Optuna takes 1 and True for the same choice. Where both are values of a parameter, its choices
    are their JSON texts.
    """
    texts = isinstance(parameter, Listed) and parameter.look_alike
    return json.dumps(value) if texts else value
