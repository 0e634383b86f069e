"""What the recovery of a stage costs, against an earlier version in the same run.

    .venv/bin/python benchmarks/recover_step.py [--against 6631fb9] [--repeat 3]

CPU seconds of everything that the step computes, with its 15 resamples and without imports: the
least of some repetitions, both versions in turn, each in a process of its own with one BLAS thread.
The earlier version is taken from git.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

REPOSITORY = Path(__file__).parents[1]


class Case(NamedTuple):
    """A stage."""

    parameters: int
    levels: int
    samples: int
    degree: int
    values: int | None = None
    """How many different scores there are; None for as many as samples."""

    def __str__(self) -> str:
        what = "switches" if self.levels == 2 else f"parameters of {self.levels} levels"
        few = f", {self.values} different scores" if self.values else ""
        return f"{self.parameters} {what}, T={self.samples}, d={self.degree}{few}"


CASES = [
    Case(60, 2, 100, 2),
    Case(60, 2, 100, 3),
    Case(60, 2, 300, 3),
    Case(200, 2, 300, 3),
    Case(20, 4, 100, 3),
    Case(60, 4, 300, 2),
    Case(60, 2, 100, 3, values=6),
    Case(1000, 2, 300, 3),
]
SPARSITY = 5


def main() -> None:
    """Print a line for each case, or measure one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--against", default="6631fb9", help="a commit")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--cases", default="0-6", help="numbers, e.g. 0-2,7; 7 takes many minutes")
    parser.add_argument("--measure", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure is not None:
        print(measured(CASES[arguments.measure]))
        return
    with tempfile.TemporaryDirectory() as folder:
        archive = subprocess.run(
            ["git", "archive", arguments.against, "harmonica_steps"],
            cwd=REPOSITORY,
            capture_output=True,
            check=True,
        )
        subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)
        print(f"{'':52} {arguments.against:>9}       now   ratio")
        for number in numbers(arguments.cases):
            compare(number, Path(folder), arguments.repeat)


def numbers(text: str) -> list[int]:
    """Those in a list such as ``0-2,7``."""
    found: list[int] = []
    for item in text.split(","):
        first, _, last = item.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


def compare(number: int, before: Path, repeat: int) -> None:
    """A line of the table."""
    least = [np.inf, np.inf]
    for _ in range(repeat):
        for which, source in enumerate((before, REPOSITORY)):
            environment = {
                **os.environ,
                "PYTHONPATH": str(source),
                "OPENBLAS_NUM_THREADS": "1",
                "OMP_NUM_THREADS": "1",
            }
            run = subprocess.run(
                [sys.executable, __file__, "--measure", str(number)],
                env=environment,
                capture_output=True,
                text=True,
                check=True,
            )
            least[which] = min(least[which], float(run.stdout))
    old, new = least
    print(f"{CASES[number]!s:52} {old:9.2f} {new:9.2f} {new / old:7.2f}", flush=True)


def measured(case: Case) -> float:
    """CPU seconds of a stage."""
    from harmonica_steps.spectral import Recovery, recover
    from harmonica_steps.spectral.recovery import single_effects
    from harmonica_steps.spectral.resample import trust
    from harmonica_steps.spectral.small_effects import small_effects

    basis, levels, scores = drawn(case)

    def again(some: np.ndarray, their: np.ndarray) -> Recovery:
        return recover(basis, some, their, case.degree, SPARSITY, thorough=False)

    start = time.process_time()
    found = recover(basis, levels, scores, case.degree, SPARSITY)
    single_effects(basis, levels, scores, found)
    small_effects(basis, levels, scores, found)
    trust(again, basis, levels, scores, np.random.SeedSequence(0))
    return time.process_time() - start


def drawn(case: Case) -> tuple["Basis", np.ndarray, np.ndarray]:  # type: ignore[name-defined]  # noqa: F821
    """Five terms, weaker and weaker, and noise."""
    from harmonica_steps.spectral import Basis

    rng = np.random.default_rng(0)
    basis = Basis([case.levels] * case.parameters, [True] * case.parameters)
    levels = rng.integers(case.levels, size=(case.samples, case.parameters))
    features = basis.evaluate(levels)
    scores = rng.normal(size=case.samples)
    for number in range(5):
        size = rng.integers(1, case.degree + 1)
        members = np.sort(rng.choice(case.parameters, size=size, replace=False)).tolist()
        weights = rng.normal(size=basis.width(members))
        weights *= (1.2 - 0.15 * number) / np.linalg.norm(weights)
        scores += weights @ basis.set_columns(features, members)
    if case.values:  # most are small, few are large: permutations decide
        ranks = np.argsort(np.argsort(scores)) / case.samples
        scores = np.floor(case.values * ranks**12)
    return basis, levels, scores


if __name__ == "__main__":
    main()
