"""The assignments that minimise a sum of small tables, exactly and without enumerating them all.

Variables are eliminated one after another (bucket elimination), each with the list of its `keep`
best completions: the cost grows with the width of the interaction graph, not with the number of
variables. Independent components never meet before the last step.
"""

from collections.abc import Callable, Sequence
from functools import reduce

import numpy as np

RESOLUTION = 2**40
"""Tables are rounded to this part of the largest total, so that equal sums are equal exactly."""

Levels = tuple[int, ...]
"""A level of every variable."""

LONGEST = 512
"""Length of the list of best assignments in which assignments far apart are looked for."""

Table = tuple[tuple[int, ...], np.ndarray]
"""The variables of a table, and its values on the grid of their levels."""


def minimisers(
    tables: Sequence[Table],
    sizes: Sequence[int],
    keep: int,
    differ: Callable[[Levels, Levels], bool] | None = None,
    allowed: Callable[[Levels], bool] | None = None,
) -> list[tuple[Levels, float]]:
    """The `keep` best assignments of all variables.

    Ties are the norm (a product of two variables has two equal minima), and are broken by a fixed
    rule: by the levels of the variables, lower first, in the order of their elimination.

    Parameters
    ----------
    tables
        The terms of the sum.
    sizes
        Number of levels of each variable; one that no table mentions stays at level 0.
    keep
        How many assignments to return, fewer if there are fewer.
    differ
        Whether two assignments are different enough: each is then the best that is so from all
        before it, among the best `LONGEST`.
    allowed
        Whether an assignment may be returned, of these `LONGEST`.

    Returns
    -------
    list of (levels, total)
        Best first, all different.
    """
    if differ is None and allowed is None:
        return _best(tables, sizes, keep)
    count = keep
    while True:
        ranked = _best(tables, sizes, count)
        chosen: list[tuple[Levels, float]] = []
        for levels, total in ranked:
            if allowed is not None and not allowed(levels):
                continue
            if differ is None or all(differ(levels, other) for other, _ in chosen):
                chosen.append((levels, total))
        if len(chosen) >= keep or len(ranked) < count or count >= LONGEST:
            return chosen[:keep]
        count = min(4 * count, LONGEST)


def _best(tables: Sequence[Table], sizes: Sequence[int], keep: int) -> list[tuple[Levels, float]]:
    scale = sum(float(np.abs(values).max()) for _, values in tables) / RESOLUTION
    exact = [(scope, np.rint(values / (scale or 1.0)).astype(np.int64)) for scope, values in tables]
    messages = [_Message.of(scope, values, len(sizes)) for scope, values in exact]
    waiting = {v for scope, _ in tables for v in scope}
    while waiting:
        v = min(waiting, key=lambda v: (_width(messages, v, sizes), -v))
        waiting.remove(v)
        touched = [message for message in messages if v in message.scope]
        rest = [message for message in messages if v not in message.scope]
        joined = reduce(lambda a, b: a.join(b, keep), touched)
        messages = [*rest, joined.eliminate(v, keep)]
    if not messages:
        return [((0,) * len(sizes), 0.0)]
    final = reduce(lambda a, b: a.join(b, keep), messages)
    found = []
    for row in final.choices:
        levels = tuple(int(level) for level in np.maximum(row, 0))
        total = sum(float(values[tuple(levels[v] for v in scope)]) for scope, values in tables)
        found.append((levels, total))
    return found[:keep]


def _width(messages: Sequence["_Message"], v: int, sizes: Sequence[int]) -> int:
    neighbours = {u for message in messages if v in message.scope for u in message.scope}
    return int(np.prod([float(sizes[u]) for u in neighbours]))


class _Message:
    """For every assignment of `scope`, a list of the best completions by eliminated variables.

    `costs` has the shape (sizes of scope, list), `choices` one more axis with the level of every
    variable, -1 where it is not decided.
    """

    def __init__(self, scope: tuple[int, ...], costs: np.ndarray, choices: np.ndarray) -> None:
        self.scope, self.costs, self.choices = scope, costs, choices

    @classmethod
    def of(cls, scope: tuple[int, ...], values: np.ndarray, variables: int) -> "_Message":
        order = tuple(int(i) for i in np.argsort(scope))
        costs = values.transpose(order)[..., None]
        choices = np.full((*costs.shape, variables), -1, dtype=np.int16)
        return cls(tuple(sorted(scope)), costs, choices)

    def join(self, other: "_Message", keep: int) -> "_Message":
        """The sum on the union of the scopes."""
        scope = tuple(sorted({*self.scope, *other.scope}))
        a, b = self._spread(scope), other._spread(scope)
        costs = a.costs[..., :, None] + b.costs[..., None, :]
        choices = np.maximum(a.choices[..., :, None, :], b.choices[..., None, :, :])
        return _Message(
            scope,
            costs.reshape(*costs.shape[:-2], -1),
            choices.reshape(*choices.shape[:-3], -1, choices.shape[-1]),
        )._best(keep)

    def eliminate(self, v: int, keep: int) -> "_Message":
        """Minimise over the levels of `v`."""
        axis = self.scope.index(v)
        costs = np.moveaxis(self.costs, axis, -2)
        choices = np.moveaxis(self.choices, axis, -3).copy()
        choices[..., v] = np.arange(costs.shape[-2], dtype=np.int16)[:, None]
        scope = self.scope[:axis] + self.scope[axis + 1 :]
        return _Message(
            scope,
            costs.reshape(*costs.shape[:-2], -1),
            choices.reshape(*choices.shape[:-3], -1, choices.shape[-1]),
        )._best(keep)

    def _spread(self, scope: tuple[int, ...]) -> "_Message":
        missing = tuple(i for i, v in enumerate(scope) if v not in self.scope)
        return _Message(
            scope, np.expand_dims(self.costs, missing), np.expand_dims(self.choices, missing)
        )

    def _best(self, keep: int) -> "_Message":
        order = np.argsort(self.costs, axis=-1, kind="stable")[..., :keep]
        costs = np.take_along_axis(self.costs, order, axis=-1)
        choices = np.take_along_axis(self.choices, order[..., None], axis=-2)
        return _Message(self.scope, costs, choices)
