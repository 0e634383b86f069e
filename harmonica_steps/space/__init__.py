"""The search space: parameters with a finite grid of levels, and the conditions among them."""

from harmonica_steps.space.parameters import Parameter, Value
from harmonica_steps.space.space import Space

__all__ = ["Parameter", "Space", "Value"]
