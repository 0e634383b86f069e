"""Studies that the real Optuna has written, in either kind of file."""

import math
from pathlib import Path

import optuna
import pytest
from pydantic import TypeAdapter

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.search.imported import StudyTrial
from harmonica_steps.space import Parameter, Space
from harmonica_steps.study.read import read_study

PARAMETER: TypeAdapter[Parameter] = TypeAdapter(Parameter)
SPACE = Space(
    {
        "rate": PARAMETER.validate_python({"type": "float", "low": 0, "high": 1}),
        "odd": PARAMETER.validate_python({"type": "categorical", "values": ["x", 1, True]}),
    }
)


def storage(path: Path) -> optuna.storages.BaseStorage:
    if path.suffix == ".db":
        return optuna.storages.RDBStorage(f"sqlite:///{path}")
    return optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(str(path)))


def objective(trial: optuna.Trial) -> float:
    trial.suggest_float("rate", 0, 1)
    trial.suggest_categorical("odd", ['"x"', "1", "true"])
    if trial.number == 2:
        raise ValueError("oh")
    if trial.number == 3:
        raise optuna.TrialPruned
    return {4: math.inf, 5: 1e200}.get(trial.number, float(trial.number))


@pytest.fixture(params=["study.journal", "study.db"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / request.param
    study = optuna.create_study(
        storage=storage(path), study_name="s", sampler=optuna.samplers.RandomSampler(seed=0)
    )
    study.optimize(objective, 6, catch=ValueError)
    study.enqueue_trial({"rate": 0.5})
    study.optimize(objective, 1)
    study.ask()
    return path


def read(path: Path, name: str | None = None, direction: str = "minimize") -> list[StudyTrial]:
    return read_study(path, name, SPACE, direction)


def test_every_trial_that_has_ended_is_there_but_those_somebody_chose(path: Path) -> None:
    found = read(path)
    assert [(t.study, t.number, t.status, t.value) for t in found] == [
        ("s", 0, "ok", 0.0),
        ("s", 1, "ok", 1.0),
        ("s", 2, "failed", None),
        ("s", 3, "pruned", None),
        ("s", 4, "diverged", None),
        ("s", 5, "diverged", None),
    ]
    assert found[2].cause == "failed in the study"
    assert found[4].cause == "the value is inf"
    assert all(t.parameters["odd"] in ("x", 1, True) for t in found)
    assert {type(t.parameters["odd"]) for t in found} > {int} or len(found) < 3


def test_reading_changes_nothing(path: Path) -> None:
    before = {entry: entry.read_bytes() for entry in path.parent.iterdir()}
    times = {entry: entry.stat().st_mtime_ns for entry in before}
    read(path)
    assert {entry: entry.read_bytes() for entry in path.parent.iterdir()} == before
    assert {entry: entry.stat().st_mtime_ns for entry in before} == times


def test_one_of_several_studies_must_be_named(path: Path) -> None:
    optuna.create_study(storage=storage(path), study_name="other")
    with pytest.raises(HarmonicaError, match="several studies: s, other; give"):
        read(path)
    assert len(read(path, "s")) == 6
    assert read(path, "other") == []
    with pytest.raises(HarmonicaError, match="has no study 'othr', did you mean 'other'"):
        read(path, "othr")


def test_the_direction_must_be_that_of_the_objective(path: Path) -> None:
    with pytest.raises(HarmonicaError, match=r"has minimize, but objective.direction is maximize"):
        read(path, direction="maximize")
    optuna.create_study(storage=storage(path), study_name="two", directions=["minimize"] * 2)
    with pytest.raises(HarmonicaError, match="has minimize and minimize"):
        read(path, "two")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "holds no study"),
        (
            b"SQLite format 3\0 and then nothing",
            "is neither an Optuna journal nor an Optuna SQLite",
        ),
        (b"{}\n", "is neither an Optuna journal nor an Optuna SQLite"),
        (b"\x80\n[\n", "is neither an Optuna journal nor an Optuna SQLite"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "study"
    path.write_bytes(content)
    with pytest.raises(HarmonicaError, match=message):
        read(path)


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(HarmonicaError, match="cannot be read"):
        read(tmp_path / "nowhere")


# Optuna 4 had no mark for samples of the multivariate TPE.
MARKING = ["genetic", *(["multivariate"] if int(optuna.__version__.split(".")[0]) >= 5 else [])]


@pytest.mark.parametrize("name", MARKING)
def test_adaptive_samplers_leave_marks(tmp_path: Path, name: str) -> None:
    sampler = {
        "multivariate": lambda: optuna.samplers.TPESampler(
            multivariate=True, n_startup_trials=5, seed=0
        ),
        "genetic": lambda: optuna.samplers.NSGAIISampler(population_size=5, seed=0),
    }[name]()
    path = tmp_path / "study.journal"
    study = optuna.create_study(storage=storage(path), sampler=sampler)
    study.optimize(lambda trial: trial.suggest_float("rate", 0, 1), 15)
    assert any(trial.sampler for trial in read(path))
