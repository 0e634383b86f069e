"""A function that others have published, and what is known about its values."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from harmonica_steps.config import parse
from harmonica_steps.space import Region, Space

UNIFORM = 2000
"""Uniform samples that the mean and the standard deviation of a problem are taken from."""

BEST_KNOWN = Path(__file__).parent / "best_known.json"
"""What `best_known.py` has found: the value for each problem and replicate."""


@dataclass(frozen=True)
class Problem:
    """One function without noise; smaller is better."""

    space: dict[str, Any]
    value: Callable[[dict[str, Any]], float]
    """The function of a configuration."""
    best: float
    """The best value known."""

    @cached_property
    def uniform(self) -> np.ndarray:
        """The values of uniform samples, always the same ones."""
        space = parsed(self.space)
        points = Region.whole(space).draw(np.random.default_rng(0), UNIFORM)
        return np.array([self.value(space.decode(point)) for point in points])

    def gap(self, configuration: dict[str, Any]) -> float:
        """0 for the best value known, 100 for the mean of uniform samples."""
        mean = self.uniform.mean()
        return float(100 * (self.value(configuration) - self.best) / (mean - self.best))


def parsed(space: dict[str, Any]) -> Space:
    """The space that a configuration file describes so."""
    return Space(parse({"search": "x", "space": space, "objective": {"command": "true"}}).space)


def bits(count: int) -> dict[str, Any]:
    """A space of switches."""
    return {f"x{i}": {"type": "bool"} for i in range(count)}


def best_known(name: str, replicate: int) -> float:
    """The value that is committed for a problem whose best value no theory gives."""
    found: list[float] = json.loads(BEST_KNOWN.read_text(encoding="utf-8"))[name]
    if replicate >= len(found):
        raise SystemExit(
            f"{BEST_KNOWN.name} has {name} for replicates 0 to {len(found) - 1}, not for "
            f"{replicate}: run best_known.py --replicates {replicate + 1}"
        )
    return found[replicate]
