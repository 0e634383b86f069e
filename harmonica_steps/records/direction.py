"""Which way a metric is better."""

from typing import Literal, assert_never

Direction = Literal["minimize", "maximize"]


def sign_of(direction: Direction) -> float:
    """What a metric is multiplied by so that smaller is better."""
    match direction:
        case "minimize":
            return 1.0
        case "maximize":
            return -1.0
        case _:
            assert_never(direction)
