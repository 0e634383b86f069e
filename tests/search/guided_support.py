"""Rounds of trainings that are made up, uniform and guided."""

from collections.abc import Callable, Sequence

import numpy as np
from search_support import evaluate, samples_of

from harmonica_steps.search.guided import Guide, Proposal
from harmonica_steps.search.restriction import Restriction
from harmonica_steps.search.samples import Samples, observed
from harmonica_steps.space import Space


def uniform_round(
    where: Space, objective: Callable[..., float], count: int = 100, seed: int = 0
) -> Samples:
    drawn = samples_of(where, Restriction(), count, seed)
    return observed(drawn, evaluate(objective, drawn))


def chosen(points: np.ndarray, scores: np.ndarray, origin: str | Sequence[str]) -> Samples:
    """Samples at these points."""
    origins = [origin] * len(points) if isinstance(origin, str) else list(origin)
    return Samples(np.full(len(points), -1), points, scores, np.array(origins, dtype=object))


def of(where: Space, proposals: list[Proposal], objective: Callable[..., float]) -> Samples:
    """What comes of training them."""
    points = np.array([proposal.point for proposal in proposals])
    scores = np.array([objective(where.decode(point)) for point in points])
    return chosen(points, scores, [proposal.origin for proposal in proposals])


def proposed(guide: Guide, count: int = 300, seed: int = 0) -> list[Proposal]:
    rng = np.random.default_rng(seed)
    return [guide.propose(rng) for _ in range(count)]
