"""The formats of ``harmonica export``: one module each."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from harmonica_steps.results.search_run import SearchRun


class Format(NamedTuple):
    """What a search can be written as."""

    text: str
    """Description for the help text."""
    file: str
    """Its default name, in the search's folder."""
    place: str
    """Module in `harmonica_steps.export` and function, which is given a search and a path, and
    returns what to tell the user. Imported when it is used: Optuna is optional."""

    @property
    def write(self) -> "Callable[[SearchRun, Path], str]":
        """The function."""
        module, _, name = self.place.partition(":")
        found: Callable[[SearchRun, Path], str]
        found = getattr(import_module(f"harmonica_steps.export.{module}"), name)
        return found


FORMATS = {
    "optuna": Format(
        "a study, in a journal file (the default)", "study.journal", "study:export_study"
    ),
    "csv": Format("all trainings", "trainings.csv", "table:export_table"),
    "configspace": Format(
        "the space, which import-space reads", "space.json", "space:export_space"
    ),
}
"""The formats by their name on the command line."""
