"""Two problems of control along a chain of 25 stages, both averaged over 100 simulations.

A share of the stations or of the food is affected. From stage to stage it grows by a random part of
the rest, or an action shrinks it by a random factor. A replicate uses the same random numbers for
all configurations, so there is no noise.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from problem import Problem, best_known, bits

STAGES = 25
SIMULATIONS = 100
THRESHOLD = 0.1
"""A share above it is paid for."""

PRICE = np.array([0.0, 1.0, 0.8, 0.7, 0.5])
"""What a use costs: of none, and of each of the four pesticides."""
DISCOUNT = np.array([0.0, 0.2, 0.3, 0.3, 0.0])
"""Part of the price that is left out if it is used at all stages; less in proportion."""
WEAKNESS = np.array([1.0, 2 / 7, 3 / 7, 3 / 7, 5 / 7])
"""Second parameter of the Beta distribution of a pesticide's effect."""
TOLERANCE = np.array([0.0, 1 / 7, 2.5 / 7, 2 / 7, 0.5 / 7])
"""What is added to it by uses at all stages; less in proportion."""

RESTORED = 3 / 7
"""Second parameter of the Beta distribution of what a prevention removes."""
REGULARISATION = 1e-2
"""What each prevention adds to the cost."""


class Chances(NamedTuple):
    """The random numbers of the simulations."""

    initial: np.ndarray
    """Share before the first stage, shape ``(SIMULATIONS,)``."""
    spread: np.ndarray
    """Part of the rest that is added without an action, shape ``(STAGES, SIMULATIONS)``."""
    success: np.ndarray
    """Uniform in [0, 1), the same shape: how well an action works, compared with other draws."""

    @classmethod
    def of(cls, seed: int) -> "Chances":
        """Draw them."""
        rng = np.random.default_rng(seed)
        shape = (STAGES, SIMULATIONS)
        return cls(rng.beta(1, 30, SIMULATIONS), rng.beta(1, 17 / 3, shape), rng.random(shape))

    def removed(self, stage: int, b: np.ndarray | float) -> np.ndarray:
        """What an action removes: Beta(1, b), as the quantiles of uniform numbers."""
        return np.asarray(1 - (1 - self.success[stage]) ** (1 / np.asarray(b)))


Cost = Callable[[np.ndarray], np.ndarray]
"""Maps integer actions, shape (configurations, STAGES), to costs, shape (configurations,)."""


def pest(replicate: int) -> Problem:
    """COMBO's pest control: none or one of four pesticides at each of 25 stations."""
    stations = {f"x{i}": {"type": "categorical", "values": list(range(5))} for i in range(STAGES)}
    return _problem("pest", stations, pest_cost(Chances.of(replicate)), replicate)


def contamination(replicate: int) -> Problem:
    """BOCS's contamination control: a prevention at each of 25 stages of a food chain, or none."""
    cost = contamination_cost(Chances.of(replicate))
    return _problem("contamination", bits(STAGES), cost, replicate)


def pest_cost(chances: Chances) -> Cost:
    """Prices, and for each station the part of the simulations with too many pests before it.

    A pesticide is cheaper the more often it is used in all, and removes less the more often it has
    been used before.
    """
    used = np.arange(STAGES)[:, None]
    # What is left after an action, [stage, pesticide, uses before].
    left = np.array(
        [
            [1 - chances.removed(s, WEAKNESS[k] + TOLERANCE[k] * used / STAGES) for k in range(5)]
            for s in range(STAGES)
        ]
    )

    def cost(actions: np.ndarray) -> np.ndarray:
        paid = prices(actions)
        before = np.zeros((len(actions), 5), dtype=int)
        each = np.arange(len(actions))
        share = np.broadcast_to(chances.initial, (len(actions), SIMULATIONS))
        for stage, chosen in enumerate(actions.T):
            paid += (share > THRESHOLD).mean(axis=1)
            grown = share + chances.spread[stage] * (1 - share)
            shrunk = left[stage, chosen, before[each, chosen]] * share
            share = np.where(chosen[:, None] > 0, shrunk, grown)
            before[each, chosen] += 1
        return paid

    return cost


def prices(actions: np.ndarray) -> np.ndarray:
    """What the pesticides cost, discounts taken off."""
    times = (actions[:, :, None] == np.arange(5)).sum(axis=1)
    return np.asarray((times * PRICE * (1 - DISCOUNT * times / STAGES)).sum(axis=1))


def contamination_cost(chances: Chances) -> Cost:
    """Preventions, and for each stage the part of the simulations that is contaminated after it."""
    left = np.array([1 - chances.removed(stage, RESTORED) for stage in range(STAGES)])

    def cost(actions: np.ndarray) -> np.ndarray:
        paid = (1 + REGULARISATION) * actions.sum(axis=1)
        share = np.broadcast_to(chances.initial, (len(actions), SIMULATIONS))
        for stage, chosen in enumerate(actions.T):
            grown = share + chances.spread[stage] * (1 - share)
            share = np.where(chosen[:, None] > 0, left[stage] * share, grown)
            paid += (share > THRESHOLD).mean(axis=1)
        return paid

    return cost


def _problem(name: str, space: dict[str, dict], cost: Cost, replicate: int) -> Problem:
    return Problem(
        space,
        lambda configuration: float(cost(np.array([[int(x) for x in configuration.values()]]))[0]),
        best_known(name, replicate),
    )
