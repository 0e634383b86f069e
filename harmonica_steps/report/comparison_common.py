"""What searches whose best values are at different budgets have in common: a smaller budget."""

from collections.abc import Sequence
from typing import NamedTuple

from harmonica_steps.records.best import Trained, ranked
from harmonica_steps.records.direction import sign_of
from harmonica_steps.report.comparison import Compared


class Common(NamedTuple):
    """The best of each search at a budget, and with fixed settings, that all have trained at."""

    budget: float
    best: list[tuple[Compared, float, int]]
    """Best first: a search, its value, and of how many configurations it is the best."""


def in_common(searches: Sequence[Compared]) -> Common | None:
    """The best of each search, at the largest budget that all have trained at.

    None where there is none, or where the searches do not optimise the same metric in the same
    direction.
    """
    facts = [search.facts for search in searches]
    if len(searches) < 2 or len({(one.metric, one.direction) for one in facts}) > 1:
        return None
    direction = facts[0].direction
    found = [_by_scale(search) for search in searches]
    shared = [scale for scale in found[0] if all(scale in one for one in found)]
    if not shared:
        return None
    like = max(shared)
    order = []
    for search, known in zip(searches, found, strict=True):
        values = [one.value for one in ranked(known[like], direction) if one.value is not None]
        order.append((search, values[0], len(values)))
    sign = sign_of(direction)
    return Common(like[0], sorted(order, key=lambda one: (sign * one[1], one[0].label)))


def _by_scale(search: Compared) -> dict[tuple[float, str], list[Trained]]:
    """The successes, but not those of retraining, by budget and fixed settings."""
    found: dict[tuple[float, str], list[Trained]] = {}
    for part in search.facts.parts:
        for training in part.trained:
            if training.value is not None and not training.retrained:
                fixed = repr(sorted(training.fidelity.items()))
                found.setdefault((training.budget, fixed), []).append(training)
    return found
