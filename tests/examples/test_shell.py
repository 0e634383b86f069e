"""The shell objective: a training without Python that reads JSON and writes JSON."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
import yaml
from examples_support import EXAMPLES

PROGRAM = EXAMPLES / "shell/train.sh"
BASE = {
    "standardise": True,
    "activation": "tanh",
    "hidden": 8,
    "batch": 2,
    "input_noise": 0.3,
    "learning_rate": 0.1,
    "weight_decay": 0.001,
    "optimiser": "sgd",
    "momentum": 0.3,
}
RMSPROP = {key: value for key, value in BASE.items() if key != "momentum"} | {
    "optimiser": "rmsprop",
    "learning_rate": 0.01,
    "memory": 0.8,
}


def run(tmp_path, configuration, *, seed="1", budget="2", indent=None):
    text = (
        configuration
        if isinstance(configuration, str)
        else json.dumps(configuration, indent=indent)
    )
    config, result = tmp_path / "config.json", tmp_path / "result.json"
    config.write_text(text)
    result.unlink(missing_ok=True)
    done = subprocess.run(
        ["sh", PROGRAM, config, result],
        env={**os.environ, "HARMONICA_SEED": seed, "HARMONICA_BUDGET": budget},
        capture_output=True,
        text=True,
        check=False,
    )
    assert sorted(file.name for file in tmp_path.iterdir() if file != result) == ["config.json"]
    return done, json.loads(result.read_text()) if result.exists() else None


@pytest.mark.parametrize("configuration", [BASE, RMSPROP])
def test_training_learns(tmp_path, configuration):
    done, result = run(tmp_path, configuration, budget="9")
    assert done.returncode == 0, done.stderr
    assert result["validation_error"] <= 20
    assert 0 < result["validation_loss"] < 0.5
    assert len(done.stdout.splitlines()) == 9


def test_seed_and_budget_decide(tmp_path):
    _, expected = run(tmp_path, BASE)
    assert run(tmp_path, BASE)[1] == expected
    assert run(tmp_path, BASE, indent=2)[1] == expected
    assert run(tmp_path, BASE, seed="2")[1] != expected
    assert run(tmp_path, BASE, budget="3")[1] != expected
    assert run(tmp_path, BASE, seed=str(2**63))[0].returncode == 0


@pytest.mark.parametrize(
    ("base", "name", "value"),
    [
        (BASE, "standardise", False),
        (BASE, "activation", "relu"),
        (BASE, "activation", "sigmoid"),
        (BASE, "hidden", 16),
        (BASE, "batch", 1),
        (BASE, "input_noise", 0.0),
        (BASE, "learning_rate", 1e-3),
        (BASE, "weight_decay", 1e-05),
        (BASE, "optimiser", "rmsprop"),
        (BASE, "momentum", 0.9),
        (RMSPROP, "memory", 0.95),
    ],
)
def test_every_option_changes_something(tmp_path, base, name, value):
    assert run(tmp_path, base)[1] != run(tmp_path, {**base, name: value})[1]


@pytest.mark.parametrize(
    ("configuration", "message"),
    [
        ({"activation": "gelu"}, "activation must be one of: tanh relu sigmoid; not: gelu"),
        ({"hidden": "many"}, "hidden must be a number, not: many"),
        ({"depth": 3}, "not an option: depth=3"),
        ({"batch": 0}, "hidden and batch must be 1 or more"),
        ("nonsense", "not an option: nonsense"),
    ],
)
def test_bad_configurations_are_explained(tmp_path, configuration, message):
    done, result = run(tmp_path, configuration)
    assert done.returncode == 2
    assert message in done.stderr
    assert result is None


def test_divergence_is_nan(tmp_path):
    steep = {"learning_rate": 1000, "activation": "relu", "standardise": False, "momentum": 0.9}
    done, result = run(tmp_path, steep, budget="9")
    assert done.returncode == 0
    assert result["validation_loss"] != result["validation_loss"]


def test_a_missing_configuration_is_an_error(tmp_path):
    done = subprocess.run(
        ["sh", PROGRAM, tmp_path / "none.json", tmp_path / "result.json"],
        env={**os.environ, "HARMONICA_SEED": "1", "HARMONICA_BUDGET": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "cannot read the configuration" in done.stderr


def test_space_offers_what_the_training_takes(tmp_path):
    space = yaml.safe_load((EXAMPLES / "shell/space.yaml").read_text())
    assert set(space) == set(BASE) | set(RMSPROP)
    assert {spec["type"] for spec in space.values()} == {
        "bool",
        "categorical",
        "ordinal",
        "int",
        "float",
    }
    for name, spec in space.items():
        for value in spec.get("values", [spec.get("low", True), spec.get("high", False)]):
            done, _ = run(tmp_path, {name: value}, budget="0")
            assert done.returncode == 0, done.stderr
