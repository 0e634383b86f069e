"""What moves numbers other than the metric: `harmonica explain`."""

import json
from pathlib import Path
from typing import Any

import pytest
from report_support import plan, train_part

from harmonica_steps.cli import main
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import read_json, write_json
from harmonica_steps.report.explained import explain_number, explained
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.steps.collect import collect_part
from harmonica_steps.steps.draw import draw_part

CONFIG: dict[str, Any] = {
    "search": "explained",
    "objective": {"command": "true", "metric": "loss", "timeout": 60},
    "space": {
        "deep": {"type": "bool"},
        "wide": {"type": "bool"},
        "rate": {"type": "float", "low": 0.0, "high": 1.0, "levels": 3},
        **{f"dummy {i}": {"type": "bool"} for i in range(6)},
    },
    "stages": [{"samples": 80, "degree": 2, "sparsity": 3, "resamples": 6}],
    "final": {"configurations": 4, "eta": 2, "min_budget": 1, "max_budget": 2},
}


def loss(configuration: dict[str, Any], budget: float, noise: float) -> float | None:
    return None if noise < 0.05 else configuration["rate"] + 0.01 * noise


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> SearchRun:
    """A stage whose trainings take long where they are deep and wide."""
    search = plan(tmp_path_factory.mktemp("explained") / "results/explained", CONFIG)
    draw_part(search, "stage-1")
    train_part(search, "stage-1", loss)
    for path in search.folder.root.glob("stage-1/trials/*.json"):
        record = read_json(path)
        deep, wide = (record["configuration"][name] for name in ("deep", "wide"))
        record["run"]["seconds"] = (100.0 if deep and wide else 10.0) + record["trial"] / 100
        if record["status"] == "ok":
            record["metrics"] = {"size": 8.0 if deep else 2.0, "constant": 1.0}
        write_json(path, record)
    collect_part(search, "stage-1")
    return search


def terms(found: dict[str, Any]) -> set[str]:
    return {" × ".join(term["parameters"]) for term in found["terms"]}


def test_what_makes_trainings_slow_is_found(search: SearchRun) -> None:
    found = explain_number(search, "seconds")
    assert found["samples"] == 80  # failed trainings took time as well
    assert terms(found) == {"deep", "wide", "deep × wide"}
    (both,) = [term for term in found["terms"] if len(term["parameters"]) == 2]
    assert both["there"] < 20
    assert found["r2"] == pytest.approx(sum(term["share"] for term in found["terms"]))


def test_further_metrics_are_explained_and_failures_left_out(search: SearchRun) -> None:
    found = explain_number(search, "size")
    assert found["samples"] < 80
    assert terms(found) == {"deep"}
    assert found["terms"][0]["prefers"] == {"deep": False}
    assert (found["terms"][0]["there"], found["terms"][0]["elsewhere"]) == (2, 8)


def test_the_metric_itself_is_a_number_too(search: SearchRun) -> None:
    assert terms(explain_number(search, "loss")) == {"rate"}


def test_what_never_varies_is_explained_by_nothing(search: SearchRun) -> None:
    assert explain_number(search, "constant")["finding"] == "nothing"


def test_the_same_question_has_the_same_answer(search: SearchRun) -> None:
    assert explain_number(search, "seconds") == explain_number(search, "seconds")


def test_it_is_told_in_the_terminal_and_as_json(
    search: SearchRun, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(search.folder.root)
    assert main(["explain", folder, "--metric", "size"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "size in stage 1: median" in said
    assert "deep=False" in said
    assert main(["explain", folder, "--metric", "constant"]) == 0
    assert "No parameter has an effect on constant beyond chance." in capsys.readouterr().out
    assert main(["explain", folder, "--metric", "size", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == explain_number(search, "size")


def test_an_unknown_number_is_refused_with_those_there_are(search: SearchRun) -> None:
    with pytest.raises(HarmonicaError, match=r"'speed' is not recorded.*loss, seconds.*size"):
        explain_number(search, "speed")


def test_a_stage_that_has_not_ended_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HarmonicaError, match="stage-1 has not finished"):
        explain_number(plan(tmp_path / "results", CONFIG), "seconds")
    with pytest.raises(HarmonicaError, match="stage-7"):
        explain_number(plan(tmp_path / "results", CONFIG), "seconds", 7)


def test_the_page_explains_what_else_was_recorded(search: SearchRun) -> None:
    found = {number["number"]: number for number in explained(search)}
    assert "loss" not in found
    assert "constant" not in found
    assert terms(found["size"]) == terms(explain_number(search, "size"))
    assert all(term["stability"] is None for term in found["size"]["terms"])


def test_the_page_of_a_search_without_a_stage_explains_nothing(tmp_path: Path) -> None:
    assert explained(plan(tmp_path / "results", CONFIG)) == []
