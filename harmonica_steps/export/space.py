"""The search space as a ConfigSpace file."""

import json
from pathlib import Path

from harmonica_steps.configspace import to_configspace
from harmonica_steps.files import write_text
from harmonica_steps.outputs import check_output
from harmonica_steps.results.search_run import SearchRun


def export_space(search: SearchRun, path: Path) -> str:
    """Write the space of a search as ConfigSpace's JSON.

    Parameters
    ----------
    search
        The search.
    path
        The file. An earlier export is replaced.

    Returns
    -------
    str
        What to tell the user.

    Raises
    ------
    HarmonicaError
        When the file holds anything but an earlier export.
    """
    check_output(path, "a space", _is_space)
    content = to_configspace(search.space, search.config.search)
    write_text(path, json.dumps(content, indent=2) + "\n")
    return f"{path}: {len(search.space)} parameters"


def _is_space(path: Path) -> bool:
    """What ConfigSpace itself has written has the same keys, in another order."""
    entries = json.loads(path.read_text(encoding="utf-8"))["hyperparameters"]
    ours = ["name", "default_value", "meta"]
    return bool(entries) and all(list(entry)[:3] == ours for entry in entries)
