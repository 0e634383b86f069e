"""Numbers and settings as people write them."""

from typing import Any

from harmonica_steps.report.effects import shown


def number(value: float) -> str:
    """Four digits."""
    return f"{value:.4g}"


def settings(assignment: dict[str, Any]) -> str:
    """An assignment in the user's words."""
    return ", ".join(f"{name} = {shown(value)}" for name, value in assignment.items())
