"""What ``best.json`` says about the choice; an earlier version may have written it."""

from typing import Any

from harmonica_steps.records.best import among


def chosen(best: dict[str, Any]) -> str:
    """How it was chosen, e.g. ``best of 9 at budget 27``."""
    if "competed" not in best:
        return f"budget {best['budget']:g}"
    values = [value for value in best["values"] if value is not None]
    return among(best["competed"], best["budget"], len(values))


def better_elsewhere(best: dict[str, Any]) -> str | None:
    """A sentence about a training that was better but did not compete, if there is one."""
    better = best.get("better")
    return str(better["note"]) if better else None
