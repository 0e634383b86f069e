"""Numbers as people write them, also where YAML 1.1 takes them for text."""

import re
from collections.abc import Iterable
from typing import Annotated

from pydantic import BeforeValidator

from harmonica_steps.terminal import quoted

NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)e[-+]?\d+", re.IGNORECASE)
"""What people read as a number and YAML 1.1 as text, because it lacks a point or a sign."""


def number(value: object) -> object:
    """What stands where a number must: 1e3 is one, true is not."""
    if isinstance(value, bool):
        raise ValueError(f"must be a number, got {value}")
    if isinstance(value, str) and NUMBER.fullmatch(value):
        found = float(value)
        return int(found) if found.is_integer() else found
    return value


Whole = Annotated[int, BeforeValidator(number)]
"""A whole number, which may be written as 1e3."""

Real = Annotated[float, BeforeValidator(number)]
"""A number, which may be written as 1e3."""


def no_number_is_text(values: Iterable[object]) -> None:
    """Raise a `ValueError` for 1e-4 in YAML, which the program would get as a text."""
    for value in values:
        if isinstance(value, str) and NUMBER.fullmatch(value):
            digits, exponent = value.lower().split("e")
            point = "" if "." in digits else ".0"
            sign = "" if exponent[0] in "+-" else "+"
            if len(value) > 40:
                raise ValueError(f"{quoted(value)} is a number that YAML reads as text")
            as_number = f"{digits}{point}e{sign}{exponent}"
            raise ValueError(f"YAML reads {value} as text, not as a number: write {as_number}")
