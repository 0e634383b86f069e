"""The results and costs of the trainings of each part."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from harmonica_steps.records.best import Trained, ranked
from harmonica_steps.records.direction import Direction
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.results.statuses import FAILURES
from harmonica_steps.results.tables import is_current, read_metrics, read_runtime
from harmonica_steps.results.trained import trained
from harmonica_steps.search.draw import UNIFORM
from harmonica_steps.search.plan import Part

QUANTILES = {"p05": 0.05, "p25": 0.25, "median": 0.5, "p75": 0.75, "p95": 0.95}


@dataclass(frozen=True)
class PartFacts:
    """A part of the search: what was planned and, once its table is there, its results."""

    part: Part
    number: int
    hours_at_most: float
    table: pd.DataFrame | None = None
    """What `steps.collect` wrote, None before."""
    runs: pd.DataFrame = field(default_factory=pd.DataFrame)
    """Times, memory, host and further metrics of the same rows."""
    trained: list[Trained] = field(default_factory=list)
    """Its rows, as the rule for the best takes them."""
    cpu_hours: float = 0.0
    seconds: float = 0.0
    """Total of the times of all trainings."""
    elapsed: float = 0.0
    """Seconds from the start of the first training to the end of the last."""

    @property
    def name(self) -> str:
        """Its folder below the search's."""
        return self.part.name

    @property
    def title(self) -> str:
        """Its name for people."""
        return self.part.title

    @property
    def done(self) -> bool:
        """Whether all its trainings have ended."""
        return self.table is not None

    @property
    def values(self) -> np.ndarray:
        """The metric of the trainings that have one."""
        if self.table is None:
            return np.empty(0)
        found = self.table["value"].to_numpy(dtype=float)
        return np.asarray(found[np.isfinite(found)])

    @property
    def uniform_values(self) -> np.ndarray:
        """The metric of the uniform samples that have one."""
        if self.table is None:
            return np.empty(0)
        found = self.table.loc[self.table["origin"] == UNIFORM, "value"].to_numpy(dtype=float)
        return np.asarray(found[np.isfinite(found)])

    @property
    def skipped(self) -> bool:
        """Whether nothing was trained, because the stage was not needed."""
        return self.table is not None and not len(self.table)

    @property
    def trials(self) -> int:
        """Trainings that it takes: none where it was skipped."""
        return 0 if self.skipped else self.part.trials

    @property
    def failed(self) -> int:
        """Trainings without a usable metric."""
        return 0 if self.table is None else int(self.table["status"].isin(FAILURES).sum())

    def numbers(self, direction: Direction) -> dict[str, float]:
        """Quantiles and mean of the metric, and its best by the one rule; empty without a value."""
        values = self.values
        order = ranked(self.trained, direction)
        best = order[0].value if order else None
        if best is None:
            return {}
        levels = np.quantile(values, list(QUANTILES.values()))
        found = dict(zip(QUANTILES, levels, strict=True))
        return {k: float(v) for k, v in {**found, "mean": values.mean(), "best": best}.items()}


def part_facts(search: SearchRun) -> list[PartFacts]:
    """The facts of every part of the plan, in order."""
    hours = search.config.objective.timeout / 3600
    found = []
    for number, part in enumerate(search.parts, start=1):
        paths = (search.folder.metrics(part.name), search.folder.runtime(part.name))
        more: dict[str, Any] = {}
        table = read_metrics(search, part.name) if all(path.exists() for path in paths) else None
        # While samples are drawn again, the table is still of those before.
        if table is not None and is_current(search, part.name, table):
            runtime = read_runtime(search, part.name)
            ends = runtime["started"] + runtime["seconds"]
            more = {
                "table": table,
                "runs": runtime,
                "trained": trained(search, part),
                "cpu_hours": float(runtime["cpu_seconds"].sum()) / 3600,
                "seconds": float(runtime["seconds"].sum()),
                "elapsed": float(ends.max() - runtime["started"].min()) if len(ends) else 0.0,
            }
        found.append(PartFacts(part, number, part.trials * hours, **more))
    return found
