"""Studies that are damaged, or are none, end in a sentence; so do odd ones that Optuna reads."""

import os
import random
import sqlite3
from pathlib import Path
from typing import Any

import optuna
import pytest
from pydantic import TypeAdapter

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.space import Parameter, Space
from harmonica_steps.study.read import LARGEST_FILE, read_study
from harmonica_steps.study.space import space_of_study

optuna.logging.set_verbosity(optuna.logging.ERROR)
RATE: Any = TypeAdapter(Parameter).validate_python({"type": "float", "low": 0, "high": 1})
SPACE = Space({"rate": RATE})


def objective(trial: optuna.Trial) -> float:
    trial.suggest_categorical("kind", ["a", "b"])
    return trial.suggest_float("rate", 0, 1)


def write(path: Path) -> bytes:
    storage: Any = f"sqlite:///{path}"
    if path.suffix != ".db":
        backend = optuna.storages.journal.JournalFileBackend(str(path))
        storage = optuna.storages.JournalStorage(backend)
    sampler = optuna.samplers.RandomSampler(seed=0)
    optuna.create_study(storage=storage, sampler=sampler).optimize(objective, 4)
    return path.read_bytes()


def refusals(path: Path) -> list[str]:
    """What both readers say; '' where they can read it."""
    said = []
    for read in (
        lambda: read_study(path, None, SPACE, "minimize"),
        lambda: space_of_study(path, None),
    ):
        try:
            read()
            said.append("")
        except HarmonicaError as error:
            said.append(str(error))
            assert "\n" not in said[-1]
            assert len(said[-1]) < len(str(path)) + 500
    return said


def test_a_journal_whose_last_line_is_half_written_is_read_up_to_it(tmp_path: Path) -> None:
    path = tmp_path / "study.journal"
    path.write_bytes(write(path)[:-20])
    assert [trial.number for trial in read_study(path, None, SPACE, "minimize")] == [0, 1, 2]


JOURNALS = {
    "half": lambda j: j[:300] + b"\n" + j[400:],
    "kind of line": lambda j: j.replace(b'"op_code":5', b'"op_code":99'),
    "distribution": lambda j: j.replace(b"FloatDistribution", b"OtherDistribution"),
    "choice": lambda j: j.replace(b'_internal":1,', b'_internal":7,'),
    "list": lambda _: b"[]\n",
    "deep": lambda _: b"[" * 100_000 + b"\n",
    "utf-16": lambda j: b"\xff\xfe" + j,
}


@pytest.mark.parametrize("name", JOURNALS)
def test_a_damaged_journal(tmp_path: Path, name: str) -> None:
    path = tmp_path / "study.journal"
    content = write(path).replace(b'": ', b'":')
    changed = JOURNALS[name](content)
    assert changed != content
    path.write_bytes(changed)
    for said in refusals(path):
        assert "is neither an Optuna journal nor an Optuna SQLite database, or it is dam" in said


STATEMENTS = [
    "update alembic_version set version_num = 'v99'",
    "update trials set state = 'ODD'",
    "update trial_values set value = null",
    "update trial_values set value_type = 'ODD'",
    "update trial_params set distribution_json = '{'",
    "update trial_params set param_value = 'text'",
    "insert into trial_user_attributes (trial_id, key, value_json) values (1, 'a', '{')",
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_damaged_database(tmp_path: Path, statement: str) -> None:
    path = tmp_path / "study.db"
    write(path)
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()
    for said in refusals(path):
        assert "or it is damaged or of another version of Optuna" in said


@pytest.mark.parametrize("name", ["study.journal", "study.db"])
def test_any_other_bytes(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    content, chance = write(path), random.Random(1)
    for _ in range(15):
        changed = bytearray(content[: chance.choice([len(content), len(content) // 2, 100])])
        for _ in range(chance.choice([0, 1, 30])):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        path.write_bytes(changed)
        refusals(path)


def test_what_is_no_file_or_too_large_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert all(said.endswith("pipe is not a file.") for said in refusals(tmp_path / "pipe"))
    assert all(said.endswith("is not a file.") for said in refusals(tmp_path))
    with (tmp_path / "large").open("wb") as stream:
        stream.truncate(LARGEST_FILE + 1)
    assert all("at most 268,435,456 are read" in said for said in refusals(tmp_path / "large"))


def test_choices_and_ranges_that_no_search_can_have_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "study.journal"
    text = write(path).decode()
    for old, new in (
        ('[\\"a\\", \\"b\\"]', '[[\\"a\\"], {}]'),
        ('\\"high\\": 1.0', '\\"high\\": NaN'),
    ):
        assert old in text
        path.write_text(text.replace(old, new))
        assert refusals(path) == ["", ""]
    found = space_of_study(path, None)
    assert list(found.space) == ["kind"]
    assert found.left_out == [("rate", "its range from 0.0 to nan is too large")]


def test_the_same_choice_at_both_ends_is_not_the_only_one(tmp_path: Path) -> None:
    path = tmp_path / "study.journal"
    path.write_text(
        write(path).decode().replace('[\\"a\\", \\"b\\"]', '[\\"a\\", \\"b\\", \\"a\\"]')
    )
    found = space_of_study(path, None)
    assert found.space["kind"] == {"type": "categorical", "values": ["a", "b"]}
    assert found.constants == {}
