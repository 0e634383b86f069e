"""Two problems with real numbers, whose best values are known."""

import numpy as np
from problem import Problem, bits

BITS, REALS = 50, 3
FLOATS, MATTER = 20, 8


def ackley53(replicate: int) -> Problem:
    """Ackley's function of 50 bits and three reals in [-1, 1]; 0 at hidden bits and reals of 0."""
    hidden = np.random.default_rng([53, replicate]).integers(0, 2, BITS)
    space = bits(BITS) | {
        f"x{BITS + i}": {"type": "float", "low": -1.0, "high": 1.0} for i in range(REALS)
    }

    def value(configuration: dict[str, float]) -> float:
        x = np.array([float(x) for x in configuration.values()])
        x[:BITS] = np.abs(x[:BITS] - hidden)
        return ackley(x)

    return Problem(space, value, 0.0)


def ackley(x: np.ndarray) -> float:
    """Ackley's function with its usual constants 20, 0.2 and 2 pi."""
    radius = np.sqrt((x**2).mean())
    waves = np.cos(2 * np.pi * x).mean()
    return float(20 - 20 * np.exp(-0.2 * radius) + np.e - np.exp(waves))


def floats(replicate: int) -> Problem:
    """Twenty reals, of which eight matter: a bowl, tilted by pairs, whose bottom is well inside.

    Each of the eight has its own curvature, and the square of the sum or the difference of it and
    the next one, counted from the bottom, is added.
    """
    rng = np.random.default_rng([20, replicate])
    matter = rng.permutation(FLOATS)[:MATTER]
    bottom = rng.uniform(0.2, 0.8, MATTER)
    curvature = rng.uniform(0.5, 1.5, MATTER)
    sign = rng.choice([-1, 1], MATTER)
    space = {f"x{i}": {"type": "float", "low": 0.0, "high": 1.0} for i in range(FLOATS)}

    def value(configuration: dict[str, float]) -> float:
        away = np.array([configuration[f"x{i}"] for i in matter]) - bottom
        pairs = away + sign * np.roll(away, 1)
        return float((curvature * away**2 + pairs**2).sum())

    return Problem(space, value, 0.0)
