"""Whole searches with the other final optimisers."""

import json
from pathlib import Path

import pytest
from tiny_search import TinySearch, kill

from harmonica_steps.cli import main

HYPERBAND = {"optimiser": "hyperband", "eta": 2, "max_budget": 2, "fidelity": {"final": 1}}
TPE = {"optimiser": "optuna", "rounds": 2, "configurations": 4, "settings": {"n_startup_trials": 3}}


def with_final(folder: Path, final: dict[str, object]) -> TinySearch:
    """A search without stages."""
    search = TinySearch(folder)
    search.config["final"] = final
    search.config["stages"] = []
    return search


def test_brackets_are_trained_and_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    search = with_final(tmp_path, HYPERBAND)
    search.run()
    assert len(search.trained()) == 2 + 1 + 2
    assert json.loads((search.root / "best.json").read_text())["budget"] == 2
    assert "Nothing to be done" in search.run()
    monkeypatch.chdir(tmp_path)
    assert main(["report", search.target("")]) == 0
    assert "bracket 1" in (search.root / "report.html").read_text()


def test_rounds_of_a_sampler_are_the_same_after_a_kill(tmp_path: Path) -> None:
    quiet = with_final(tmp_path / "quiet", TPE)
    quiet.run("--cores=1")
    assert len(quiet.trained()) == 8
    killed = with_final(tmp_path / "killed", TPE)
    process = killed.start("--cores=2", slow=0.3)
    killed.wait_for("final/round-0/trials/*.json", 2)
    kill(process, group=True)
    killed.run("--cores=2")
    assert killed.results() == quiet.results()
    samples = (quiet.root / "final/round-1/samples.jsonl").read_text().splitlines()
    assert all("asked" in json.loads(line) for line in samples)


@pytest.mark.parametrize(
    ("final", "said"),
    [
        ({**TPE, "sampler": "tbe"}, "Optuna has no sampler 'tbe'"),
        ({**TPE, "settings": {"startup": 3}}, "TPESampler has no such setting"),
    ],
)
def test_an_impossible_sampler_stops_before_any_job(
    final: dict[str, object], said: str, tmp_path: Path
) -> None:
    search = with_final(tmp_path, final)
    assert said in search.run(succeeds=False)
    assert not search.root.exists()
