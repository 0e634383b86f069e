"""A small search that has ended, to be changed at will."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from steps_support import plan, run_all

from harmonica_steps.results.search_run import SearchRun


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the whole search, run once."""
    folder = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        run_all(plan())
    return folder


@pytest.fixture
def search(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SearchRun]:
    """A copy of it, in the current directory, to be changed at will."""
    folder = tmp_path / "copy"
    shutil.copytree(finished, folder)
    monkeypatch.chdir(folder)
    return SearchRun.at(Path("results/tiny"))


@pytest.fixture
def in_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
