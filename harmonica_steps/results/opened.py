"""The former name of `SearchRun`, for programs that import it from here."""

import warnings
from typing import Any

from harmonica_steps.results.search_run import SearchRun


def __getattr__(name: str) -> Any:
    if name != "Opened":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    warnings.warn(
        "harmonica_steps.results.opened.Opened is now harmonica_steps.results.search_run.SearchRun",
        DeprecationWarning,
        stacklevel=2,
    )
    return SearchRun
