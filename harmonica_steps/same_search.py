"""Whether a results folder belongs to the search that is about to run in it."""

import base64
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harmonica_steps.config import changes
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.results.planned import read_plan

MOST_LISTED = 10
"""Changes that a message lists."""


def check_same_search(folder: SearchFolder, config: Mapping[str, Any], first: str) -> None:
    """Refuse to mix two searches of the same name.

    Parameters
    ----------
    folder
        The results, which need not be there.
    config
        The configuration as plain data.
    first
        The first part of the search.

    Raises
    ------
    HarmonicaError
        With what has changed, where the results are those of another configuration.
    """
    if not os.path.lexists(folder.plan):
        return
    before = read_plan(folder)["config"]
    whole = _is_known_to_snakemake(folder, first)
    if differing := changes.forbidden(before, config, whole=whole):
        raise HarmonicaError(_message(folder.root, differing, whole=whole))


def _message(root: Path, differing: list[str], *, whole: bool) -> str:
    more = len(differing) - MOST_LISTED
    copied = (
        " (These results were restored or copied: Snakemake cannot know what a change affects, so "
        "only timeouts may change.)"
    )
    return "\n".join(
        [
            f"{root}/ holds a search with another configuration:",
            *(f"  - {line}" for line in differing[:MOST_LISTED]),
            *([f"  - and {more} more keys"] if more > 0 else []),
            "Results of different configurations are never mixed. Give the new search "
            "a name of its own\n(search: in the config, or --config search=NAME), or "
            f"move {root}/ away." + ("" if whole else copied),
        ]
    )


def _is_known_to_snakemake(folder: SearchFolder, first: str) -> bool:
    """Whether Snakemake has noted what the results were made with, and sees what changes.

    It has not where they were restored or copied: then nothing that matters may change.
    """
    samples = folder.samples(first)
    name = base64.urlsafe_b64encode(str(samples).encode()).decode()
    return not samples.exists() or Path(".snakemake/metadata", name).exists()
