"""The placeholders of a command that every training has, and what they stand for."""

from collections.abc import Mapping
from typing import Any

from harmonica_steps.objective.workdir import WorkDirectory

PLACEHOLDERS = {
    "config": "a JSON file with the settings",
    "result": "the JSON file that the program writes the metric to",
    "seed": "a seed for each training",
    "budget": "how long a training is: see budget, min_budget and max_budget below",
    "workdir": "a folder for each training",
    "checkpoint": "a folder for checkpoints; a longer training with the same settings finds them",
    "curve_file": "a file for the learning curve",
}
"""Each with what it is, for people; also environment variables, HARMONICA_CONFIG and so on."""

OF_COMMANDS = ("config", "result")
"""Placeholders of commands only: a function is given the settings, and returns the metric. The
other placeholders are arguments that `call` gives it."""


def training_values(
    training: Mapping[str, Any], work: WorkDirectory, config: object = None
) -> dict[str, str]:
    """What the placeholders of every training stand for.

    Parameters
    ----------
    training
        With a ``seed`` and a ``budget``.
    work
        Its directory.
    config
        The file with its configuration, if it is not the one in the directory.
    """
    return {
        "config": str(config or work.config),
        "result": str(work.result),
        "seed": str(training["seed"]),
        "budget": budget_text(training["budget"]),
        "workdir": str(work.path),
        "checkpoint": str(work.checkpoint),
        "curve_file": str(work.curve_file),
    }


def budget_text(budget: int | float) -> str:
    """A budget as programs get it: a whole one without a point, none with digits of rounding."""
    rounded = budget if isinstance(budget, int) else float(f"{budget:.14g}")
    return str(int(rounded) if rounded == int(rounded) else rounded)


def environment(objective: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, str]:
    """The environment variables that tell a program about its training.

    Parameters
    ----------
    objective
        The ``objective`` section of the configuration.
    values
        As `training_values` returns them.
    """
    placeholders = {f"HARMONICA_{name.upper()}": values[name] for name in PLACEHOLDERS}
    return {**placeholders, "HARMONICA_METRIC": objective["metric"]}
