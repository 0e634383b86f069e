"""What the forbidden combinations leave of a space: its share, and a configuration in it."""

from math import prod

import numpy as np

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.space.kind_base import Value
from harmonica_steps.space.region import Region
from harmonica_steps.space.space import Space

MOST = 10_000
"""Combinations of levels that are looked at: all, or this many random ones."""

LEAST_SHARE = 0.01
"""Draws are by rejection: where less is left, a sample takes more than a hundred draws."""


def share_left(space: Space) -> float:
    """The share of the space that no clause forbids.

    It is exact if the clauses concern at most `MOST` combinations of listed values. Otherwise it is
    estimated from that many random ones, which are always the same.
    """
    if not space.forbidden:
        return 1.0
    part = _concerned(space)
    return 1.0 - float(part.forbids_at(_combinations(part)).mean())


def check_share(space: Space) -> None:
    """Refuse clauses that leave too little to draw from.

    Raises
    ------
    HarmonicaError
        When they leave nothing, or less than `LEAST_SHARE`.
    """
    share = share_left(space)
    if share == 0:
        raise HarmonicaError(
            f"forbidden: leaves no configuration (none was found among up to {MOST:,}); remove a "
            "clause, or narrow one."
        )
    if share < LEAST_SHARE:
        raise HarmonicaError(
            f"forbidden: leaves only {share:.2%} of the space, but samples are drawn by rejection, "
            f"which needs at least {LEAST_SHARE:.0%}; rewrite the space, e.g. with conditions "
            "(when) or with one "
            "parameter whose values are the allowed combinations."
        )


def allowed_configuration(space: Space) -> dict[str, Value]:
    """A complete configuration that no clause forbids: if possible, the first levels.

    Raises
    ------
    HarmonicaError
        When there is none.
    """
    first = space.decode(np.zeros(len(space), dtype=int))
    if not space.forbids(first):
        return first
    check_share(space)
    part = _concerned(space)
    points = _combinations(part)
    return {**first, **part.decode(points[~part.forbids_at(points)][0])}


def _concerned(space: Space) -> Space:
    """The parameters that the clauses name, and those that these depend on."""
    named = {name for clause in space.forbidden for name in clause.wanted}
    concerned = named | space.ancestors(named)
    parameters = {n: p for n, p in space.parameters.items() if n in concerned}
    return Space(parameters, space.forbidden)


def _combinations(space: Space) -> np.ndarray:
    """Coordinates of all combinations of listed values, or of random ones."""
    sizes = space.sizes.tolist()
    count = prod(sizes)
    if count <= MOST and not space.numeric.any():
        return np.stack(np.unravel_index(np.arange(count), sizes), axis=1)
    return Region.whole(space).draw(np.random.default_rng(0), MOST)
