"""The search space: parameters, the conditions among them, and boxes of it."""

from harmonica_steps.space.kind_base import Value
from harmonica_steps.space.parameters import Parameter
from harmonica_steps.space.region import Assigned, Interval, Region
from harmonica_steps.space.space import Space

__all__ = ["Assigned", "Interval", "Parameter", "Region", "Space", "Value"]
