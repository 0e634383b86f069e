"""A search that has a folder."""

import pytest

from harmonica_steps.results.search_run import SearchRun


def test_its_former_name_works_and_is_deprecated() -> None:
    with pytest.deprecated_call(match="search_run.SearchRun"):
        from harmonica_steps.results.opened import Opened
    assert Opened is SearchRun
    with pytest.raises(ImportError):
        from harmonica_steps.results.opened import Closed  # noqa: F401
