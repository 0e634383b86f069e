"""The tiny search as fixtures."""

import shutil
import subprocess
from pathlib import Path

import pytest
from small_disk import mounted
from tiny_search import TinySearch

from tests.once import made_once


@pytest.fixture
def tiny(tmp_path: Path) -> TinySearch:
    return TinySearch(tmp_path)


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> TinySearch:
    """The search run on one core, without any trouble. Not to be changed: workers share it."""
    folder = made_once(tmp_path_factory, "undisturbed", run_undisturbed)
    search = TinySearch(folder / "finished")
    search.output = (folder / "output.txt").read_text()
    return search


def run_undisturbed(folder: Path) -> None:
    search = TinySearch(folder / "finished")
    search.run("--cores=1", "stage_1")
    shutil.copytree(search.folder, folder / "stage_1")
    (folder / "output.txt").write_text(search.run("--cores=1", "all"))


@pytest.fixture
def finished(undisturbed: TinySearch, tmp_path: Path) -> TinySearch:
    """A copy of the finished search, to be meddled with."""
    shutil.copytree(undisturbed.folder, tmp_path, dirs_exist_ok=True)
    return TinySearch(tmp_path)


@pytest.fixture
def begun(undisturbed: TinySearch, tmp_path: Path) -> TinySearch:
    """A copy of the search as it was after its first stage."""
    shutil.copytree(undisturbed.folder.with_name("stage_1"), tmp_path, dirs_exist_ok=True)
    return TinySearch(tmp_path)


@pytest.fixture(scope="session")
def can_mount(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Leave a test out where nobody may mount a file system: only root may, and not everywhere."""
    try:
        with mounted(tmp_path_factory.mktemp("disk"), "size=1m"):
            pass
    except subprocess.CalledProcessError as error:
        pytest.skip(f"this machine lets nobody mount a file system here: {error}")
