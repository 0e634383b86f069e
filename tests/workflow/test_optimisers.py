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
    rounds = ("final/round-0", "final/round-1")
    quiet = with_final(tmp_path / "quiet", TPE)
    quiet.run_steps(*rounds)
    killed = with_final(tmp_path / "killed", TPE)
    process = killed.start(slow=0.3)
    killed.wait_for("final/round-0/trials/*.json", 2)
    kill(process, group=True)
    killed.run(killed.target("final/round-1/metrics.parquet"))
    assert killed.results() == quiet.results()
    samples = (killed.root / "final/round-1/samples.jsonl").read_text().splitlines()
    assert all("asked" in json.loads(line) for line in samples)


def test_an_impossible_sampler_stops_before_any_job(tmp_path: Path) -> None:
    search = with_final(tmp_path, {**TPE, "sampler": "tbe"})
    assert "Optuna has no sampler 'tbe'" in search.run(succeeds=False)
    assert not search.root.exists()
