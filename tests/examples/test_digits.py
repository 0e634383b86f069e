"""The digits objective: every option counts, and a continued training is a straight one."""

from __future__ import annotations

import json
import math
import subprocess
import sys

import numpy as np
import pytest
import yaml
from examples_support import EXAMPLES, load_example

example = load_example("digits/train.py")
PROGRAM = EXAMPLES / "digits/train.py"
REAL = [name for name in example.OPTIONS if name not in example.DUMMIES]

# A configuration in which every option that refines another one is in use.
BUSY = {
    "init_detail": "second",
    "learning_rate": "high",
    "lr_detail_1": "low",
    "lr_drop": True,
    "momentum": True,
    "residual_weight": "random",
    "tune_residual_weight": True,
    "activation_between": True,
    "activation": "other",
    "other_activation": "tanh",
    "bias": True,
    "dropout": True,
    "batch_norm": True,
    "batch_norm_affine": True,
    "shortcut": "other",
    "other_shortcut": "projected",
    "weight_decay": True,
    "standardise": True,
    "augmentation": True,
    "gradient_clip": True,
    "nesterov": True,
    "weight_average": True,
}


@pytest.fixture(scope="module")
def digits():
    return example.load_digits()


@pytest.fixture(scope="module")
def train(digits):
    def run(configuration, *, seed=1, epochs=3, checkpoint=None):
        return example.train(
            configuration, seed=seed, epochs=epochs, checkpoint=checkpoint, digits=digits
        )

    return run


def draw(seed: int) -> dict[str, object]:
    rng = np.random.default_rng(seed)
    return {name: values[rng.integers(2)] for name, values in example.OPTIONS.items()}


def flip(configuration, name):
    one, other = example.OPTIONS[name]
    return {**configuration, name: other if configuration.get(name, one) == one else one}


def run_program(tmp_path, configuration, *extra):
    config, result = tmp_path / "config.json", tmp_path / "result.json"
    config.write_text(json.dumps(configuration))
    files = ["--config", str(config), "--result", str(result)]
    done = subprocess.run(
        [sys.executable, PROGRAM, *files, "--seed", "1", *extra],
        capture_output=True,
        text=True,
        check=False,
    )
    return done, result


def same_bytes(one, other) -> bool:
    """Compare two checkpoints, or results, in which a NaN equals a NaN."""
    return one.keys() == other.keys() and all(
        np.asarray(one[key]).tobytes() == np.asarray(other[key]).tobytes() for key in one
    )


def test_data_are_the_whole_set_in_its_range(digits):
    images, labels = digits
    assert images.shape == (1797, 64)
    assert (images.min(), images.max()) == (0, 16)
    assert np.bincount(labels).min() >= 174


def test_a_plain_configuration_learns(train):
    good = {"batch_norm": True, "activation_between": True, "lr_detail_1": "low", "momentum": True}
    result = train(good, epochs=12)
    assert result["validation_error"] < 8
    assert result["test_error"] < 8


@pytest.mark.parametrize("changes", [{}, {"shortcut": "identity"}, {"other_shortcut": "scaled"}])
def test_gradient_is_that_of_the_loss(changes):
    changes = {**BUSY, "dropout": False, "activation_first": True, **changes}
    settings = example.Settings.from_configuration({**changes, "layers": 6})
    rng = np.random.default_rng(0)
    weights = example.draw_weights(settings, rng).astype(np.float64)
    images, direction = rng.random((16, 64)), rng.standard_normal((16, 10))

    network = example.Network(settings, weights)
    network.rng, network.tuning = rng, True
    _, backward = network.forward(images)
    backward(direction)
    gradient = network.gradient.copy()

    for entry in rng.choice(len(weights), size=200, replace=False):
        losses = []
        for step in (1e-5, -2e-5):
            weights[entry] += step
            losses.append(np.vdot(network.forward(images)[0], direction))
        weights[entry] += 1e-5
        slope = (losses[0] - losses[1]) / 2e-5
        assert gradient[entry] == pytest.approx(slope, rel=1e-3, abs=1e-4)


@pytest.mark.parametrize("configuration", [BUSY, flip(BUSY, "optimiser"), draw(1), draw(2)])
def test_continued_training_is_a_straight_one(tmp_path, train, configuration):
    stops = {"straight": [14], "continued": [3, 9, 14]}
    results = {
        name: [train(configuration, epochs=n, checkpoint=tmp_path / name) for n in epochs][-1]
        for name, epochs in stops.items()
    }
    one, other = (np.load(tmp_path / name / "checkpoint.npz") for name in stops)
    assert same_bytes(dict(one), dict(other))
    assert same_bytes(results["straight"], results["continued"])
    assert same_bytes(results["straight"], train(configuration, epochs=14))


def test_a_continued_training_still_moves_the_weights(tmp_path, train):
    train(BUSY, epochs=3, checkpoint=tmp_path)
    before = np.load(tmp_path / "checkpoint.npz")["weights"]
    train(BUSY, epochs=4, checkpoint=tmp_path)
    assert not np.array_equal(before, np.load(tmp_path / "checkpoint.npz")["weights"])


def test_a_finished_checkpoint_is_only_evaluated(tmp_path, train):
    result = train(BUSY, epochs=4, checkpoint=tmp_path)
    before = (tmp_path / "checkpoint.npz").read_bytes()
    assert train(BUSY, epochs=3, checkpoint=tmp_path) == result
    assert (tmp_path / "checkpoint.npz").read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["checkpoint.npz"]


@pytest.mark.parametrize("changes", [{"optimiser": "adam"}, {"layers": 6}])
def test_a_checkpoint_of_another_configuration_is_refused(tmp_path, train, changes):
    train(BUSY, epochs=1, checkpoint=tmp_path)
    with pytest.raises(example.ConfigurationError, match="another configuration"):
        train({**BUSY, **changes}, epochs=2, checkpoint=tmp_path)


def test_the_seed_decides_everything(train):
    assert train(BUSY, seed=5) == train(BUSY, seed=5)
    assert train(BUSY, seed=5) != train(BUSY, seed=6)


@pytest.mark.parametrize("name", REAL)
def test_every_option_changes_something(train, name):
    # The second drop comes after epoch 18 of the horizon.
    epochs = {"first_drop": 10, "second_drop": 19, "lr_drop": 10, "tune_from": 1}.get(name, 1)
    bases = [BUSY, flip(BUSY, "activation")]
    assert any(
        train(base, epochs=epochs) != train(flip(base, name), epochs=epochs) for base in bases
    )


def test_dummies_change_nothing(train):
    assert len(example.DUMMIES) == 21
    expected = train(BUSY)
    everything = {**BUSY, **dict.fromkeys(example.DUMMIES, True)}
    assert train(everything) == expected
    for dummy in example.DUMMIES:
        one = example.Settings.from_configuration(flip(BUSY, dummy))
        assert one == example.Settings.from_configuration(BUSY)


def test_details_multiply_into_eight_learning_rates():
    names = ("learning_rate", "lr_detail_1", "lr_detail_2")
    rates = [
        example.Settings.from_configuration(dict(zip(names, values, strict=True))).learning_rate
        for values in np.stack(np.meshgrid(*[("high", "low")] * 3, indexing="ij"), -1)
        .reshape(-1, 3)
        .tolist()
    ]
    assert rates == [0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003, 0.0001]


def test_divergence_is_nan(train):
    with np.errstate(all="ignore"):
        result = train({"momentum": True, "momentum_rate": 0.99, "layers": 40}, epochs=3)
    assert math.isnan(result["validation_error"])
    assert math.isnan(result["test_error"])
    assert math.isnan(result["train_loss"])


@pytest.mark.parametrize(
    ("configuration", "message"),
    [
        ({"optimiser": "lbfgs"}, 'optimiser must be "sgd" or "adam", not "lbfgs"'),
        ({"batch_norm": 1}, "batch_norm must be false or true, not 1"),
        ({"gradient_clip_norm": True}, "gradient_clip_norm must be 1 or 5, not true"),
        ({"bach_norm": True}, "unknown option 'bach_norm'"),
        ({"layers": 5}, "layers must be an even number from 4 on, not 5"),
        ({"optimiser": ["sgd"]}, 'optimiser must be "sgd" or "adam", not ["sgd"]'),
        ([1], "must be a JSON object"),
    ],
)
def test_bad_configurations_are_explained(configuration, message):
    with pytest.raises(example.ConfigurationError) as caught:
        example.Settings.from_configuration(configuration)
    assert message in str(caught.value)


def test_program_writes_the_result(tmp_path, train):
    checkpoint = tmp_path / "state"
    done, result = run_program(tmp_path, BUSY, "--epochs", "3", "--checkpoint", str(checkpoint))
    assert done.returncode == 0, done.stderr
    assert json.loads(result.read_text()) == train(BUSY)
    assert len(done.stdout.splitlines()) == 3
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "config.json",
        "result.json",
        "state",
    ]


def test_program_refuses_a_bad_value_with_2(tmp_path):
    done, result = run_program(tmp_path, {"optimiser": "lbfgs"}, "--epochs", "3")
    assert done.returncode == 2
    assert 'optimiser must be "sgd" or "adam", not "lbfgs"' in done.stderr
    assert "Traceback" not in done.stderr
    assert not result.exists()


def test_space_offers_exactly_the_options():
    space = yaml.safe_load((EXAMPLES / "digits/space.yaml").read_text())
    assert len(space) == 60
    offered = {
        name: example.SWITCH if spec == {"type": "bool"} else tuple(spec["values"])
        for name, spec in space.items()
    }
    assert offered == example.OPTIONS
