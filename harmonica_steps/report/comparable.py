"""The trainings of a search as tables: those with the same budget and fidelity can be compared."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from harmonica_steps.records.direction import Direction, sign_of
from harmonica_steps.report.trainings import PartFacts


@dataclass(frozen=True)
class Group:
    """Trainings whose metrics mean the same."""

    title: str
    trainings: pd.DataFrame
    """What `steps.collect` wrote of each that has a metric."""
    runs: pd.DataFrame
    """Times, memory, host and further metrics of the same trainings."""
    parts: np.ndarray
    """The titles of the parts of the same trainings."""

    @property
    def values(self) -> np.ndarray:
        """The metric."""
        return np.asarray(self.trainings["value"], dtype=float)

    def best_first(self, direction: Direction) -> np.ndarray:
        """The rows, from the best to the worst."""
        sign = sign_of(direction)
        return np.argsort(sign * self.values, kind="stable")


def groups(parts: Sequence[PartFacts]) -> list[Group]:
    """The trainings that have a metric, the largest group first."""
    found: dict[tuple[float, str], list[PartFacts]] = {}
    for part in parts:
        if len(part.values):
            found.setdefault((part.part.budget, str(part.part.fidelity)), []).append(part)
    made = [_group(together, len(found) > 1) for together in found.values()]
    return sorted(made, key=lambda group: -len(group.trainings))


def _group(parts: list[PartFacts], several: bool) -> Group:
    first, last, budget = parts[0].title, parts[-1].title, parts[0].part.budget
    title = first if first == last else f"{first} to {last.lower()}"
    trainings = pd.concat([part.table for part in parts], ignore_index=True)
    runs = pd.concat([part.runs for part in parts], ignore_index=True)
    titles = np.repeat([part.title for part in parts], [len(part.runs) for part in parts])
    kept = np.isfinite(trainings["value"].to_numpy(dtype=float))
    return Group(
        f"{title}, budget {budget:g}" if several else title,
        trainings[kept].reset_index(drop=True),
        runs[kept].reset_index(drop=True),
        titles[kept],
    )


def spread(rows: np.ndarray, first: int, most: int) -> np.ndarray:
    """At most `most` rows: the `first` ones, and others at even distances up to the last."""
    if len(rows) <= most:
        return rows
    others = np.linspace(len(rows) - 1, first, most - first).round().astype(int)
    return rows[[*range(first), *np.unique(others)]]
