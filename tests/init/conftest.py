from pathlib import Path

import pytest
from init_support import copy_programs


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy_programs(tmp_path)
    monkeypatch.chdir(tmp_path)
