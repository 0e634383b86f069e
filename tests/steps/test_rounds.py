"""Rounds of the final search, step by step."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from steps_support import CONFIG, fail, plan, run_part

from harmonica_steps.files import read_json
from harmonica_steps.optimisers import optuna_rounds
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.results.tables import read_table
from harmonica_steps.steps.collect import collect_part
from harmonica_steps.steps.draw import draw_part
from harmonica_steps.steps.finish import finish
from harmonica_steps.steps.recover import recover_stage
from harmonica_steps.study.ask import KnownTrial

ROUNDS = ["final/round-0", "final/round-1"]


@pytest.fixture(autouse=True)
def in_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def known_trials(monkeypatch: pytest.MonkeyPatch) -> list[list[KnownTrial]]:
    """What a sampler was told, each time."""
    seen = []
    asking = optuna_rounds.ask

    def spy(sampler: Any, choices: Any, known_trials: list[KnownTrial], *more: Any) -> Any:
        seen.append(list(known_trials))
        return asking(sampler, choices, known_trials, *more)

    monkeypatch.setattr(optuna_rounds, "ask", spy)
    return seen


def rounds(stages: list[dict[str, Any]] | None = None, **settings: Any) -> SearchRun:
    final = {"optimiser": "optuna", "configurations": 4, "rounds": 2}
    more = {} if stages is None else {"stages": stages}
    search = plan({"final": {**final, **settings}, **more})
    for part in search.parts:
        if part.stage:
            run_part(search, part.name)
            recover_stage(search, part.stage)
    return search


def samples(search: SearchRun, part: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in search.folder.samples(part).read_text().splitlines()]


def values(search: SearchRun, part: str) -> np.ndarray:
    return read_table(search.folder.metrics(part))["value"].to_numpy(dtype=float)


def test_a_round_is_told_what_agrees_with_what_was_frozen(
    known_trials: list[list[KnownTrial]],
) -> None:
    search = rounds()
    frozen = search.restriction(1)
    assert len(frozen.candidates) == 2
    table = read_table(search.folder.metrics("stage-1"))
    agreeing = [
        value
        for value, *row in table[["value", *frozen.frozen]].itertuples(index=False)
        if row in [list(candidate.assignment.values()) for candidate in frozen.candidates]
    ]
    assert 0 < len(agreeing) < len(table)
    for part in ROUNDS:
        run_part(search, part)
    assert [trial.score for trial in known_trials[0]] == agreeing
    assert [trial.score for trial in known_trials[1]] == [*agreeing, *values(search, ROUNDS[0])]
    assert known_trials[1][len(agreeing) :] == [
        KnownTrial(sample["asked"]["parameters"], score, sample["asked"]["notes"])
        for sample, score in zip(samples(search, ROUNDS[0]), values(search, ROUNDS[0]), strict=True)
    ]


def test_a_stage_that_trains_otherwise_is_left_out(known_trials: list[list[KnownTrial]]) -> None:
    search = rounds(budget=2)
    draw_part(search, ROUNDS[0])
    assert known_trials == [[]]


def test_a_round_carries_the_kept_candidates_and_withholds_what_is_inactive() -> None:
    search = rounds(configurations=12, sampler="RandomSampler")
    run_part(search, ROUNDS[0])
    table = read_table(search.folder.metrics(ROUNDS[0]))
    assert set(table["candidate"]) == {0, 1}
    candidates = search.restriction(1).candidates
    for sample in samples(search, ROUNDS[0]):
        assigned = candidates[sample["candidate"]].assignment
        configuration = sample["configuration"]
        assert all(configuration.get(name, value) == value for name, value in assigned.items())
        assert ("rate" in configuration) == configuration["d"]
        assert "rate" in sample["asked"]["parameters"] or "rate" in assigned
    assert len({s["seed"] for s in samples(search, ROUNDS[0])}) == 12


def test_failures_are_told(known_trials: list[list[KnownTrial]]) -> None:
    search = rounds(stages=[])
    run_part(search, ROUNDS[0])
    fail(search, ROUNDS[0], [2])
    collect_part(search, ROUNDS[0])
    draw_part(search, ROUNDS[1])
    assert [trial.score is None for trial in known_trials[1]] == [False, False, True, False]


def test_the_same_round_is_drawn_again_from_the_same_tables() -> None:
    search = rounds()
    for part in ROUNDS:
        run_part(search, part)
    paths = [search.folder.samples(part) for part in ROUNDS]
    paths += [path.with_suffix(".parquet") for path in paths]
    before = [path.read_bytes() for path in paths]
    for part in ROUNDS:
        draw_part(search, part)
    assert [path.read_bytes() for path in paths] == before


def test_the_best_may_be_a_sample_of_a_stage_that_trains_alike() -> None:
    search = rounds()
    for part in ROUNDS:
        run_part(search, part)
    finish(search)
    # A configuration that was trained several times counts by its mean.
    found: dict[str, list[float]] = {}
    for part in search.parts:
        for sample, value in zip(
            samples(search, part.name), values(search, part.name), strict=True
        ):
            found.setdefault(json.dumps(sample["configuration"]), []).append(float(value))
    expected = min(sum(trained) / len(trained) for trained in found.values())
    assert read_json(search.folder.best)["value"] == pytest.approx(expected)
    table = read_table(search.folder.root / "final/table.parquet")
    assert list(table["part"]) == [ROUNDS[0]] * 4 + [ROUNDS[1]] * 4
    for part in ROUNDS:
        fail(search, part, list(range(4)))
        collect_part(search, part)
    finish(search)  # though all of the final search has failed
    stages = [value for part in search.parts if part.stage for value in values(search, part.name)]
    assert read_json(search.folder.best)["value"] == min(stages)


def test_brackets_go_their_own_ways() -> None:
    search = plan({"stages": [], "final": {"optimiser": "hyperband", "eta": 2, "max_budget": 4}})
    for part in search.parts:
        run_part(search, part.name)
        for sample in samples(search, part.name):
            origin = sample["continues"]["part"] if sample["continues"] else None
            assert origin == part.previous
    first = [samples(search, part.name)[0] for part in search.parts if part.origin == "draw"]
    assert len({sample["seed"] for sample in first}) == 3
    finish(search)
    last = [part.name for part in search.parts if part.budget == 4]
    assert last == ["final/bracket-0/rung-2", "final/bracket-1/rung-1", "final/bracket-2/rung-0"]
    best = read_json(search.folder.best)
    assert best["value"] == min(value for name in last for value in values(search, name))
    assert CONFIG["search"] == best["search"]
