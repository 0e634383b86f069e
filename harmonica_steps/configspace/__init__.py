"""Search spaces in the JSON format of ConfigSpace, read and written as plain data."""

from harmonica_steps.configspace.read import Translated, from_configspace
from harmonica_steps.configspace.write import to_configspace

__all__ = ["Translated", "from_configspace", "to_configspace"]
