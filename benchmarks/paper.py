"""The paper's experiment on a network that trains in a moment, beside the paper's figures.

    .venv/bin/python benchmarks/paper.py --runs 5

Section 5 of arXiv 1706.00764: three stages of 300 samples, degree 3, the 8, 8 and 5 strongest
terms, four kept assignments, a small network; then a base optimiser trains a deep one. The options
are those of config/examples/digits, 39 and 21 dummies, modelled after the paper's; the data are
small images of digits instead of CIFAR-10. So errors and times are other ones, and what can be
compared is their course: how much each stage gains, what matters, who is ahead at what cost.

Every run has its own seed. Test errors are of the best three configurations with fresh seeds.
"""

import argparse
import contextlib
import io
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import yaml

sys.path.insert(0, str(Path(__file__).parents[1]))

from inprocess import History, run

from config.examples.digits.train import load_digits, train
from harmonica_steps.config import parse
from harmonica_steps.search.design import Design
from harmonica_steps.spectral import Term

SPACE = Path(__file__).parents[1] / "config/examples/digits/space.yaml"

SMALL, DEEP = {"layers": 4}, {"layers": 20}

STAGES = [
    {
        "samples": 300,
        "guided": 0,
        "degree": 3,
        "sparsity": terms,
        "keep": 4,
        "budget": 3,
        "fidelity": SMALL,
    }
    for terms in (8, 8, 5)
]

HALVING = {
    "guided": 0,
    "configurations": 54,
    "eta": 3,
    "min_budget": 3,
    "max_budget": 27,
    "fidelity": DEEP,
}
UNIFORM = {"optimiser": "random", "configurations": 18, "budget": 27, "fidelity": DEEP}

METHODS: dict[str, dict[str, Any]] = {
    "Harmonica, halving (Harmonica 1)": {"stages": STAGES, "final": HALVING},
    "two stages, less halving (Harmonica 2)": {
        "stages": STAGES[:2],
        "final": {**HALVING, "configurations": 27},
    },
    "Harmonica, random": {"stages": STAGES, "final": UNIFORM},
    "random": {"final": {**UNIFORM, "configurations": 81}},
    "Hyperband": {
        "final": {
            "optimiser": "hyperband",
            "eta": 3,
            "min_budget": 3,
            "max_budget": 27,
            "repetitions": 9,
            "fidelity": DEEP,
        }
    },
    "TPE in four rounds": {
        "final": {
            "optimiser": "optuna",
            "rounds": 4,
            "configurations": 10,
            "budget": 27,
            "fidelity": DEEP,
        }
    },
}

PAPER = {
    "Harmonica, halving (Harmonica 1)": ("7.03 to 7.77", 10.1),
    "two stages, less halving (Harmonica 2)": ("7.74", 3.6),
    "Harmonica, random": ("7.85 to 9.27", 8.3),
    "random": ("8.01 to 10.89", 20.0),
    "Hyperband": ("8.71 to 10.10", 17.3),
    "TPE in four rounds": ("9.41 to 11.32 (Spearmint)", 8.5),
}
"""Best test error in %, read off the paper's figure, and GPU days."""

PAPER_MEANS = (60.16, 33.3, 24.33, 21.3)
"""Average test error in % of uniform samples: at first, and after each stage."""

PAPER_TERMS = (
    "batch norm 8.1, activation 3.5, learning rate x its detail 3.1, activation x batch norm 2.6, "
    "learning rate 2.3, weight decay 1.9, batch norm x weight decay 1.8, a triple with a dummy 1.5",
    "optimiser 4.2, optimiser x momentum 3.0, first activation 2.8, momentum 2.2, first x last "
    "activation 1.7, initialisation 1.3, initialisation x momentum 1.1, initialisation x optimiser "
    "0.7",
    "weight-decay rate 0.5, weight decay 0.3, learning-rate detail x weight decay 0.2, batch-norm "
    "affine 0.2, weight decay x its rate 0.2",
)


@dataclass
class Found:
    """Of one method, a value for each run."""

    validation: list[float] = field(default_factory=list)
    test: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    """Seconds of training."""


def main() -> None:
    """Print three tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--fresh", type=int, default=8, help="trainings behind a test error")
    arguments = parser.parse_args()
    digits = load_digits()
    found = {name: Found() for name in METHODS}
    histories = []
    for seed in range(arguments.runs):
        for name, method in METHODS.items():
            print(f"run {seed + 1} of {arguments.runs}: {name}", file=sys.stderr, flush=True)
            history = one(name, method, seed, arguments.fresh, digits, found[name])
            if name == next(iter(METHODS)):
                histories.append(history)
    print("\n".join(["", *errors(found), "", *means(histories), "", *terms(histories[0])]))


def one(
    name: str, method: dict[str, Any], seed: int, fresh: int, digits: Any, into: Found
) -> History:
    """A search, and the test errors of its best three."""
    config = parse(
        {
            "search": "paper",
            "seed": seed,
            "objective": {"command": "true"},
            "space": yaml.safe_load(SPACE.read_text()),
            **method,
        }
    )

    def trained(configuration: dict[str, Any], seed: int, epochs: int) -> dict[str, float]:
        with contextlib.redirect_stdout(io.StringIO()):
            errors: dict[str, float] = train(configuration, seed=seed, epochs=epochs, digits=digits)
        return errors

    spent = 0.0

    def objective(configuration: dict[str, Any], seed: int, epochs: int) -> float:
        nonlocal spent
        start = time.process_time()
        error = trained(configuration, seed, epochs)["validation_error"]
        spent += time.process_time() - start
        return error

    history = run(config, objective)
    ranked = history.ranked()
    tests = [
        trained({**history.space.active(sample.configuration), **DEEP}, 10**6 + i, 27)["test_error"]
        for sample, _ in ranked[:3]
        for i in range(fresh)
    ]
    into.validation.append(ranked[0][1])
    into.test.append(float(np.mean(np.nan_to_num(tests, nan=90.0))))
    into.cpu.append(spent)
    return history


def errors(found: dict[str, Found]) -> Iterator[str]:
    """What each method has found, and what it cost."""
    random = np.mean(found["random"].cpu)
    yield (
        "| method | validation % | test % | training, random = 1 | paper: test % | "
        "paper: GPU days, random = 1 |"
    )
    yield "|---|---|---|---|---|---|"
    for name, of in found.items():
        paper, days = PAPER[name]
        yield (
            f"| {name} | {spread(of.validation)} | {spread(of.test)} | "
            f"{np.mean(of.cpu) / random:.2f} | {paper} | {days / PAPER['random'][1]:.2f} |"
        )


def means(histories: list[History]) -> Iterator[str]:
    """The average error of uniform samples of each stage, all with the small network."""
    yield "| samples drawn | validation %, 4 layers | paper: test %, 8 layers |"
    yield "|---|---|---|"
    labels = ("from the whole space", "after stage 1", "after stage 2")
    for number, (label, theirs) in enumerate(zip(labels, PAPER_MEANS, strict=False), start=1):
        averages = [float(np.nanmean(h.done[f"stage-{number}"].values)) for h in histories]
        yield f"| {label} | {spread(averages)} | {theirs} |"


def terms(history: History) -> Iterator[str]:
    """What mattered in the first run, with weights in % of error."""
    yield "| stage | important terms here (first run) | paper |"
    yield "|---|---|---|"
    for number, (fit, theirs) in enumerate(
        zip(history.recoveries, PAPER_TERMS, strict=True), start=1
    ):
        ours = ", ".join(named(fit.design, term) for term in fit.recovery.terms)
        yield f"| {number} | {ours or 'none'} | {theirs} |"


def named(design: Design, term: Term) -> str:
    """A term in the users' words, with its weight."""
    return f"{' x '.join(design.names[v] for v in term.members)} {term.weight:.1f}"


def spread(values: list[float]) -> str:
    """Mean and standard error."""
    error = f" +- {np.std(values, ddof=1) / np.sqrt(len(values)):.2f}" if len(values) > 1 else ""
    return f"{np.mean(values):.2f}{error}"


if __name__ == "__main__":
    main()
