"""Bounds of every number and text of a configuration: one type for each kind."""

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from harmonica_steps.space.numbers import Real as Real
from harmonica_steps.space.numbers import Whole as Whole
from harmonica_steps.space.numbers import number
from harmonica_steps.terminal import quoted

MOST_TRAININGS = 1_000_000
"""Most trainings of a search, and so of each of its parts."""

MOST_PARTS = 1_000
"""Most stages, and most rounds or rungs of the final search."""

MOST_PARAMETERS = 10_000

MOST_CLAUSES = 1_000
"""Most forbidden combinations."""

LONGEST_TIMEOUT = 366 * 24 * 3600
"""Seconds."""

LARGEST_METRIC = 1e100

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def one_line(text: str) -> str:
    """Raise a `ValueError` for a text with control characters, line breaks included."""
    if found := _CONTROL.search(text):
        raise ValueError(f"holds the control character {found[0]!a}, got {quoted(text)}; remove it")
    return text


Count = Annotated[Whole, Field(ge=1, le=MOST_TRAININGS)]
"""Number of trainings."""

Rounds = Annotated[Whole, Field(ge=1, le=MOST_PARTS)]

Share = Annotated[Real, Field(ge=0, le=1)]

Budget = Annotated[int | float, BeforeValidator(number), Field(gt=0, le=1e15)]

Line = Annotated[str, Field(min_length=1, max_length=1_000), AfterValidator(one_line)]
"""A name or a path."""

Names = Annotated[list[Line], Field(max_length=1_000)]
