"""What is searched: cheap functions whose configurations can be judged beside the search.

Each has the space, a training that returns the metric (smaller is better), and a verdict on a
configuration that the search has not seen: without noise, or on test data with fresh seeds.
"""

import contextlib
import gzip
import io
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import control
import numpy as np
import reals
import suites
import yaml
from problem import Problem
from sklearn.datasets import load_digits as sklearn_digits
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import SGDClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

from config.examples.digits.train import TRAINING, VALIDATION, load_digits, train
from config.examples.synthetic.objective import VARIABLES, Synthetic

EXAMPLES = Path(__file__).parents[2] / "config/examples"

FASHION = Path("/usr/share/datasets/fashion-mnist")
"""Where Debian's package dataset-fashion-mnist puts the files of Zalando's data."""

FRESH = 16
"""Seeds of the trainings behind a verdict."""

Images = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Objective:
    """One problem; replicates differ in the search's seed and, where there are several, in it."""

    space: dict[str, Any]
    train: Callable[[dict[str, Any], int, int], float]
    """Configuration, seed, budget."""
    verdict: Callable[[dict[str, Any]], float]
    unit: str
    fidelity: dict[str, Any] = field(default_factory=dict)
    """Fixed settings of the trainings of the search."""
    final: dict[str, Any] = field(default_factory=dict)
    """More keys of the final search."""


def synthetic(replicate: int) -> Objective:
    """Another function of the paper's kind for each replicate; the verdict is the regret in %."""
    function = Synthetic(10_000 + replicate)

    def value(configuration: dict[str, Any]) -> float:
        return float(function.value([configuration[f"x{i}"] for i in range(VARIABLES)]))

    def noisy(configuration: dict[str, Any], seed: int, budget: int) -> float:
        return value(configuration) + 4 * np.random.default_rng(seed).random()

    bound = function.path_bound
    return Objective(
        space={f"x{i}": {"type": "categorical", "values": [-1, 1]} for i in range(VARIABLES)},
        train=noisy,
        verdict=lambda configuration: 100 * (value(configuration) - bound) / abs(bound),
        unit="regret %",
    )


def digits(replicate: int) -> Objective:
    """The demo's network of 60 options; budgets are epochs, the verdict is on three."""
    return _network(load_digits(), {}, 3)


def deep(replicate: int) -> Objective:
    """The same searched with few layers; the best five are trained deep, and nine times longer."""
    return _deeper(load_digits())


def fashion(replicate: int) -> Objective:
    """The same on pictures of clothes, which are harder to tell apart."""
    return _deeper(load_fashion(FASHION))


def load_fashion(folder: Path) -> Images:
    """As many images of Fashion-MNIST as there are digits, as small and with as many greys.

    The network takes the first for training and validation: they are of Zalando's training set;
    those that it is tested on are of Zalando's test set.
    """
    if not folder.is_dir():
        sys.exit(f"{folder} is missing; on Debian: apt install dataset-fashion-mnist")
    parts = {"train": TRAINING + VALIDATION, "t10k": 697}
    greys = [_idx(folder / f"{part}-images-idx3-ubyte.gz", n) for part, n in parts.items()]
    labels = [_idx(folder / f"{part}-labels-idx1-ubyte.gz", n) for part, n in parts.items()]
    # 28 x 28 with a margin of two is 32 x 32, and every pixel the mean of 4 x 4.
    framed = np.pad(np.concatenate(greys), ((0, 0), (2, 2), (2, 2))).astype(np.float32)
    small = framed.reshape(-1, 8, 4, 8, 4).mean(axis=(2, 4)) / 255 * 16
    return small.reshape(-1, 64), np.concatenate(labels).astype(np.intp)


def _idx(path: Path, count: int) -> np.ndarray:
    """The first of the arrays of bytes in a file of the MNIST format."""
    data = gzip.decompress(path.read_bytes())
    shape = np.frombuffer(data, ">u4", data[3], 4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(shape)[:count]


def _deeper(data: Images) -> Objective:
    deep, epochs = {"layers": 8}, 27
    again = {"configurations": 5, "budget": epochs, "fidelity": deep}
    return replace(_network(data, deep, epochs), fidelity={"layers": 4}, final={"retrain": again})


def _network(data: Images, judged: dict[str, Any], epochs: int) -> Objective:
    def errors(configuration: dict[str, Any], seed: int, epochs: int) -> dict[str, float]:
        with contextlib.redirect_stdout(io.StringIO()):
            found: dict[str, float] = train(configuration, seed=seed, epochs=epochs, digits=data)
        return found

    def verdict(configuration: dict[str, Any]) -> float:
        settings = {**configuration, **judged}
        tests = [errors(settings, 10**6 + i, epochs)["test_error"] for i in range(FRESH)]
        return float(np.mean(np.nan_to_num(tests, nan=90.0)))

    return Objective(
        space=yaml.safe_load((EXAMPLES / "digits/space.yaml").read_text()),
        train=lambda c, seed, epochs: errors(c, seed, epochs)["validation_error"],
        verdict=verdict,
        unit="test error %",
    )


def models(replicate: int) -> Objective:
    """Four kinds of models with their own parameters, on the digits as a table of 64 columns."""
    x, y = _table()

    def error(configuration: dict[str, Any], seed: int, test: bool) -> float:
        rows = np.random.default_rng(seed).permutation(1100)[:300]
        known, other = (1100, 1797) if test else (700, 1100)
        inside = rows[rows < 700]
        features = _features(configuration, x, inside)
        with np.errstate(all="ignore"):
            model = _model(configuration, seed).fit(features[inside], y[inside])
            return float(100 * (model.predict(features[known:other]) != y[known:other]).mean())

    return Objective(
        space=yaml.safe_load((Path(__file__).parent / "models.yaml").read_text()),
        train=lambda c, seed, budget: error(c, seed, test=False),
        verdict=lambda c: float(np.mean([error(c, 10**6 + i, test=True) for i in range(FRESH)])),
        unit="test error %",
    )


def by_gap(make: Callable[[int], Problem], replicate: int) -> Objective:
    """A problem without noise; the verdict is the gap: 100 for the mean of uniform samples."""
    problem = make(replicate)
    return Objective(
        space=problem.space,
        train=lambda configuration, seed, budget: problem.value(configuration),
        verdict=problem.gap,
        unit="gap %",
    )


def floats(replicate: int) -> Objective:
    """Real numbers with noise of a tenth of the function's deviation, in which the regret is."""
    problem = reals.floats(replicate)
    deviation = float(problem.uniform.std())

    def noisy(configuration: dict[str, Any], seed: int, budget: int) -> float:
        noise = 0.1 * deviation * np.random.default_rng(seed).standard_normal()
        return problem.value(configuration) + float(noise)

    return Objective(
        space=problem.space,
        train=noisy,
        verdict=lambda configuration: (problem.value(configuration) - problem.best) / deviation,
        unit="regret sd",
    )


OBJECTIVES: dict[str, Callable[[int], Objective]] = {
    "synthetic": synthetic,
    "digits": digits,
    "deep": deep,
    "fashion": fashion,
    "models": models,
    "onemax": partial(by_gap, suites.onemax),
    "nk": partial(by_gap, suites.nk),
    "torus": partial(by_gap, suites.torus),
    "pest": partial(by_gap, control.pest),
    "contamination": partial(by_gap, control.contamination),
    "ackley53": partial(by_gap, reals.ackley53),
    "mixint": partial(by_gap, suites.mixint),
    "floats": floats,
}


@cache
def _table() -> tuple[np.ndarray, np.ndarray]:
    x, y = sklearn_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(y))
    return x[order] / 16, y[order]


def _features(configuration: dict[str, Any], x: np.ndarray, training: np.ndarray) -> np.ndarray:
    if configuration["power"] != 1:
        x = x ** configuration["power"]
    if configuration["scale"] == "standard":
        x = (x - x[training].mean(axis=0)) / (x[training].std(axis=0) + 1e-3)
    elif configuration["scale"] == "length":
        x = x / np.linalg.norm(x, axis=1, keepdims=True)
    if configuration["components"]:
        mean = x[training].mean(axis=0)
        _, sizes, axes = np.linalg.svd(x[training] - mean, full_matrices=False)
        count = configuration["components"]
        x = (x - mean) @ axes[:count].T
        if configuration["whiten"]:
            x = x / (sizes[:count] / np.sqrt(len(training)) + 1e-9)
    return x


def _model(c: dict[str, Any], seed: int) -> Any:
    if c["model"] == "linear":
        return SGDClassifier(
            loss=c["loss"],
            penalty=c["penalty"],
            alpha=c["alpha"],
            average=c["average"],
            learning_rate=c["schedule"],
            eta0=c["eta0"],
            max_iter=c["epochs"],
            tol=None,
            random_state=seed,
        )
    if c["model"] == "neighbours":
        return KNeighborsClassifier(c["neighbours"], weights=c["weights"], p=c["power_of_distance"])
    if c["model"] == "kernel":
        return SVC(C=c["C"], kernel=c["kernel"], gamma=c["gamma"], shrinking=c["shrinking"])
    return ExtraTreesClassifier(
        c["trees"],
        criterion=c["criterion"],
        max_depth=c["depth"],
        max_features=c["share"],
        min_samples_leaf=c["leaf"],
        random_state=seed,
    )
