"""Files of others are read as data: nothing is unpickled, and no module of theirs is imported."""

import json
import os
import pickle
import sqlite3
import subprocess
import sys
from pathlib import Path

import optuna
import pytest

HOOKED = """
import sys
found = []
sys.addaudithook(lambda event, _: event == "pickle.find_class" and found.append(event))
from harmonica_steps.cli import main
code = main(sys.argv[1:])
assert not found
sys.exit(code)
"""


class Evil:
    """Leaves a file where it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("unpickled",)


def study(path: Path) -> optuna.Study:
    backend = optuna.storages.journal.JournalFileBackend(str(path))
    storage = (
        f"sqlite:///{path}" if path.suffix == ".db" else optuna.storages.JournalStorage(backend)
    )
    made = optuna.create_study(storage=storage, study_name="s")
    made.optimize(lambda trial: trial.suggest_float("a", 0, 1), n_trials=3)
    return made


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", HOOKED, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", ["s.journal", "s.db"])
def test_a_study_is_read_without_unpickling(name: str, tmp_path: Path) -> None:
    made = study(tmp_path / name)
    made.set_user_attr("evil", pickle.dumps(Evil(), 0).decode("latin-1"))
    done = run(tmp_path, "init", "--from-study", name)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "unpickled").exists()


@pytest.mark.parametrize("option", ["--from-study", "--from-configspace"])
def test_a_pickle_is_refused_with_a_sentence(option: str, tmp_path: Path) -> None:
    (tmp_path / "evil").write_bytes(pickle.dumps(Evil()))
    done = run(tmp_path, "init", option, "evil")
    assert done.returncode == 1
    assert done.stderr.startswith("harmonica: ")
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "unpickled").exists()


def test_a_pickle_in_a_column_of_a_database_is_not_loaded(tmp_path: Path) -> None:
    study(tmp_path / "s.db")
    with sqlite3.connect(tmp_path / "s.db") as database:
        evil = pickle.dumps(Evil())
        database.execute("UPDATE trial_params SET distribution_json = ?", (evil,))
    done = run(tmp_path, "init", "--from-study", "s.db")
    assert "AssertionError" not in done.stderr
    assert not (tmp_path / "unpickled").exists()


def test_a_program_is_read_and_not_run(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(
        "import os; os.mkdir('ran')\ndef objective(c):\n    return c['a'] * 0.5\n"
    )
    assert run(tmp_path, "init", "train.py").returncode == 0
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.mkdir [ran]", "!!python/name:os.mkdir"])
def test_a_config_file_makes_no_objects(tag: str, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(f"search: {tag}\n")
    done = run(tmp_path, "plan", "c.yaml")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "ran").exists()


def test_plan_runs_no_code_of_the_program(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("import os; os.mkdir('ran')\ndef objective(c): return 1\n")
    config = {
        "search": "t",
        "objective": {"callable": "train:objective", "preload": ["train"]},
        "space": {name: {"type": "bool"} for name in "abc"},
        "stages": [{"samples": 10, "sparsity": 1}],
        "final": {"configurations": 2, "eta": 2, "min_budget": 1, "max_budget": 2},
    }
    (tmp_path / "c.yaml").write_text(json.dumps(config))
    done = run(tmp_path, "plan", "c.yaml")
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "ran").exists()
