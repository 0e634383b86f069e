"""The plan, for commands that must start at once; `SearchRun` also reads its configuration."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import json_in, read_bytes
from harmonica_steps.records.direction import Direction
from harmonica_steps.records.part_name import PART_NAME
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.typed import Budget, Count, Matching, Value, conform

REPAIR = (
    "Delete it and run snakemake again with the configuration of this search, which writes it "
    "again. No results are lost."
)


class PlannedPart(TypedDict):
    """A part of the search."""

    part: Annotated[str, Matching(PART_NAME, "the name of a part")]
    trainings: Count
    budget: Budget
    added_budget: NotRequired[Budget]
    fidelity: dict[str, Value]


class Plan(TypedDict):
    """The plan."""

    search: str
    parts: list[PlannedPart]
    config: dict[str, Any]


class _Flags(TypedDict):
    booleans: Literal["pair", "flag", "value"]
    separator: Literal["space", "equals"]
    names: Literal["as_is", "hyphens"]


class _Objective(TypedDict):
    command: str | None
    callable: str | None
    args: NotRequired[_Flags | None]
    metric: str
    metric_pattern: NotRequired[str | None]
    metric_file: NotRequired[str | None]
    direction: Direction
    timeout: Budget
    deaths: Count
    files: list[str]
    preload: NotRequired[list[str] | None]


class _Config(TypedDict):
    search: str
    objective: _Objective
    space: dict[str, dict[str, Any]]


class _Used(Plan):
    """A plan with the keys of the config file that are used without its model."""

    config: _Config  # type: ignore[misc]  # plain data for those who use it


def read_plan(folder: SearchFolder) -> Plan:
    """Read the plan of a search.

    Raises
    ------
    HarmonicaError
        When there is none, or it is damaged.
    """
    if not os.path.lexists(folder.plan):
        raise HarmonicaError(
            f"{folder.root}: not a search folder (no plan.json); expected e.g. results/digits."
        )
    return plan_in(read_bytes(folder.plan, repair=REPAIR), folder.plan)


def plan_in(content: bytes, path: Path) -> Plan:
    """The plan in a file, see `read_plan`."""
    plan: Any = conform(json_in(content, path, REPAIR), _Used, path, REPAIR)
    found: Plan = plan
    return found
