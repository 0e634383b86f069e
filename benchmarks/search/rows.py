"""Configurations as rows of numbers, for what needs no more of a space than to draw from it."""

from typing import Any

import numpy as np

from harmonica_steps.space import Space
from harmonica_steps.space.parameters import Float, Integer


class Rows:
    """The rows of a space: the index of a listed value, the position in [0, 1) in a range.

    Parameters
    ----------
    space
        The space.
    """

    def __init__(self, space: Space) -> None:
        self.space = space
        self.parameters = [space.parameters[name] for name in space.names]
        # A whole number without `levels` lists all its values.
        self.ranges = np.array(
            [
                isinstance(p, Float) or (isinstance(p, Integer) and p.levels)
                for p in self.parameters
            ],
            dtype=bool,
        )
        self.sizes = np.where(self.ranges, 1, [len(space.grids[name]) for name in space.names])

    def uniform(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Uniform rows, shape ``(count, parameters)``."""
        positions = rng.random((count, len(self.sizes))) * self.sizes
        return np.where(self.ranges, positions, np.floor(positions))

    def configuration(self, row: np.ndarray) -> dict[str, Any]:
        """The configuration that a row stands for."""
        described = zip(self.space.names, self.parameters, self.ranges, row, strict=True)
        return {
            name: parameter.between(float(x)) if ranged else self.space.grids[name][int(x)]
            for name, parameter, ranged, x in described
        }
