"""The searches of the benchmarks are those of the workflow."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parents[1]
sys.path += [str(TESTS / "steps"), str(TESTS.parent / "benchmarks")]

from inprocess import run  # noqa: E402
from steps_support import plan, run_part  # noqa: E402

from harmonica_steps.files import read_json  # noqa: E402
from harmonica_steps.steps.finish import finish  # noqa: E402
from harmonica_steps.steps.recover import recover_stage  # noqa: E402

STAGES = [
    {"samples": 30, "sparsity": 1, "keep": 2, "incumbent": True, "resamples": 0},
    {"samples": 20, "sparsity": 1, "keep": 2, "incumbent": True, "resamples": 0},
]


def metric(configuration: dict[str, Any], seed: int, budget: float) -> float:
    """What the program of the steps' tests returns."""
    a, b, c = (1 if configuration[name] else -1 for name in "abc")
    return 3 * a * b + 2 * c + (seed % 1000) / 1000 - 0.1 * budget


def test_a_skipped_stage_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    stage = {"samples": 30, "sparsity": 2, "patience": 1, "resamples": 0}
    final = {"optimiser": "optuna", "configurations": 4, "rounds": 2}
    search = plan({"final": final, "stages": [stage] * 4})
    for part in search.parts:
        run_part(search, part.name)
        if part.stage is not None:
            recover_stage(search, part.stage)
    history = run(search.config, metric)
    assert list(history.done) == ["stage-1", "stage-2", "final/round-0", "final/round-1"]
    lines = search.folder.samples("final/round-1").read_text(encoding="utf-8").splitlines()
    found = [search.space.active(s.configuration) for s in history.done["final/round-1"].samples]
    assert found == [json.loads(line)["configuration"] for line in lines]


@pytest.mark.parametrize(
    "final",
    [
        {"configurations": 4, "eta": 2, "max_budget": 4},
        {"optimiser": "hyperband", "eta": 2, "max_budget": 4},
        {"optimiser": "random", "configurations": 5},
        {"optimiser": "optuna", "configurations": 4, "rounds": 3},
        {"optimiser": "guided", "configurations": 4, "rounds": 3},
        {
            "optimiser": "random",
            "configurations": 5,
            "retrain": {"configurations": 3, "budget": 2, "fidelity": {"depth": 9}},
        },
        {"optimiser": "random", "configurations": 5, "retrain": {"configurations": 2, "seeds": 3}},
    ],
    ids=lambda final: str(final.get("optimiser", "halving")),
)
def test_a_search_in_one_process_is_that_of_the_workflow(
    final: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    search = plan({"final": final, "stages": STAGES})
    for part in search.parts:
        run_part(search, part.name)
        if part.stage is not None:
            recover_stage(search, part.stage)
    finish(search)
    history = run(search.config, metric)
    assert list(history.done) == [part.name for part in search.parts]
    for name, done in history.done.items():
        lines = search.folder.samples(name).read_text(encoding="utf-8").splitlines()
        drawn = [json.loads(line) for line in lines]
        found = [
            (s.seed, {**search.space.active(s.configuration), **done.part.fidelity})
            for s in done.samples
        ]
        assert found == [(line["seed"], line["configuration"]) for line in drawn]
    best, value = history.ranked()[0]
    written = read_json(search.folder.best)
    assert (written["seed"], written["value"]) == (best.seed, pytest.approx(value))
