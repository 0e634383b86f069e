"""The tiny search as fixtures."""

import shutil
import subprocess
from pathlib import Path

import pytest
from small_disk import mounted
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


@pytest.fixture(scope="session")
def can_mount(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Leave a test out where nobody may mount a file system: only root may, and not everywhere."""
    try:
        with mounted(tmp_path_factory.mktemp("disk"), "size=1m"):
            pass
    except subprocess.CalledProcessError as error:
        pytest.skip(f"this machine lets nobody mount a file system here: {error}")
