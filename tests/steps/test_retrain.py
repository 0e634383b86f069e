"""The best of a search, retrained."""

import json
from pathlib import Path
from typing import Any

import pytest
from steps_support import CONFIG, fail, plan, run_all, run_part

from harmonica_steps.cli import main
from harmonica_steps.config import parse
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import read_json, write_json
from harmonica_steps.report.facts import gather
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.results.tables import read_table
from harmonica_steps.steps.collect import collect_part
from harmonica_steps.steps.draw import draw_part
from harmonica_steps.steps.finish import finish

RETRAIN = {"configurations": 4, "budget": 1, "fidelity": {"depth": 20}}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


STAGES = [{"samples": 10, "sparsity": 1}]


def searched(final: dict[str, Any], **more: Any) -> SearchRun:
    search = plan({"stages": STAGES, "final": final, **more})
    run_all(search)
    return search


def lines(search: SearchRun, part: str) -> list[dict[str, Any]]:
    text = search.folder.samples(part).read_text(encoding="utf-8")
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
    search = searched({**final, "retrain": RETRAIN})
    known = [
        (value, json.dumps(line["configuration"]), line["seed"])
        for name in sources
        for line, value in zip(
            lines(search, name), read_table(search.folder.metrics(name))["value"], strict=True
        )
    ]
    known.sort(key=lambda entry: entry[0])
    again = lines(search, "final/retrain")
    wanted = list(dict.fromkeys(configuration for _, configuration, _ in known))[:4]
    assert [line["configuration"] for line in again] == [
        {**json.loads(configuration), "depth": 20} for configuration in wanted
    ]
    assert not {line["seed"] for line in again} & {seed for *_, seed in known}
    assert all(line["continues"] is None for line in again)
    table = read_table(search.folder.metrics("final/retrain"))
    assert table["seed"].tolist() == [line["seed"] for line in again]
    # The best of these is the result, though others had a better metric.
    best = read_json(search.folder.best)
    assert "final/retrain" in best["record"]
    assert best["value"] == table["value"].min()
    assert best["configuration"]["depth"] == 20


def test_it_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    search = searched({"optimiser": "random", "configurations": 6, "retrain": RETRAIN})
    best = read_json(search.folder.best)["value"]
    facts = gather(search)
    assert facts.status.best is not None
    assert (facts.status.best.value, facts.status.best.first.part) == (best, "final/retrain")
    assert facts.contenders[0].name.startswith("retrained, ")
    assert (facts.contenders[0].last, facts.contenders[0].best) == (best, True)
    main(["report", str(search.folder.root)])
    page = (search.folder.root / "report.html").read_text()
    assert "retrained, 0" in page
    capsys.readouterr()
    main(["status", str(search.folder.root)])
    said = f"Best error: {best:.4g} (final/retrain, best of 4 at budget 1)"
    assert said in capsys.readouterr().out


def test_equal_configurations_are_trained_once_as_long_as_there_are_others() -> None:
    space = {"a": {"type": "bool"}, "b": {"type": "bool"}, "c": {"type": "bool"}}
    final = {"optimiser": "random", "configurations": 20, "retrain": {"configurations": 9}}
    search = searched(final, space=space, stages=[])
    again = [json.dumps(line["configuration"]) for line in lines(search, "final/retrain")]
    different = len(set(again))
    assert 5 < different < 9
    assert len(set(again[:different])) == different
    assert again[different:] == again[: 9 - different]


SEEDS = {"configurations": 2, "seeds": 3}


def test_every_configuration_gets_its_number_of_seeds() -> None:
    search = searched({"optimiser": "random", "configurations": 6, "retrain": SEEDS})
    again = lines(search, "final/retrain")
    configurations = [json.dumps(line["configuration"]) for line in again]
    first, second = configurations[0], configurations[3]
    assert first != second
    assert configurations == [first] * 3 + [second] * 3
    assert len({line["seed"] for line in again}) == 6


def test_the_best_of_the_retrained_has_the_best_mean() -> None:
    search = searched({"optimiser": "random", "configurations": 6, "retrain": SEEDS})
    for trial, value in enumerate([1.0, 9.0, 2.0, 3.0, 4.0, 3.5]):
        path = search.folder.record("final/retrain", trial)
        metrics = {"steps": float(trial)}
        write_json(path, {**read_json(path), "value": value, "metrics": metrics})
    collect_part(search, "final/retrain")
    said = finish(search)
    best = read_json(search.folder.best)
    assert (best["value"], best["values"], best["competed"]) == (3.5, [3.0, 4.0, 3.5], 2)
    assert best["metrics"] == {"steps": 4.0}
    assert best["record"].endswith("final/retrain/trials/0003.json")
    assert "best error: 3.5, mean of 3 trainings, best of 2 at budget 1" in said
    once_more = [c for c in gather(search).contenders if c.name.startswith("retrained")]
    assert [(c.name, c.last, c.best) for c in once_more] == [
        ("retrained, 3", 3.5, True),
        ("retrained, 0", 4.0, False),
    ]


def test_a_configuration_that_failed_with_a_seed_comes_after_those_that_did_not() -> None:
    search = searched({"optimiser": "random", "configurations": 6, "retrain": SEEDS})
    for trial, value in enumerate([1.0, 1.0, 1.0, 5.0, 5.0, 5.0]):
        path = search.folder.record("final/retrain", trial)
        write_json(path, {**read_json(path), "value": value})
    fail(search, "final/retrain", [0])
    collect_part(search, "final/retrain")
    finish(search)
    assert read_json(search.folder.best)["value"] == 5.0
    fail(search, "final/retrain", [3])
    collect_part(search, "final/retrain")
    finish(search)
    best = read_json(search.folder.best)
    assert (best["value"], best["values"]) == (1.0, [None, 1.0, 1.0])
    assert best["record"].endswith("final/retrain/trials/0001.json")


def test_where_the_last_rung_failed_the_best_of_the_rung_before_are_retrained() -> None:
    final = {"configurations": 8, "eta": 2, "max_budget": 4, "retrain": {"configurations": 2}}
    search = plan({"stages": [], "final": final})
    for rung in ("final/rung-0", "final/rung-1", "final/rung-2"):
        run_part(search, rung)
    fail(search, "final/rung-2", [0, 1])
    collect_part(search, "final/rung-2")
    draw_part(search, "final/retrain")
    values = read_table(search.folder.metrics("final/rung-1"))["value"]
    wanted = [lines(search, "final/rung-1")[i] for i in values.argsort(kind="stable")[:2]]
    again = lines(search, "final/retrain")
    assert [a["configuration"] for a in again] == [w["configuration"] for w in wanted]


@pytest.mark.parametrize(
    ("final", "said"),
    [
        (
            {"optimiser": "random", "retrain": {"seeds": 0}},
            "final.retrain.seeds: must be greater than or equal to 1, got 0",
        ),
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
