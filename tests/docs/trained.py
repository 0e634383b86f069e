"""A configuration of a page is checked as before a search, and its first sample trained."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harmonica_steps.config import parse
from harmonica_steps.files import read_json
from harmonica_steps.objective.trial import train
from harmonica_steps.preflight import check
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.results.plan import write_plan
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.steps.draw import draw_part


def train_first(content: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """The record of the first training of a search in this folder, and its log."""
    config = parse(content)
    check(config)
    folder = SearchFolder(Path("results") / config.search)
    write_plan(folder, config)
    search = SearchRun.at(folder.root)
    part = search.parts[0].name
    draw_part(search, part)
    train(folder, part, 0)
    return read_json(folder.record(part, 0)), (folder.work(part, 0) / "log.txt").read_text()
