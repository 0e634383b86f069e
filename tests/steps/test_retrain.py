"""The best of a search, trained once more."""

import json
from pathlib import Path
from typing import Any

import pytest
from steps_support import CONFIG, plan, run_all

from harmonica_steps.cli import main
from harmonica_steps.config import parse
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import read_json
from harmonica_steps.report.facts import gather
from harmonica_steps.results.opened import Opened
from harmonica_steps.results.tables import read_table

RETRAIN = {"configurations": 4, "budget": 1, "fidelity": {"depth": 20}}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


STAGES = [{"samples": 10, "sparsity": 1}]


def searched(final: dict[str, Any], **more: Any) -> Opened:
    opened = plan({"stages": STAGES, "final": final, **more})
    run_all(opened)
    return opened


def lines(opened: Opened, part: str) -> list[dict[str, Any]]:
    text = opened.folder.samples(part).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize(
    ("final", "sources"),
    [
        ({"optimiser": "random", "configurations": 6}, ["stage-1", "final/round-0"]),
        ({"configurations": 8, "eta": 2, "max_budget": 2}, ["final/rung-1"]),
        (
            {"optimiser": "optuna", "rounds": 2, "configurations": 3},
            ["stage-1", "final/round-0", "final/round-1"],
        ),
    ],
    ids=lambda value: str(value.get("optimiser", "halving")) if isinstance(value, dict) else "",
)
def test_the_best_of_all_alike_are_trained_from_the_start_with_new_seeds(
    final: dict[str, Any], sources: list[str]
) -> None:
    opened = searched({**final, "retrain": RETRAIN})
    assert list(opened.part("final/retrain").told) == sources
    known = [
        (value, json.dumps(line["configuration"]), line["seed"])
        for name in sources
        for line, value in zip(
            lines(opened, name), read_table(opened.folder.metrics(name))["value"], strict=True
        )
    ]
    known.sort(key=lambda entry: entry[0])
    again = lines(opened, "final/retrain")
    wanted = list(dict.fromkeys(configuration for _, configuration, _ in known))[:4]
    assert [line["configuration"] for line in again] == [
        {**json.loads(configuration), "depth": 20} for configuration in wanted
    ]
    assert not {line["seed"] for line in again} & {seed for *_, seed in known}
    assert all(line["continues"] is None for line in again)
    table = read_table(opened.folder.metrics("final/retrain"))
    assert table["seed"].tolist() == [line["seed"] for line in again]
    # The best of these is the result, though others had a better metric.
    best = read_json(opened.folder.best)
    assert "final/retrain" in best["record"]
    assert best["value"] == table["value"].min()
    assert best["configuration"]["depth"] == 20


def test_it_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    opened = searched({"optimiser": "random", "configurations": 6, "retrain": RETRAIN})
    best = read_json(opened.folder.best)["value"]
    facts = gather(opened)
    assert facts.status.best is not None
    value, part = facts.status.best
    assert (value, part.name) == (best, "final/retrain")
    assert facts.contenders[0].name.startswith("once more, ")
    assert facts.contenders[0].last == best
    main(["report", str(opened.folder.root)])
    page = (opened.folder.root / "report.html").read_text()
    assert "once more, 0" in page
    capsys.readouterr()
    main(["status", str(opened.folder.root)])
    assert f"Best error: {best:.4g} (final/retrain, budget 1)" in capsys.readouterr().out


def test_equal_configurations_are_trained_once_as_long_as_there_are_others() -> None:
    space = {"a": {"type": "bool"}, "b": {"type": "bool"}, "c": {"type": "bool"}}
    final = {"optimiser": "random", "configurations": 20, "retrain": {"configurations": 9}}
    opened = searched(final, space=space, stages=[])
    again = [json.dumps(line["configuration"]) for line in lines(opened, "final/retrain")]
    different = len(set(again))
    assert 5 < different < 9
    assert len(set(again[:different])) == different
    assert again[different:] == again[: 9 - different]


@pytest.mark.parametrize(
    ("final", "said"),
    [
        ({"configurations": 4, "eta": 2, "max_budget": 4}, "the search has 1 with its largest"),
        ({"optimiser": "random", "configurations": 3}, "the search has 3 with its largest budget"),
        (
            {"optimiser": "random", "retrain": {"fidelity": {"a": True}}},
            "final.retrain.fidelity.a: is a parameter of the space",
        ),
    ],
)
def test_what_cannot_be_retrained_is_refused(final: dict[str, Any], said: str) -> None:
    with pytest.raises(HarmonicaError, match=said):
        parse({**CONFIG, "final": {"retrain": RETRAIN, **final}})
