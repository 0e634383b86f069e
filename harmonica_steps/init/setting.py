"""A setting that a program has, however it is passed, and what it is for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from harmonica_steps.init.constants import UNKNOWN
from harmonica_steps.init.names import (
    BUDGETS,
    CHECKPOINTS,
    GROUPS_SEARCHED,
    REASONS,
    RESULTS,
    SEEDS,
    WORKDIRS,
)

Kind = Literal["float", "int", "text", "bool", "unknown"]

Role = Literal["parameter", "seed", "budget", "workdir", "checkpoint", "result", "other"]
"""The purpose of a setting: to be searched, one of the placeholders, or neither."""


@dataclass(frozen=True)
class Setting:
    """A setting of a program."""

    name: str
    """Its name as the user would write it, without leading dashes."""
    kind: Kind = "unknown"
    default: Any = UNKNOWN
    """None if that is the program's default, or `UNKNOWN`."""
    choices: Sequence[Any] | None = None
    required: bool = False
    problem: str = ""
    """Why it cannot be a parameter, in words."""
    spec: dict[str, Any] = field(default_factory=dict)
    """The parameter, if the program states its range."""

    @property
    def shown(self) -> str:
        """Its name in a text."""
        return self.name

    @property
    def known_default(self) -> Any:
        """The default, or None where it is not known or there is none."""
        return None if self.default is UNKNOWN else self.default


_NAME = re.compile(r"\w[\w.-]{0,99}")


def is_parameter_name(name: str) -> bool:
    """Whether a name can be that of a parameter, and of an option."""
    return _NAME.fullmatch(name) is not None


def plain_name(name: str) -> str:
    """A name as the tables here have it: the last part, small letters, words joined by _."""
    last = name.rpartition(".")[2]
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", last)
    return re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")


def role(setting: Setting) -> tuple[Role, str]:
    """What a setting is for.

    Returns
    -------
    role : str
        As `Role`.
    reason : str
        Why it is not a parameter, in words; '' if it is one.
    """
    name, text = plain_name(setting.name), setting.kind in ("text", "unknown")
    if name in SEEDS and not setting.choices and setting.kind in ("int", "unknown"):
        return "seed", "the seed"
    if text and not setting.choices:
        places: tuple[tuple[Role, tuple[str, ...]], ...] = (
            ("workdir", WORKDIRS),
            ("checkpoint", CHECKPOINTS),
            ("result", RESULTS),
        )
        for found, names in places:
            if name in names:
                return found, "what it writes"
    if reason := _reason(setting.name):
        return "other", reason
    if setting.problem:
        return "other", setting.problem
    if setting.kind == "text" and not setting.choices:
        return "other", "a text or a path"
    return "parameter", ""


def may_be_budget(setting: Setting) -> bool:
    """Whether a setting can be how long a training is, going by its name."""
    is_number = setting.kind in ("int", "float", "unknown") and not setting.choices
    return plain_name(setting.name) in BUDGETS and is_number and not setting.problem


def budget_of(settings: Sequence[Setting]) -> Setting | None:
    """The setting that says how long a training is, if there is one."""
    candidates = [setting for setting in settings if may_be_budget(setting)]
    return min(candidates, key=lambda s: BUDGETS.index(plain_name(s.name)), default=None)


def _reason(name: str) -> str:
    *groups, _ = name.split(".")
    words = plain_name(name).split("_")
    words += [word for group in groups for word in plain_name(group).split("_")]
    own = len(plain_name(name).split("_"))
    for position, word in enumerate(words):
        if word in REASONS and not (position >= own and word in GROUPS_SEARCHED):
            return REASONS[word]
    return ""
