"""An optimiser of the user's own: the one of the manual, and others that do what they may not."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from harmonica_steps.config import parse
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.optimisers import Chosen, InRounds, Request
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.steps.draw import draw_part
from tests.docs.docs_support import BLOCKS
from tests.report.report_support import plan, run_part, run_search

PROGRAMS = Path(sys.executable).parent
CONFIG: dict[str, Any] = {
    "search": "made-up",
    "objective": {"command": "true", "metric": "loss"},
    "space": {
        "on": {"type": "bool"},
        "kind": {"type": "categorical", "values": ["x", "y", "z"]},
        "rate": {"type": "float", "low": 0.001, "high": 1.0, "log": True, "when": {"on": True}},
        "layers": {"type": "int", "low": 1, "high": 6},
    },
    "forbidden": [{"kind": "z", "layers": 6}],
    "stages": [{"samples": 40, "degree": 1, "sparsity": 1, "resamples": 0}],
    "final": {"optimiser": "mine:HillClimb", "rounds": 2, "configurations": 4, "exploration": 0.3},
}


def loss(configuration: dict[str, Any], budget: float, noise: float) -> float | None:
    return 3.0 * configuration["on"] + configuration["layers"] / 10 + noise / 10


@pytest.fixture(autouse=True)
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The optimiser of the manual, in the working directory."""
    (code,) = (block.text for block in BLOCKS if block.title == "mine.py")
    Path(tmp_path, "mine.py").write_text(code)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "mine", raising=False)


def test_that_of_the_manual_changes_the_best(tmp_path: Path) -> None:
    search = run_search(tmp_path / "results/made-up", CONFIG, loss)
    assert [part.name for part in search.parts] == ["stage-1", "final/round-0", "final/round-1"]
    lines = search.samples("final/round-1")
    assert {line["origin"] for line in lines} == {"asked"}
    best = search.best()
    assert best
    assert best["configuration"]["layers"] <= 2


def test_snakemake_runs_it(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(
        "def objective(configuration, **_): return configuration['layers']\n"
    )
    content = {**CONFIG, "objective": {"callable": "train:objective"}, "stages": []}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(content))
    repository = Path(__file__).parents[2]
    run = subprocess.run(
        [
            *(PROGRAMS / "snakemake", "-s", repository / "workflow/Snakefile", "--cores", "2"),
            *("--configfile", "mine.yaml", "--quiet", "all", "--", "search"),
        ],
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"},
    )
    assert run.returncode == 0, run.stderr
    assert json.loads((tmp_path / "results/made-up/best.json").read_text())["value"] == 1


@pytest.mark.parametrize(
    ("final", "sentence"),
    [
        ({"optimiser": "absent:Best"}, "final.optimiser: the module 'absent' cannot be imported"),
        (
            {"optimiser": "mine:HillClimber"},
            "mine:HillClimber is not a class derived from harmonica_steps.optimisers.Final",
        ),
        ({"exploratoin": 0.5}, "final.exploratoin: unknown key, did you mean 'exploration'?"),
        ({"exploration": 2}, "final.exploration: must be less than or equal to 1, got 2"),
        ({"rounds": 0}, "final.rounds: must be greater than or equal to 1, got 0"),
        ({"optimiser": "hyperbnad"}, "final.optimiser: 'hyperbnad' is unknown, did you mean"),
        ({"optimiser": ["random"]}, "final.optimiser: "),
    ],
)
def test_a_mistake_is_named(final: dict[str, Any], sentence: str) -> None:
    with pytest.raises(HarmonicaError) as caught:
        parse({**CONFIG, "final": {**CONFIG["final"], **final}})
    assert sentence in str(caught.value)


def chosen(choose: Callable[[Request], Any], tmp_path: Path) -> SearchRun:
    """A search up to the first round, which is chosen by this function."""
    search = plan(tmp_path / "results/made-up", CONFIG)
    run_part(search, "stage-1", loss)
    own = type("Own", (InRounds,), {"choose": lambda self, request: choose(request)})
    final = own(optimiser="mine:Own", configurations=4)
    object.__setattr__(search, "config", search.config.model_copy(update={"final": final}))
    draw_part(search, "final/round-0")
    return search


def fails(request: Request) -> Sequence[Chosen]:
    raise ZeroDivisionError("by zero")


def outside(request: Request) -> Sequence[Chosen]:
    name = request.restriction.assigned[0]
    assert name == "on"
    frozen = request.restriction.candidates[0].assignment[name]
    return [Chosen({**uniform, name: not frozen}) for uniform in request.uniform]


WRONG: dict[str, tuple[Callable[[Request], Any], str]] = {
    "an exception": (fails, "mine:Own fails: ZeroDivisionError: by zero ("),
    "nothing": (lambda request: None, "mine:Own fails: TypeError"),
    "too few": (lambda r: [Chosen(c) for c in r.uniform[:2]], "2 configurations instead of 4"),
    "no Chosen": (lambda request: request.uniform, "configuration 1 is a dict, not a Chosen"),
    "a value is missing": (
        lambda r: [Chosen({**c, "layers": 2}) for c in r.uniform[:3]] + [Chosen({"on": True})],
        "configuration 4: kind: missing from the configuration",
    ),
    "an unknown name": (
        lambda r: [Chosen({**c, "colour": "red"}) for c in r.uniform],
        "configuration 1: colour: not a parameter of the space",
    ),
    "no such value": (
        lambda r: [Chosen({**c, "layers": 7}) for c in r.uniform],
        "configuration 1: layers: has no value 7",
    ),
    "what was frozen otherwise": (outside, "configuration 1 is outside of what the stages"),
    "forbidden": (
        lambda r: [Chosen({**c, "kind": "z", "layers": 6}) for c in r.uniform],
        "configuration 1 is one of the forbidden combinations",
    ),
    "notes that are not JSON": (
        lambda r: [Chosen(c, notes={"at": np.zeros(2)}) for c in r.uniform],
        "not JSON serializable",
    ),
    "a candidate that is not there": (
        lambda r: [Chosen(c, candidate=3) for c in r.uniform],
        "configuration 1: candidate 3 does not exist; the stages have kept",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_it_may_not_do_ends_with_a_sentence(wrong: str, tmp_path: Path) -> None:
    choose, sentence = WRONG[wrong]
    with pytest.raises(HarmonicaError, match=r"^final\.optimiser: mine:Own ") as caught:
        chosen(choose, tmp_path)
    assert sentence in str(caught.value)


def test_values_of_numpy_are_values(tmp_path: Path) -> None:
    def choose(request: Request) -> Sequence[Chosen]:
        more = {"layers": np.int64(3), "rate": np.float64(0.5)}
        return [Chosen({**c, **more, "kind": np.str_("x")}) for c in request.uniform]

    search = chosen(choose, tmp_path)
    found = [line["configuration"] for line in search.samples("final/round-0")]
    assert [(c["layers"], c["kind"]) for c in found] == [(3, "x")] * 4


ROUNDS = {
    "return []": "final: optimiser: has no rounds",
    "return [Round('warm-up', 3, 1, 'draw')]": "'warm-up' is not the name of a round, e.g. round-0",
    "return [Round('round-0', 3, 1, 'draw')] * 2": "two rounds have the same name",
    "return [Round('round-0', 0, 1, 'draw')]": "round-0 needs at least one configuration",
    "return [Round('rung-0', 3, 1, 'promote')]": "rung-0 promotes more than the round before",
    "return 1 / 0": "final.optimiser: odd:Odd fails: ZeroDivisionError: division by zero.",
    "raise NotImplementedError": "final.optimiser: odd:Odd fails: NotImplementedError",
}


@pytest.mark.parametrize("body", ROUNDS)
def test_rounds_that_cannot_be_planned_are_refused(
    body: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "odd.py").write_text(
        "from harmonica_steps.optimisers import Final, Round\n\n\nclass Odd(Final):\n"
        f"    @property\n    def schedule(self):\n        {body}\n"
    )
    monkeypatch.delitem(sys.modules, "odd", raising=False)
    with pytest.raises(HarmonicaError) as caught:
        parse({**CONFIG, "final": {"optimiser": "odd:Odd"}})
    assert ROUNDS[body] in str(caught.value)


def test_notes_come_back_in_the_next_round(tmp_path: Path) -> None:
    requests = []

    def choose(request: Request) -> Sequence[Chosen]:
        requests.append(request)
        return [Chosen(c, notes={"number": n}) for n, c in enumerate(request.uniform)]

    search = chosen(choose, tmp_path)
    run_part(search, "final/round-0", loss)
    draw_part(search, "final/round-1")
    first, second = requests[1:]
    assert [part.name for part in first.earlier] == ["stage-1"]
    assert first.earlier[0].notes is None
    assert [part.name for part in second.earlier] == ["stage-1", "final/round-0"]
    assert second.earlier[1].notes == [{"number": n} for n in range(4)]
    assert len(second.earlier[1].samples.scores) == 4
    assert first.seed != second.seed
