"""Where the metric of a training comes from: its result file, what it prints, or a log."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from harmonica_steps.objective.logfile import last_row, state
from harmonica_steps.objective.printed import last_match
from harmonica_steps.objective.resultfile import read_result
from harmonica_steps.objective.surroundings import remove
from harmonica_steps.objective.workdir import WorkDirectory

Read = Callable[[], dict[str, Any]]
"""Returns the metric and other values of a training that has ended, by name."""


def metric_source(objective: Mapping[str, Any], work: WorkDirectory) -> Read:
    """How to read the metric of a training; to be called before the training starts.

    What an earlier start of the same training has left does not count.

    Parameters
    ----------
    objective
        The ``objective`` section of the configuration.
    work
        The training's directory.
    """
    metric = objective["metric"]
    if pattern := objective.get("metric_pattern"):
        printed = work.log.stat().st_size if work.log.is_file() else 0
        return partial(last_match, work.log, printed, pattern, metric)
    if name := objective.get("metric_file"):
        return partial(last_row, work.path / name, metric, state(work.path / name))
    remove(work.result)
    return partial(read_result, work.result, metric)
