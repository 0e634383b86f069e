"""The plan: the checked configuration, and everything that follows from it before a run."""

from harmonica_steps.config import Search
from harmonica_steps.files import write_json
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.search.plan import plan


def write_plan(folder: SearchFolder, config: Search) -> None:
    """Write ``plan.json``."""
    write_json(folder.plan, {**plan(config), "config": config.model_dump(mode="json")})
