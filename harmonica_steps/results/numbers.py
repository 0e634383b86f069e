"""Any number that is recorded of trainings: the metric, further metrics, time and memory."""

import numpy as np
import pandas as pd

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.results.tables import read_collected, read_runtime, samples_in
from harmonica_steps.search.samples import Samples, usable

OF_RUNS = ("seconds", "cpu_seconds", "memory_mb")
METRIC = "metric:"
"""Prefix of the name of a further metric in ``runtime.parquet``."""


def uniform_samples(search: SearchRun, stage: int, number: str) -> Samples:
    """The uniform samples of a stage with a recorded number in the place of their score.

    Parameters
    ----------
    search
        The search.
    stage
        Its number; the stage must have ended.
    number
        The metric, a further metric that the program reports, or one of `OF_RUNS`.

    Raises
    ------
    HarmonicaError
        When the stage has not ended, or there is no such number.
    """
    part = search.part(f"stage-{stage}").name
    if not (search.folder.metrics(part).exists() and search.folder.runtime(part).exists()):
        raise HarmonicaError(f"{part} has not finished: there is nothing to explain yet.")
    table, known = read_collected(search, part), recorded_numbers(search, part)
    if number not in known:
        raise HarmonicaError(f"{number!r} is not recorded in {part}. There is {', '.join(known)}.")
    found = samples_in(table, search.space, known[number].to_numpy(dtype=float))
    return usable(search.space, search.restriction(stage - 1), found)


def recorded_numbers(search: SearchRun, part: str) -> dict[str, pd.Series]:
    """The numbers by name, in the order of the trials; NaN where a training has none."""
    metrics = read_collected(search, part).set_index("trial")
    runs = read_runtime(search, part).set_index("trial").reindex(metrics.index)
    further = {name: name.removeprefix(METRIC) for name in runs if name.startswith(METRIC)}
    return {
        search.config.objective.metric: metrics["value"].replace([np.inf, -np.inf], np.nan),
        **{name: runs[name] for name in OF_RUNS if name in runs},
        **{shown: runs[column] for column, shown in further.items()},
    }
