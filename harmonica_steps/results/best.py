"""The best configuration, as ``best.json`` has it; an earlier version may have written it."""

from pathlib import Path
from typing import NotRequired, TypedDict

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import damaged, json_in, read_bytes
from harmonica_steps.records.best import among
from harmonica_steps.space import Space
from harmonica_steps.typed import Budget, Count, Metric, Seed, Value, conform

REPAIR = "Delete it and run snakemake again, which writes it again."


class Better(TypedDict):
    """A training that was better than the answer but did not compete."""

    note: str


class Best(TypedDict):
    """The answer of a search."""

    search: str
    metric: str
    value: Metric
    values: NotRequired[list[Metric | None]]
    metrics: dict[str, Metric]
    configuration: dict[str, Value]
    seed: Seed
    budget: Budget
    competed: NotRequired[Count]
    better: NotRequired[Better | None]
    record: str
    train_again: str


def read_best(path: Path, space: Space) -> Best:
    """Read the best configuration of a search.

    Raises
    ------
    HarmonicaError
        When it cannot be read, is damaged, or is not of this space.
    """
    return best_in(read_bytes(path, repair=REPAIR), path, space)


def best_in(content: bytes, path: Path, space: Space) -> Best:
    """The best configuration in a file, see `read_best`."""
    best = conform(json_in(content, path, REPAIR), Best, path, REPAIR)
    for name in space.names:
        if name in best["configuration"]:
            try:
                space.coordinate(name, best["configuration"][name])
            except HarmonicaError as error:
                raise damaged(path, f"configuration.{error}".rstrip("."), REPAIR) from None
    return best


def chosen(best: Best) -> str:
    """How it was chosen, e.g. ``best of 9 at budget 27``."""
    if "competed" not in best:
        return f"budget {best['budget']:g}"
    values = [value for value in best.get("values", []) if value is not None]
    return among(best["competed"], best["budget"], len(values))


def better_elsewhere(best: Best) -> str | None:
    """A sentence about a training that was better but did not compete, if there is one."""
    better = best.get("better")
    return better["note"] if better else None
