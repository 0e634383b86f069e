"""The search space as a ConfigSpace file."""

import json
from pathlib import Path

from harmonica_steps.configspace import to_configspace
from harmonica_steps.files import write_text
from harmonica_steps.results.opened import Opened


def export_space(opened: Opened, path: Path) -> str:
    """Write the space of a search as ConfigSpace's JSON.

    Parameters
    ----------
    opened
        The search.
    path
        The file.

    Returns
    -------
    str
        What to tell the user.
    """
    content = to_configspace(opened.space, opened.config.search)
    write_text(path, json.dumps(content, indent=2) + "\n")
    return f"{path}: {len(opened.space)} parameters"
