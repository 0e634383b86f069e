"""The contents of a config file, and what the user should know about it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from harmonica_steps.config.search import RESERVED
from harmonica_steps.init.metric import Metric, usual_pattern
from harmonica_steps.init.ranges import NoRangeError, parameter_of
from harmonica_steps.init.setting import (
    Role,
    Setting,
    budget_of,
    is_parameter_name,
    may_be_budget,
    role,
)
from harmonica_steps.objective.placeholders import PLACEHOLDERS

TAKEN = (*RESERVED, *PLACEHOLDERS, "args", "overrides")
"""Names that a parameter cannot have, or not in a command."""


class Budget(NamedTuple):
    """What says how long a training is."""

    name: str
    default: int | float | None


class Remark(NamedTuple):
    """Something that the user should know about a setting."""

    name: str
    text: str


@dataclass
class Draft:
    """A config file before it is written."""

    name: str
    """Name of the search."""
    about: str
    """Where it comes from, e.g. "the options of train.py"."""
    objective: dict[str, Any] = field(default_factory=dict)
    space: dict[str, dict[str, Any]] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    """The comment next to each parameter."""
    is_known: bool = False
    """Whether the space is not guessed."""
    forbidden: list[dict[str, Any]] = field(default_factory=list)
    start: dict[str, Any] = field(default_factory=dict)
    """A configuration to train first: the defaults of the program, or the best of a study."""
    budget: Budget | None = None
    fixed: dict[str, Any] = field(default_factory=dict)
    """Settings that all trainings share."""
    study: dict[str, Any] | None = None
    assumed: list[str] = field(default_factory=list)
    left_out: list[Remark] = field(default_factory=list)
    todo: list[str] = field(default_factory=list)


@dataclass
class Settings:
    """The settings of a program by what they are for."""

    parameters: list[Setting] = field(default_factory=list)
    specs: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The entry in ``space`` of each, by its name."""
    open_ranges: dict[str, str] = field(default_factory=dict)
    """What is to be filled in, by name."""
    seed: Setting | None = None
    budget: Setting | None = None
    places: list[tuple[Setting, Role]] = field(default_factory=list)
    """Files and folders that a program writes to."""
    others: list[tuple[Setting, str]] = field(default_factory=list)
    """What is not searched, and why."""


def sort_settings(settings: Sequence[Setting]) -> Settings:
    """Find out what each setting of a program is for."""
    found = Settings(budget=budget_of(settings))
    for setting in settings:
        if setting is found.budget:
            continue
        purpose, reason = role(setting)
        if purpose == "seed" and found.seed is None:
            found.seed = setting
        elif purpose in ("workdir", "checkpoint", "result"):
            found.places.append((setting, purpose))
        elif purpose != "parameter":
            found.others.append((setting, reason))
        elif may_be_budget(setting):
            found.others.append((setting, "another length of a training"))
        elif not is_parameter_name(setting.name):
            found.others.append((setting, "not a valid name of a parameter"))
        elif setting.name in TAKEN:
            found.others.append((setting, "Harmonica uses this name itself"))
        else:
            _add_parameter(found, setting)
    return found


def _add_parameter(found: Settings, setting: Setting) -> None:
    try:
        spec, todo = parameter_of(setting)
    except NoRangeError as error:
        found.others.append((setting, str(error)))
        return
    found.parameters.append(setting)
    found.specs[setting.name] = spec
    if todo:
        found.open_ranges[setting.name] = todo


def fill_space(draft: Draft, settings: Settings, names: dict[str, str] | None = None) -> None:
    """Put the parameters into a draft: their entries, notes, and the defaults to start from.

    Parameters
    ----------
    draft
        The draft.
    settings
        Of the program.
    names
        What the parameters are to be called, if not as the program's settings.
    """
    for setting in settings.parameters:
        name = (names or {}).get(setting.name, setting.name)
        draft.space[name] = settings.specs[setting.name]
        default = setting.known_default
        draft.notes[name] = f"default {default}" if default is not None else ""
        if default is not None:
            draft.start[name] = default
        if todo := settings.open_ranges.get(setting.name):
            draft.notes[name] = f"TODO: {todo}"
            draft.todo.append(f"{name} {todo}")
    if settings.budget:
        draft.budget = budget_from(settings.budget)
    draft.left_out += [Remark(setting.shown, reason) for setting, reason in settings.others]


def budget_from(setting: Setting) -> Budget:
    """The budget that a setting says."""
    default = setting.known_default
    number = isinstance(default, int | float) and not isinstance(default, bool) and default > 0
    return Budget(setting.shown, default if number else None)


def set_metric(draft: Draft, metric: Metric | None, program: str) -> None:
    """Put the metric into a draft, or what there is to do about it.

    Parameters
    ----------
    draft
        The draft, whose objective is otherwise complete.
    metric
        What was found; None if nothing was.
    program
        Its name, for sentences.
    """
    objective = draft.objective
    to_file = "{result}" in objective.get("command", "") or "callable" in objective
    if metric is None:
        objective["metric"] = "error"
        if not to_file:
            objective["metric_pattern"] = usual_pattern("error")
        draft.todo.append(
            f"objective.metric: it is not clear what {program} "
            + ("returns or writes" if to_file else "prints")
            + "; name its metric, and how to find it"
        )
        draft.todo.append("objective.direction: minimize or maximize")
    else:
        objective["metric"] = metric.name
        if not to_file:
            objective["metric_pattern"] = metric.pattern or usual_pattern(metric.name)
        better = "smaller" if metric.direction == "minimize" else "larger"
        place = f" (line {metric.line})" if metric.line else ""
        draft.assumed.append(
            f"the metric is {metric.name!r}, {metric.where} by {program}{place}; {better} is better"
        )
    objective["direction"] = metric.direction if metric else "minimize"


def shown_names(names: Iterable[str], most: int = 6) -> str:
    """Some names in a sentence."""
    listed = list(names)
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more
