"""The tiny search as fixtures."""

import shutil
from pathlib import Path

import pytest
from tiny_search import TinySearch


@pytest.fixture
def tiny(tmp_path: Path) -> TinySearch:
    return TinySearch(tmp_path)


@pytest.fixture
def finished(undisturbed: TinySearch, tmp_path: Path) -> TinySearch:
    """A copy of the finished search, to be meddled with."""
    shutil.copytree(undisturbed.folder, tmp_path, dirs_exist_ok=True)
    return TinySearch(tmp_path)


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> TinySearch:
    """The search run once, on one core, without any trouble."""
    search = TinySearch(tmp_path_factory.mktemp("undisturbed"))
    search.output = search.run("--cores=1", "all")
    return search
