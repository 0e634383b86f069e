"""A whole search in one process: the functions of the workflow's steps without its files.

The benchmarks that repeat a search many times use it; the tests compare it with the workflow.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from harmonica_steps.config import Search
from harmonica_steps.search.draw import Sample, draw
from harmonica_steps.search.freeze import Design, fit, freeze, residuals
from harmonica_steps.search.plan import Part, parts
from harmonica_steps.search.promotion import promoted
from harmonica_steps.search.restriction import Restriction
from harmonica_steps.search.samples import Samples, consistent, pooled, transformed
from harmonica_steps.search.scores import scores
from harmonica_steps.space import Space
from harmonica_steps.spectral import Recovery

Train = Callable[[dict[str, Any], int, Any], float]
"""Called with configuration, seed and budget; returns the metric, NaN where it diverged."""


@dataclass
class History:
    """What a search has seen."""

    values: list[tuple[str, np.ndarray]] = field(default_factory=list)
    """Name and metrics of every part."""
    recoveries: list[tuple[Design, Recovery]] = field(default_factory=list)
    best: Sample | None = None
    best_value: float = np.inf


def run(config: Search, train: Train) -> History:
    """Run the search; rungs train from the start instead of continuing a checkpoint."""
    space = Space(config.space)
    restriction = Restriction()
    history = History()
    samples: list[Sample] = []
    score = np.empty(0)
    seen: list[tuple[Part, Samples]] = []
    for number, part in enumerate(parts(config), start=1):
        if part.rung:
            samples = [samples[i] for i in promoted(score, part.trials)]
        else:
            samples = list(draw(space, restriction, config.seed, number, part.trials))
        values = [
            train({**space.active(s.configuration), **part.fidelity}, s.seed, part.budget)
            for s in samples
        ]
        finite = [value if np.isfinite(value) else None for value in values]
        counts_as = "drop" if part.rung is not None else part.failures.counts_as
        score = scores(finite, config.objective.direction, counts_as)
        history.values.append((part.name, np.array(values)))
        if part.rung is None:
            stage = config.stages[number - 1]
            own = Samples(
                np.array([s.candidate for s in samples]),
                np.array([s.levels for s in samples]),
                score,
            )
            reused = [
                consistent(space, restriction, earlier)
                for then, earlier in seen
                if then.trains_like(part)
            ]
            seen.append((part, own))
            transform = config.objective.transform
            alike = number == 1 or seen[-2][0].trains_like(part)
            design = Design(space, restriction, comparable=alike and transform != "rank")
            used = transformed(pooled([own, *reused]), transform, config.objective.direction)
            recovery = fit(design, stage, *residuals(design, used))
            restriction = freeze(design, recovery, stage.keep, stage.apart)
            history.recoveries.append((design, recovery))
    (winner,) = promoted(score, 1)
    history.best, history.best_value = samples[winner], float(score[winner])
    return history
