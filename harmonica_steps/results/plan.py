"""The plan: the checked configuration, and everything that follows from it before a run."""

from typing import Any

from harmonica_steps.config import Search
from harmonica_steps.files import json_text, write_json
from harmonica_steps.results.aside import set_parts_aside
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.search.plan import parts, plan
from harmonica_steps.terminal import say


def write_plan(folder: SearchFolder, config: Search) -> None:
    """Write ``plan.json``; what only an earlier plan had is moved to aside/."""
    gone = set_parts_aside(folder, [part.name for part in parts(config)])
    for part, path in gone.items():
        say(f"{part} is no longer part of this search; its results were moved to {path}/.")
    write_json(folder.plan, _content(config))


def is_planned(folder: SearchFolder, config: Search) -> bool:
    """Whether ``plan.json`` is already what `write_plan` would write."""
    if not folder.plan.is_file():
        return False
    return folder.plan.read_bytes() == json_text(_content(config)).encode()


def _content(config: Search) -> dict[str, Any]:
    return {**plan(config), "config": config.model_dump(mode="json")}
