"""Small spaces and planted functions."""

from collections.abc import Callable, Sequence

import numpy as np
from pydantic import TypeAdapter

from harmonica_steps.config import Stage
from harmonica_steps.search.design import Design, Fit, fit
from harmonica_steps.search.draw import Sample, draw
from harmonica_steps.search.freeze import freeze
from harmonica_steps.search.freeze import incumbent as incumbent_of
from harmonica_steps.search.restriction import Restriction
from harmonica_steps.search.samples import observed, transformed
from harmonica_steps.space import Parameter, Space

PARAMETER = TypeAdapter(Parameter)


def space(**entries: dict[str, object]) -> Space:
    """A space as a configuration file spells it."""
    return Space({name: PARAMETER.validate_python(entry) for name, entry in entries.items()})


def bits(count: int) -> Space:
    """Parameters p0, p1, ... that are -1 or 1."""
    return space(**{f"p{i}": {"type": "categorical", "values": [-1, 1]} for i in range(count)})


CONDITIONAL = space(
    kind={"type": "categorical", "values": ["x", "y", "z"]},
    rate={"type": "ordinal", "values": [1, 2, 3], "when": {"kind": ["x", "y"]}},
    more={"type": "bool", "when": {"rate": [2, 3]}},
    size={"type": "ordinal", "values": [1, 2, 3]},
    other={"type": "bool", "when": {"kind": "z", "size": [1, 2]}},
    last={"type": "bool"},
)
"""Parameters that depend on others, which depend on others."""


def samples_of(
    where: Space, restriction: Restriction, count: int, seed: int = 0, number: int = 1
) -> list[Sample]:
    return list(draw(where, restriction, seed, number, count))


def evaluate(
    objective: Callable[[dict[str, object]], float], samples: Sequence[Sample]
) -> np.ndarray:
    return np.array([objective(sample.configuration) for sample in samples], dtype=float)


def fitted(
    where: Space,
    before: Restriction,
    samples: Sequence[Sample],
    scores: np.ndarray,
    sparsity: int = 4,
) -> Fit:
    """What a stage with these samples and scores recovers."""
    settings = Stage(samples=max(len(samples), 10 * sparsity), sparsity=sparsity)
    used = transformed(observed(samples, scores), "none", "minimize")
    return fit(Design(where, before), settings, used)


def stage(
    where: Space,
    before: Restriction,
    samples: Sequence[Sample],
    scores: np.ndarray,
    keep: int = 1,
    sparsity: int = 4,
    apart: int = 1,
    incumbent: bool = False,
) -> Restriction:
    """What a stage with these samples and scores freezes."""
    found = fitted(where, before, samples, scores, sparsity)
    restriction = freeze(found, keep, apart)
    extra = incumbent_of(restriction, where, observed(samples, scores)) if incumbent else None
    return restriction.extended(extra) if extra else restriction
