"""Spaces of other tools: from Optuna studies and ConfigSpace."""

from collections.abc import Callable
from pathlib import Path

import optuna
import pytest
from ConfigSpace import ConfigurationSpace, EqualsCondition
from init_support import options, written
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from harmonica_steps.cli import main
from harmonica_steps.preflight import check

optuna.logging.set_verbosity(optuna.logging.ERROR)


def objective(trial: optuna.Trial) -> float:
    rate = trial.suggest_float("lr", 1e-4, 1e-1, log=True)
    kind = trial.suggest_categorical("opt", ["sgd", "adam"])
    momentum = trial.suggest_float("momentum", 0, 0.9) if kind == "sgd" else 0
    units = trial.suggest_int("units", 32, 128, step=32)
    depth = trial.suggest_int("depth", 1, 20)
    nesterov = trial.suggest_categorical("nesterov", [True, False])
    version = trial.suggest_int("version", 3, 3)
    return rate + momentum + units + depth + nesterov + version


def study(
    name: str,
    function: Callable[[optuna.Trial], float] = objective,
    sampler: BaseSampler | None = None,
    trials: int = 40,
    direction: str = "minimize",
) -> optuna.Study:
    found = optuna.create_study(
        storage=JournalStorage(JournalFileBackend("old.journal")),
        study_name=name,
        sampler=sampler or RandomSampler(seed=1),
        direction=direction,
    )
    found.optimize(function, n_trials=trials)
    return found


def test_the_space_of_a_study_with_its_conditions_and_trials() -> None:
    study("old")
    content, search = written("--from-study", "old.journal")
    assert content["space"] == {
        "lr": {"type": "float", "low": 1e-4, "high": 0.1, "log": True},
        "opt": {"type": "categorical", "values": ["sgd", "adam"]},
        "momentum": {"type": "float", "low": 0.0, "high": 0.9, "when": {"opt": ["sgd"]}},
        "units": {"type": "ordinal", "values": [32, 64, 96, 128]},
        "depth": {"type": "int", "low": 1, "high": 20, "levels": 4},
        "nesterov": {"type": "bool"},
    }
    (stage,) = content["stages"]
    assert stage["study"] == {"path": "old.journal"}
    assert stage["fidelity"] == content["final"]["fidelity"] == {"version": 3}
    assert stage["samples"] == 80
    assert search.objective.direction == "minimize"


def test_the_trials_of_an_adaptive_sampler_are_not_imported_but_the_best_is_the_start(
    capsys: pytest.CaptureFixture[str],
) -> None:
    best = study("old", sampler=TPESampler(seed=1), direction="maximize").best_params
    content, search = written("--from-study", "old.journal")
    assert "study" not in content["stages"][0]
    assert "its trials are not imported: trial 10 was chosen by an adaptive sampler" in " ".join(
        capsys.readouterr().out.split()
    )
    assert content["start"] == [{k: v for k, v in best.items() if k != "version"}]
    assert search.objective.direction == "maximize"


def test_a_program_gets_the_space_of_a_study() -> None:
    study("old", lambda trial: trial.suggest_float("learning_rate", 0.1, 0.2), trials=20)
    calls = [
        *("'--learning-rate', type=float", "'--seed', type=int", "'--epochs', type=int, default=9"),
        "'--dropout', type=float, default=0.1",
    ]
    Path("program.py").write_text(options(*calls))
    content, search = written("program.py", "--from-study", "old.journal")
    assert content["space"] == {"learning_rate": {"type": "float", "low": 0.1, "high": 0.2}}
    command = "python program.py --seed {seed} --epochs {budget} {args}"
    assert content["objective"]["command"] == command
    assert content["objective"]["args"] == {"names": "hyphens"}
    check(search)


def test_parameters_that_the_program_does_not_have_are_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    study("old")
    Path("program.py").write_text(options("'--lr', type=float, default=0.1"))
    written("program.py", "--from-study", "old.journal")
    assert "the program does not seem to have opt, momentum, units, depth, nesterov;" in " ".join(
        capsys.readouterr().out.split()
    )


def test_one_of_several_studies_has_to_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    study("one", trials=12)
    study("two", lambda trial: trial.suggest_float("x", 0, 1), trials=12)
    assert main(["init", "--from-study", "old.journal"]) == 1
    assert "holds several studies: one, two; give --study-name" in capsys.readouterr().err
    content, _ = written("--from-study", "old.journal", "--study-name", "two")
    assert content["space"] == {"x": {"type": "float", "low": 0.0, "high": 1.0}}
    assert main(["init", "--from-study", "old.journal", "--study-name", "twos", "--force"]) == 1
    assert "--study-name: old.journal has no study 'twos', did you mean 'two'?" in (
        capsys.readouterr().err
    )


def test_a_study_that_cannot_lend_a_space(capsys: pytest.CaptureFixture[str]) -> None:
    study("empty", trials=0)
    assert main(["init", "--from-study", "old.journal"]) == 1
    assert "has no trials yet" in capsys.readouterr().err
    optuna.create_study(storage="sqlite:///two.db", directions=["minimize", "maximize"])
    assert main(["init", "--from-study", "two.db"]) == 1
    assert "has 2 objectives" in capsys.readouterr().err


def test_ranges_that_change_and_choices_that_have_no_counterpart() -> None:
    def changing(trial: optuna.Trial) -> float:
        trial.suggest_categorical("what", [None, "x", "y"])
        trial.suggest_categorical("nothing", [None, "x"])
        trial.suggest_float("fine", 0, 1, step=0.01)
        return trial.suggest_float("x", 0, 1 + trial.number % 3)

    study("old", changing)
    content, _ = written("--from-study", "old.journal")
    assert content["space"] == {
        "what": {"type": "categorical", "values": ["x", "y"]},
        "fine": {"type": "float", "low": 0.0, "high": 1.0},
        "x": {"type": "float", "low": 0.0, "high": 3.0},
    }
    text = Path("harmonica.yaml").read_text()
    for remark in ("[null] cannot be", "its range differs between trials", "the step 0.01 is"):
        assert remark in text


def test_a_parameter_that_comes_and_goes_without_a_reason_is_mentioned() -> None:
    def partly(trial: optuna.Trial) -> float:
        if trial.number % 2:
            trial.suggest_float("y", 0, 1)
        return trial.suggest_float("x", 0, 1)

    study("old", partly)
    content, _ = written("--from-study", "old.journal")
    assert "when" not in content["space"]["y"]
    assert "is not in all trials" in Path("harmonica.yaml").read_text()


def test_a_space_of_configspace_is_that_of_import_space() -> None:
    space = ConfigurationSpace({"a": (0.1, 2.0), "b": ["x", "y"], "c": (1, 30)})
    space.add(EqualsCondition(space["a"], space["b"], "x"))
    space.to_json("space.json")
    content, _ = written("--from-configspace", "space.json")
    assert content["space"]["a"]["when"] == {"b": ["x"]}
    assert set(content["space"]) == {"a", "b", "c"}
    assert "TODO-train.py {args}" in content["objective"]["command"]


def test_constants_of_configspace_are_shared_by_all_trainings(
    capsys: pytest.CaptureFixture[str],
) -> None:
    space = ConfigurationSpace({"a": (0.1, 2.0), "layers": 3})
    space.to_json("space.json")
    content, _ = written("--from-configspace", "space.json")
    assert content["final"]["fidelity"] == {"layers": 3}
    assert "not imported: default values" in " ".join(capsys.readouterr().out.split())
