"""The benchmark's methods are settings that a configuration file can have."""

import inspect
import sys
from pathlib import Path
from typing import Any

import optuna
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
sys.path += [str(BENCHMARKS), str(BENCHMARKS / "search"), str(BENCHMARKS.parent)]

from inprocess import run  # noqa: E402
from methods import METHODS, TPE, applies  # noqa: E402
from objectives import OBJECTIVES  # noqa: E402
from one import configuration_of  # noqa: E402

from harmonica_steps.search.plan import parts  # noqa: E402


def test_the_settings_of_tpe_are_the_defaults() -> None:
    signature = inspect.signature(optuna.samplers.TPESampler).parameters
    defaults = {name: signature[name].default for name in TPE}
    # Multivariate with a single objective, if nothing is said.
    assert defaults == {**TPE, "multivariate": None}


def sampled(settings: dict[str, Any]) -> list[dict[str, Any]]:
    objective = OBJECTIVES["onemax"](0)
    final = {**METHODS["tpe-7x100"]["final"], "rounds": 3, "configurations": 12}
    config = configuration_of(objective, {"final": {**final, "settings": settings}}, 1)
    done = run(config, objective.train).done.values()
    return [sample.configuration for part in done for sample in part.samples]


def test_with_them_tpe_proposes_what_it_proposes_by_itself() -> None:
    assert sampled(TPE) == sampled({})
    assert sampled({**TPE, "multivariate": False}) != sampled({})


@pytest.mark.parametrize("method", ["nsga2-7x100", "cmaes-7x100"])
def test_optunas_rivals_learn_from_round_to_round(method: str) -> None:
    objective = OBJECTIVES["floats"](0)
    history = run(configuration_of(objective, METHODS[method], 1), objective.train)
    means = [done.values.mean() for done in history.done.values()]
    assert len(means) == 7
    assert means[-1] < 0.6 * means[0]
    assert len({sample.configuration["x0"] for sample in history.done["final/round-0"].samples}) > 9


def test_every_method_has_a_configuration_on_every_published_problem() -> None:
    for name in ("onemax", "pest", "mixint"):
        objective = OBJECTIVES[name](0)
        for method in METHODS:
            if applies(method, name):
                found = parts(configuration_of(objective, METHODS[method], 0))
                total = sum(part.trials for part in found)
                assert total == (3500 if method == "random-5x" else 700)
