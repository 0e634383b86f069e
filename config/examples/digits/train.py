"""Train a residual multi-layer perceptron on the 8x8 digits: an objective with 60 options.

A stand-alone training program, as a search would start it hundreds of times::

    python config/examples/digits/train.py --config in.json --result out.json --seed 1 --epochs 3

The configuration is a JSON object such as ``{"batch_norm": true, "optimiser": "adam"}``; an option
that is left out takes its first value in `OPTIONS`. ``layers`` is the fidelity and ``--epochs`` the
budget: with ``--checkpoint`` a training of 3 epochs goes on to 9 and ends bit for bit where a
straight one of 9 epochs would.

The options are those of the CIFAR-10 experiment of "Hyperparameter Optimization: A Spectral
Approach" (Hazan, Klivans, Yuan 2017), carried over to a network that trains in 0.02 seconds: 39
that matter on a CPU and 21 dummies that change nothing. Needs numpy, and scikit-learn's wheel for
the data (1,797 images of the UCI "Optical Recognition of Handwritten Digits" set); scikit-learn
itself is not imported, because that takes longer than the training.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import json
import math
import os
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

# The matrices are far too small for threads, and many trainings share a machine.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Value = bool | int | float | str
Backward = Callable[[Array], Array]
Step = Callable[[Array], tuple[Array, Backward]]

WIDTH = 24
CLASSES = 10
TRAINING, VALIDATION = 400, 700  # of 1,797 images; the other 697 are the test set

# Schedules are fractions of this, never of --epochs: a short training is the beginning of a longer
# one, so it can be continued.
HORIZON = 27

SWITCH = (False, True)
DUMMIES = tuple(f"dummy_{number:02d}" for number in range(1, 22))

OPTIONS: dict[str, tuple[Value, Value]] = {
    "initialisation": ("standard", "other"),
    "init_detail": ("first", "second"),
    "optimiser": ("sgd", "adam"),
    "learning_rate": ("high", "low"),
    "lr_detail_1": ("high", "low"),
    "lr_detail_2": ("high", "low"),
    "lr_drop": SWITCH,
    "first_drop": ("early", "late"),
    "second_drop": ("early", "late"),
    "momentum": SWITCH,
    "momentum_rate": (0.9, 0.99),
    "residual_weight": ("one", "random"),
    "tune_residual_weight": SWITCH,
    "tune_from": ("start", "later"),
    "activation_first": SWITCH,
    "activation_between": SWITCH,
    "activation_after": SWITCH,
    "bias": SWITCH,
    "activation": ("relu", "other"),
    "other_activation": ("sigmoid", "tanh"),
    "dropout": SWITCH,
    "dropout_rate": ("high", "low"),
    "dropout_detail": ("high", "low"),
    "batch_norm": SWITCH,
    "batch_norm_affine": SWITCH,
    "shortcut": ("identity", "other"),
    "other_shortcut": ("scaled", "projected"),
    "weight_decay": SWITCH,
    "weight_decay_rate": (0.001, 0.0001),
    "batch_size": ("big", "small"),
    "batch_detail": ("big", "small"),
    "standardise": SWITCH,
    "augmentation": SWITCH,
    "label_smoothing": SWITCH,
    "gradient_clip": SWITCH,
    "gradient_clip_norm": (1, 5),
    "nesterov": SWITCH,
    "warm_up": SWITCH,
    "weight_average": SWITCH,
    **dict.fromkeys(DUMMIES, SWITCH),
}


class ConfigurationError(ValueError):
    """The configuration, or the checkpoint that should go with it, cannot be used."""


# --- Options ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Settings:
    """What the options mean: the numbers and names that a training works with."""

    layers: int
    initialisation: str
    optimiser: str
    learning_rate: float
    drops: tuple[float, ...]
    warm_up: float
    momentum: float
    nesterov: bool
    residual_weight: str
    tune_from: float
    activation: str
    activate_first: bool
    activate_between: bool
    activate_after: bool
    bias: bool
    dropout: float
    batch_norm: bool
    batch_norm_affine: bool
    shortcut: str
    weight_decay: float
    batch_size: int
    standardise: bool
    augmentation: bool
    label_smoothing: float
    gradient_clip: float
    weight_average: bool

    @classmethod
    def from_configuration(cls, configuration: Mapping[str, Any]) -> Settings:
        """Check a configuration and translate it.

        An option often refines another: ``learning_rate`` says above or below 0.01, two detail
        options halve that range and halve it again. So three binary choices name eight rates.

        Parameters
        ----------
        configuration
            Option values by name, and ``layers``.

        Returns
        -------
        Settings
            The settings; dummy options leave no trace in them.

        Raises
        ------
        ConfigurationError
            If an option is unknown or has a value that it does not offer.
        """
        layers, chosen = check(configuration)

        def pick(values: Sequence[Any], *names: str) -> Any:
            index = 0
            for name in names:
                index = 2 * index + OPTIONS[name].index(chosen[name])
            return values[index]

        rates = (0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003, 0.0001)
        first, second = pick((1 / 3, 1 / 2), "first_drop"), pick((2 / 3, 5 / 6), "second_drop")
        dropout = pick((0.3, 0.2, 0.1, 0.05), "dropout_rate", "dropout_detail")
        return cls(
            layers=layers,
            initialisation=pick(
                ("glorot", "kaiming", "1/n", "1/n^2"), "initialisation", "init_detail"
            ),
            optimiser=chosen["optimiser"],
            learning_rate=pick(rates, "learning_rate", "lr_detail_1", "lr_detail_2"),
            drops=(first * HORIZON, second * HORIZON) if chosen["lr_drop"] else (),
            warm_up=HORIZON / 27 if chosen["warm_up"] else 0.0,
            momentum=chosen["momentum_rate"] if chosen["momentum"] else 0.0,
            nesterov=chosen["nesterov"],
            residual_weight=chosen["residual_weight"],
            tune_from=(
                pick((0.0, HORIZON / 3), "tune_from")
                if chosen["tune_residual_weight"]
                else math.inf
            ),
            activation=pick(("relu", "relu", "sigmoid", "tanh"), "activation", "other_activation"),
            activate_first=chosen["activation_first"],
            activate_between=chosen["activation_between"],
            activate_after=chosen["activation_after"],
            bias=chosen["bias"],
            dropout=dropout if chosen["dropout"] else 0.0,
            batch_norm=chosen["batch_norm"],
            batch_norm_affine=chosen["batch_norm_affine"],
            shortcut=pick(
                ("identity", "identity", "scaled", "projected"), "shortcut", "other_shortcut"
            ),
            weight_decay=chosen["weight_decay_rate"] if chosen["weight_decay"] else 0.0,
            batch_size=pick((128, 64, 32, 16), "batch_size", "batch_detail"),
            standardise=chosen["standardise"],
            augmentation=chosen["augmentation"],
            label_smoothing=0.1 if chosen["label_smoothing"] else 0.0,
            gradient_clip=chosen["gradient_clip_norm"] if chosen["gradient_clip"] else math.inf,
            weight_average=chosen["weight_average"],
        )

    def as_text(self) -> str:
        """Return a text that two settings share only if they are equal."""
        return json.dumps(asdict(self))


def check(configuration: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
    """Return the number of layers and the value of every option, or say what is wrong."""
    if not isinstance(configuration, Mapping):
        raise ConfigurationError(f"the configuration must be a JSON object, not {configuration!r}")
    given = dict(configuration)
    layers = given.pop("layers", 4)
    if not isinstance(layers, int) or isinstance(layers, bool) or layers < 4 or layers % 2:
        raise ConfigurationError(f"layers must be an even number from 4 on, not {layers!r}")
    chosen: dict[str, Any] = {name: values[0] for name, values in OPTIONS.items()}
    for name, value in given.items():
        if name not in OPTIONS:
            raise ConfigurationError(f"unknown option {name!r}; `--help` lists the options")
        # `True == 1` in Python: a switch takes only a bool, and only a switch does.
        is_switch = OPTIONS[name] == SWITCH
        if value not in OPTIONS[name] or isinstance(value, bool) != is_switch:
            one, other = (json.dumps(value) for value in OPTIONS[name])
            raise ConfigurationError(f"{name} must be {one} or {other}, not {json.dumps(value)}")
        chosen[name] = value
    return layers, chosen


# --- Data ---------------------------------------------------------------------------------------


def load_digits() -> tuple[Array, NDArray[np.intp]]:
    """Read the digits from scikit-learn's wheel, in a fixed shuffled order.

    Returns
    -------
    images, labels
        1,797 images of 64 grey values from 0 to 16, and their digits. The first `TRAINING` are
        for training, the next `VALIDATION` for validation, the rest for the test.
    """
    package = importlib.util.find_spec("sklearn")
    if package is None or package.origin is None:
        raise ConfigurationError("the digits come with scikit-learn: please install it")
    path = Path(package.origin).parent / "datasets" / "data" / "digits.csv.gz"
    lines = gzip.decompress(path.read_bytes()).decode("ascii").splitlines()
    table = np.loadtxt(lines, delimiter=",", dtype=np.float32)
    # The legacy generator, because numpy promises that its streams never change.
    table = table[np.random.RandomState(0).permutation(len(table))]
    return table[:, :-1], table[:, -1].astype(np.intp)


def shifted_copies(images: Array) -> Array:
    """Return the nine versions of each image that are moved by at most one pixel, in (9, m, 64)."""
    padded = np.pad(images.reshape(-1, 8, 8), ((0, 0), (1, 1), (1, 1)))
    moved = [padded[:, y : y + 8, x : x + 8] for y in range(3) for x in range(3)]
    return np.stack(moved).reshape(9, -1, 64)


# --- Network ------------------------------------------------------------------------------------

# Each activation, and its derivative as a function of its own result.
ACTIVATIONS: dict[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    "relu": (lambda x: np.maximum(x, 0), lambda y: (y > 0).astype(np.float32)),
    "sigmoid": (lambda x: 0.5 + 0.5 * np.tanh(0.5 * x), lambda y: y * (1 - y)),
    "tanh": (np.tanh, lambda y: 1 - y * y),
}


def in_turn(steps: Sequence[Step], x: Array) -> tuple[Array, Backward]:
    """Take the steps one after the other; the way back takes them in reverse."""
    ways_back = []
    for step in steps:
        x, way_back = step(x)
        ways_back.append(way_back)

    def backward(gradient: Array) -> Array:
        for way_back in reversed(ways_back):
            gradient = way_back(gradient)
        return gradient

    return x, backward


def blocks(settings: Settings) -> list[str]:
    """Name the residual blocks: two layers each, without the input and the output layer."""
    return [f"block_{number}" for number in range(1, settings.layers // 2)]


def weight_shapes(settings: Settings) -> dict[str, tuple[int, ...]]:
    """Name every array of weights; what an option turns off is not there."""
    shapes: dict[str, tuple[int, ...]] = {}

    def layer(name: str, inputs: int, outputs: int, normed: bool = True) -> None:
        shapes[name] = (inputs, outputs)
        if settings.bias:
            shapes[f"{name}.bias"] = (outputs,)
        if normed and settings.batch_norm and settings.batch_norm_affine:
            shapes[f"{name}.gain"] = shapes[f"{name}.offset"] = (outputs,)

    layer("input", 64, WIDTH)
    for block in blocks(settings):
        layer(f"{block}.first", WIDTH, WIDTH)
        layer(f"{block}.second", WIDTH, WIDTH)
        shapes[f"{block}.weight"] = ()
        if settings.shortcut != "identity":
            scaled = settings.shortcut == "scaled"
            shapes[f"{block}.shortcut"] = (WIDTH,) if scaled else (WIDTH, WIDTH)
    layer("output", WIDTH, CLASSES, normed=False)
    return shapes


def views(flat: Array, settings: Settings) -> dict[str, Array]:
    """Cut a flat vector into the named arrays of weights, which share its memory."""
    named, start = {}, 0
    for name, shape in weight_shapes(settings).items():
        stop = start + math.prod(shape)
        named[name] = flat[start:stop].reshape(shape)
        start = stop
    return named


def zeros(settings: Settings) -> Array:
    """Return a flat vector with an entry for every weight."""
    size = sum(math.prod(shape) for shape in weight_shapes(settings).values())
    return np.zeros(size, dtype=np.float32)


def matrix_entries(settings: Settings) -> Array:
    """Mark the entries of the flat vector that belong to matrices: only these decay."""
    marks = zeros(settings)
    for view in views(marks, settings).values():
        view[...] = view.ndim == 2
    return marks


def draw_weights(settings: Settings, rng: np.random.Generator) -> Array:
    """Draw the weights before training: one flat vector."""
    weights = zeros(settings)
    for name, view in views(weights, settings).items():
        if view.ndim == 2:
            inputs, outputs = view.shape
            deviation = {
                "glorot": math.sqrt(2 / (inputs + outputs)),
                "kaiming": math.sqrt(2 / inputs),
                "1/n": 1 / inputs,
                "1/n^2": 1 / inputs**2,
            }[settings.initialisation]
            view[...] = deviation * rng.standard_normal(view.shape, dtype=np.float32)
        elif name.endswith(".weight") and settings.residual_weight == "random":
            view[...] = rng.random()
        elif not name.endswith((".bias", ".offset")):
            view[...] = 1
    return weights


class Network:
    """A residual network over one flat vector of weights.

    A step maps a batch to its result and to the way back: a function that takes the gradient of
    the result, stores those of the weights involved and returns that of the batch. The steps are
    put together once, so that training asks no option twice.

    Parameters
    ----------
    settings
        The architecture.
    weights
        All weights. The network only looks into this vector: whoever changes it in place, an
        optimiser say, changes the network.

    Attributes
    ----------
    gradient : ndarray
        The gradient of `weights` after a way back. Weights that are not tuned keep a zero.
    rng : numpy.random.Generator or None
        Where dropout draws from. None is evaluation: nothing is dropped, and batch norm takes its
        statistics from the first `TRAINING` images alone.
    tuning : bool
        Whether the weights of the residual branches are tuned.
    """

    def __init__(self, settings: Settings, weights: Array) -> None:
        self.settings = settings
        self.gradient = np.zeros_like(weights)
        self.rng: np.random.Generator | None = None
        self.tuning = False
        self._value = views(weights, settings)
        self._slope = views(self.gradient, settings)
        self._steps = self._assemble()

    def forward(self, images: Array) -> tuple[Array, Backward]:
        """Return the logits of a batch, and the way back that fills `gradient`."""
        return in_turn(self._steps, images)

    def _assemble(self) -> list[Step]:
        settings = self.settings

        def layer(name: str) -> list[Step]:
            norm: list[Step] = [partial(self._normalise, name)] if settings.batch_norm else []
            return [partial(self._linear, name), *norm]

        steps = [*layer("input"), self._activate]
        for block in blocks(settings):
            branch = [
                *[self._activate] * settings.activate_first,
                *layer(f"{block}.first"),
                *[self._activate] * settings.activate_between,
                *[self._drop_out] * (settings.dropout > 0),
                *layer(f"{block}.second"),
            ]
            steps.append(partial(self._add, block, branch))
            steps += [self._activate] * settings.activate_after
        return [*steps, partial(self._linear, "output")]

    def _linear(self, name: str, x: Array) -> tuple[Array, Backward]:
        weight, bias = self._value[name], f"{name}.bias"
        y = x @ weight
        if self.settings.bias:
            y += self._value[bias]

        def backward(gradient: Array) -> Array:
            np.matmul(x.T, gradient, out=self._slope[name])
            if self.settings.bias:
                np.add.reduce(gradient, axis=0, out=self._slope[bias])
            # Nothing comes before the images, so nobody needs their gradient.
            return gradient if name == "input" else gradient @ weight.T

        return y, backward

    def _normalise(self, name: str, x: Array) -> tuple[Array, Backward]:
        rows = slice(TRAINING if self.rng is None else None)
        share = np.float32(1 / len(x[rows]))
        mean: Array = np.add.reduce(x[rows], axis=0) * share
        centred = x - mean
        variance: Array = np.einsum("ij,ij->j", centred[rows], centred[rows]) * share
        scale: Array = 1 / np.sqrt(variance + np.float32(1e-5))
        normal: Array = centred * scale
        affine = self.settings.batch_norm_affine
        gain, offset = f"{name}.gain", f"{name}.offset"
        y = normal * self._value[gain] + self._value[offset] if affine else normal

        def backward(gradient: Array) -> Array:
            total: Array = np.add.reduce(gradient, axis=0)
            along: Array = np.einsum("ij,ij->j", gradient, normal)
            factor = scale
            if affine:
                self._slope[offset][:] = total
                self._slope[gain][:] = along
                factor = scale * self._value[gain]
            return (gradient - total * share - normal * (along * share)) * factor

        return y, backward

    def _activate(self, x: Array) -> tuple[Array, Backward]:
        function, derivative = ACTIVATIONS[self.settings.activation]
        y = function(x)
        return y, lambda gradient: gradient * derivative(y)

    def _drop_out(self, x: Array) -> tuple[Array, Backward]:
        if self.rng is None:
            return x, lambda gradient: gradient
        rate = self.settings.dropout
        kept = (self.rng.random(x.shape, dtype=np.float32) >= rate) * np.float32(1 / (1 - rate))
        return x * kept, lambda gradient: gradient * kept

    def _add(self, block: str, branch: Sequence[Step], x: Array) -> tuple[Array, Backward]:
        """Add the weighted branch to the shortcut."""
        weight = self._value[f"{block}.weight"]
        inside, back_inside = in_turn(branch, x)
        beside, back_beside = self._shortcut(f"{block}.shortcut", x)

        def backward(gradient: Array) -> Array:
            if self.tuning:
                self._slope[f"{block}.weight"][...] = np.vdot(gradient, inside)
            return back_inside(gradient * weight) + back_beside(gradient)

        return beside + inside * weight, backward

    def _shortcut(self, name: str, x: Array) -> tuple[Array, Backward]:
        if self.settings.shortcut == "identity":
            return x, lambda gradient: gradient
        weight = self._value[name]
        scaled = self.settings.shortcut == "scaled"

        def backward(gradient: Array) -> Array:
            if scaled:
                np.einsum("ij,ij->j", x, gradient, out=self._slope[name])
                return gradient * weight
            np.matmul(x.T, gradient, out=self._slope[name])
            return gradient @ weight.T

        return x * weight if scaled else x @ weight, backward


# --- Training -----------------------------------------------------------------------------------


@dataclass
class State:
    """All that a training carries from one epoch to the next: flat vectors and two numbers.

    No generator is among them, since every epoch draws from a stream of its own, named by the seed
    and the epoch. So a checkpoint is simple, and a continued training cannot draw differently.
    """

    weights: Array
    average: Array
    first_moment: Array
    second_moment: Array
    epoch: int = 0
    train_loss: float = 0.0

    @classmethod
    def start(cls, settings: Settings, seed: int) -> State:
        """Return the state before the first epoch."""
        weights = draw_weights(settings, np.random.default_rng((seed, 0)))
        return cls(weights, weights.copy(), np.zeros_like(weights), np.zeros_like(weights))

    def save(self, path: Path, settings: Settings) -> None:
        """Write a checkpoint."""
        arrays = {name: np.asarray(value) for name, value in vars(self).items()}
        arrays["settings"] = np.asarray(settings.as_text())
        write_beside(path, lambda file: np.savez(file, allow_pickle=False, **arrays))

    @classmethod
    def load(cls, path: Path, settings: Settings) -> State:
        """Read a checkpoint; it must be one of a training with these settings."""
        with np.load(path, allow_pickle=False) as arrays:
            if str(arrays["settings"]) != settings.as_text():
                raise ConfigurationError(f"{path} is the checkpoint of another configuration")
            values: dict[str, Any] = {name.name: arrays[name.name] for name in fields(cls)}
        values["epoch"] = int(values["epoch"])
        values["train_loss"] = float(values["train_loss"])
        return cls(**values)

    @property
    def diverged(self) -> bool:
        """Whether the loss or a weight is no longer a number."""
        return not (math.isfinite(self.train_loss) and np.isfinite(self.weights).all())


def learning_rate(settings: Settings, time: float) -> float:
    """Return the learning rate at a time in epochs."""
    rate = settings.learning_rate * 0.1 ** sum(time > drop for drop in settings.drops)
    return rate * min(1.0, time / settings.warm_up) if settings.warm_up else rate


def update(state: State, gradient: Array, settings: Settings, step: int, rate: float) -> None:
    """Take one step of SGD or Adam; `step` counts from 1."""
    weights, momentum = state.weights, settings.momentum
    if settings.optimiser == "sgd":
        state.first_moment *= momentum
        state.first_moment += gradient
        direction = state.first_moment
        if settings.nesterov:
            direction = gradient + momentum * direction
        weights -= rate * direction
        return
    state.first_moment += (1 - momentum) * (gradient - state.first_moment)
    state.second_moment += np.float32(0.001) * (gradient * gradient - state.second_moment)
    direction = state.first_moment / (1 - momentum**step)
    if settings.nesterov:
        direction = momentum * direction + (1 - momentum) * gradient
    spread = np.sqrt(state.second_moment / (1 - 0.999**step)) + 1e-8
    weights -= rate * direction / spread


def train_epoch(
    network: Network, state: State, copies: Array, labels: NDArray[np.intp], seed: int
) -> None:
    """Train for one epoch.

    Parameters
    ----------
    network
        A network over `state.weights`.
    state
        Changed in place.
    copies
        The training images in one or several versions, of shape (versions, images, 64).
    labels
        Their digits.
    seed
        The seed of the whole training.
    """
    settings = network.settings
    rng = network.rng = np.random.default_rng((seed, state.epoch + 1))
    network.tuning = state.epoch >= settings.tune_from
    smoothing = settings.label_smoothing
    targets = (1 - smoothing) * np.eye(CLASSES, dtype=np.float32) + smoothing / CLASSES
    decay = settings.weight_decay * matrix_entries(settings)

    order = rng.permutation(len(labels))
    batches = [
        order[start : start + settings.batch_size]
        for start in range(0, len(order), settings.batch_size)
    ]
    loss = 0.0
    for number, batch in enumerate(batches, start=1):
        images = copies[rng.integers(len(copies), size=len(batch)), batch]
        target = targets[labels[batch]]

        logits, backward = network.forward(images)
        logits -= logits.max(axis=1, keepdims=True)
        log_odds = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        loss -= float(np.vdot(target, log_odds))
        backward((np.exp(log_odds) - target) / np.float32(len(batch)))

        gradient = network.gradient + decay * state.weights
        length = math.sqrt(np.vdot(gradient, gradient))
        if length > settings.gradient_clip:
            gradient *= settings.gradient_clip / length
        rate = learning_rate(settings, state.epoch + number / len(batches))
        update(state, gradient, settings, state.epoch * len(batches) + number, rate)
        if settings.weight_average:  # over about the last epoch
            state.average += (state.weights - state.average) / np.float32(len(batches))
    network.rng = None
    state.epoch += 1
    state.train_loss = loss / len(labels)


def train(
    configuration: Mapping[str, Any],
    *,
    seed: int,
    epochs: int,
    checkpoint: Path | None = None,
    digits: tuple[Array, NDArray[np.intp]] | None = None,
) -> dict[str, float]:
    """Train a network, or continue from a checkpoint, and measure its errors.

    Parameters
    ----------
    configuration
        Option values by name; see `OPTIONS`.
    seed
        The seed of all draws except the split of the data, which is always the same.
    epochs
        The length of the whole training, whatever part of it a checkpoint has already done. A
        checkpoint that is longer is only evaluated.
    checkpoint
        A directory that keeps the state after every epoch.
    digits
        What `load_digits` returns, if it is at hand.

    Returns
    -------
    dict
        ``validation_error`` and ``test_error`` in percent, the ``train_loss`` of the last epoch
        and the ``epochs`` done. Errors and loss are NaN if the training diverged.
    """
    settings = Settings.from_configuration(configuration)
    images, labels = digits or load_digits()
    copies = shifted_copies(images[:TRAINING]) if settings.augmentation else images[None, :TRAINING]
    centre, spread = np.float32(0), np.float32(16)
    if settings.standardise:
        # A pixel that is always black has no spread: the 1 keeps its shifted grey values small.
        centre, spread = images[:TRAINING].mean(axis=0), images[:TRAINING].std(axis=0) + 1
    images, copies = (images - centre) / spread, (copies - centre) / spread

    path = checkpoint / "checkpoint.npz" if checkpoint else None
    state = State.load(path, settings) if path and path.exists() else State.start(settings, seed)
    network = Network(settings, state.weights)
    with np.errstate(all="ignore"):  # overflow is a result here, not an accident
        while state.epoch < epochs and not state.diverged:
            train_epoch(network, state, copies, labels[:TRAINING], seed)
            print(f"epoch {state.epoch}/{epochs}: training loss {state.train_loss:.4f}", flush=True)
            if path:
                state.save(path, settings)
        if settings.weight_average:
            network = Network(settings, state.average)
        logits, _ = network.forward(images)

    if state.diverged or not np.isfinite(logits).all():
        errors = np.full(len(labels), np.nan)
        state.train_loss = math.nan
    else:
        errors = 100.0 * (logits.argmax(axis=1) != labels)
    return {
        "validation_error": float(errors[TRAINING : TRAINING + VALIDATION].mean()),
        "test_error": float(errors[TRAINING + VALIDATION :].mean()),
        "train_loss": state.train_loss,
        "epochs": state.epoch,
    }


# --- Command line -------------------------------------------------------------------------------


def write_beside(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a file under another name and rename it, so that nobody ever reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with beside.open("wb") as file:
        write(file)
    beside.replace(path)


def natural(text: str) -> int:
    """Parse a whole number from 0 on."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 on")
    return int(text)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program."""
    switches = ", ".join(name for name, values in OPTIONS.items() if values == SWITCH)
    choices = "\n".join(
        f"  {name}: {values[0]} or {values[1]}"
        for name, values in OPTIONS.items()
        if values != SWITCH
    )
    parser = argparse.ArgumentParser(
        description="Train a residual multi-layer perceptron on the 8x8 digits.",
        epilog="options of a configuration, the default first:\n"
        f"{choices}\n  layers: an even number from 4 on\n"
        + textwrap.fill(
            f"false or true: {switches}", 100, initial_indent="  ", subsequent_indent="    "
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--config", type=Path, required=True, help="JSON file with an object of option values"
    )
    parser.add_argument(
        "--result", type=Path, required=True, help="JSON file to write the errors (in %%) to"
    )
    parser.add_argument("--seed", type=natural, required=True, help="seed of all random draws")
    parser.add_argument(
        "--epochs", type=natural, required=True, help="epochs of the training in all"
    )
    parser.add_argument(
        "--checkpoint",
        type=Path,
        metavar="DIR",
        help="directory to keep the state in and to resume from",
    )
    given = parser.parse_args(arguments)
    try:
        configuration = json.loads(given.config.read_text(encoding="utf-8"))
        result = train(
            configuration, seed=given.seed, epochs=given.epochs, checkpoint=given.checkpoint
        )
    except (ConfigurationError, OSError, json.JSONDecodeError) as error:
        parser.exit(2, f"{parser.prog}: error: {error}\n")
    text = json.dumps(result, indent=2) + "\n"
    write_beside(given.result, lambda file: file.write(text.encode()))


if __name__ == "__main__":
    main()
