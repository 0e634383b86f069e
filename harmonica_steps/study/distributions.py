"""Parameters and their values as Optuna has them."""

import json
from typing import TYPE_CHECKING

from harmonica_steps.space import Parameter, Value
from harmonica_steps.space.parameters import Float, Integer
from harmonica_steps.study.optional import optuna

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution


def distribution(parameter: Parameter) -> "BaseDistribution":
    """The distribution of a parameter: its whole range, not only the levels that stages try."""
    of = optuna().distributions
    found: BaseDistribution
    if isinstance(parameter, Float):
        found = of.FloatDistribution(parameter.low, parameter.high, log=parameter.log)
    elif isinstance(parameter, Integer):
        found = of.IntDistribution(parameter.low, parameter.high, log=parameter.log)
    else:
        choices = parameter.grid()
        found = of.CategoricalDistribution([optuna_value(parameter, v) for v in choices])
    return found


def optuna_value(parameter: Parameter, value: Value) -> Value:
    """A value as Optuna has it.

    Optuna takes 1 and True for the same choice. Where both are values of a parameter, its choices
    are their JSON texts.
    """
    if isinstance(parameter, Float | Integer):
        return value
    return json.dumps(value) if len(set(parameter.grid())) < len(parameter.grid()) else value
