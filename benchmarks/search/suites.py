"""Problems from two suites of benchmarks: IOHprofiler's PBO and COCO's bbob-mixint.

Replicate r is their instance r + 1. An instance flips or permutes the bits and rescales the values,
or moves the optimum.
"""

from importlib import import_module
from typing import Any

from problem import Problem, best_known, bits


def onemax(replicate: int) -> Problem:
    """F1 of PBO: as many of 60 bits as possible agree with hidden ones."""
    function = pbo(1, 60, replicate)
    return Problem(bits(60), _negative(function), -function.optimum.y)


def nk(replicate: int) -> Problem:
    """F25 of PBO, an NK landscape: each of 60 bits has a table of itself and one other bit."""
    return Problem(bits(60), _negative(pbo(25, 60, replicate)), best_known("nk", replicate))


def torus(replicate: int) -> Problem:
    """F20 of PBO, an Ising model: as many neighbours as possible on a torus of 8 x 8 agree."""
    function = pbo(20, 64, replicate)
    return Problem(bits(64), _negative(function), -function.optimum.y)


def mixint(replicate: int) -> Problem:
    """F3 of bbob-mixint, Rastrigin's function of 40: eight each with 2, 4, 8, 16 and any values."""
    function = bbob_mixint(3, 40, replicate)
    integers = function.number_of_integer_variables
    space = {}
    for i, (low, high) in enumerate(
        zip(function.lower_bounds.tolist(), function.upper_bounds.tolist(), strict=True)
    ):
        whole = i < integers
        bounds = (int(low), int(high)) if whole else (low, high)
        space[f"x{i}"] = {
            "type": "int" if whole else "float",
            **dict(zip(("low", "high"), bounds, strict=True)),
        }
    return Problem(
        space,
        lambda configuration: float(function(list(configuration.values()))),
        best_known("mixint", replicate),
    )


def pbo(number: int, dimension: int, replicate: int) -> Any:
    """A function of IOHprofiler's suite of pseudo-Boolean optimisation; larger is better."""
    ioh = _package("ioh")
    return ioh.get_problem(number, replicate + 1, dimension, ioh.ProblemClass.PBO)


def bbob_mixint(number: int, dimension: int, replicate: int) -> Any:
    """A function of COCO's mixed-integer suite; smaller is better."""
    wanted = f"dimensions: {dimension} function_indices: {number}"
    suite = _package("cocoex").Suite("bbob-mixint", f"instances: {replicate + 1}", wanted)
    return suite[0]


def _negative(function: Any) -> Any:
    return lambda configuration: -function([int(bit) for bit in configuration.values()])


def _package(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        raise SystemExit(f"{name} is missing: pip install -e '.[benchmarks]'") from None
