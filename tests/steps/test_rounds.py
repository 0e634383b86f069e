"""Rounds of the final search, step by step."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from steps_support import CONFIG, fail, plan, run_part

from harmonica_steps.files import read_json
from harmonica_steps.results.opened import Opened
from harmonica_steps.results.tables import read_table
from harmonica_steps.steps import ask as step
from harmonica_steps.steps.collect import collect_part
from harmonica_steps.steps.draw import draw_part
from harmonica_steps.steps.finish import finish
from harmonica_steps.steps.recover import recover_stage
from harmonica_steps.study.ask import Told

ROUNDS = ["final/round-0", "final/round-1"]


@pytest.fixture(autouse=True)
def in_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[list[Told]]:
    """What a sampler was told, each time."""
    seen = []
    asking = step.ask

    def spy(sampler: Any, question: Any, told: list[Told], *more: Any) -> Any:
        seen.append(list(told))
        return asking(sampler, question, told, *more)

    monkeypatch.setattr(step, "ask", spy)
    return seen


def rounds(stages: list[dict[str, Any]] | None = None, **settings: Any) -> Opened:
    final = {"optimiser": "optuna", "configurations": 4, "rounds": 2}
    more = {} if stages is None else {"stages": stages}
    opened = plan({"final": {**final, **settings}, **more})
    for part in opened.parts:
        if part.stage:
            run_part(opened, part.name)
            recover_stage(opened, part.stage)
    return opened


def samples(opened: Opened, part: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in opened.folder.samples(part).read_text().splitlines()]


def values(opened: Opened, part: str) -> np.ndarray:
    return read_table(opened.folder.metrics(part))["value"].to_numpy(dtype=float)


def test_a_round_is_told_what_agrees_with_what_was_frozen(told: list[list[Told]]) -> None:
    opened = rounds()
    frozen = opened.restriction(1)
    assert len(frozen.candidates) == 2
    table = read_table(opened.folder.metrics("stage-1"))
    agreeing = [
        value
        for value, *row in table[["value", *frozen.frozen]].itertuples(index=False)
        if row in [list(candidate.assignment.values()) for candidate in frozen.candidates]
    ]
    assert 0 < len(agreeing) < len(table)
    for part in ROUNDS:
        run_part(opened, part)
    assert [trial.score for trial in told[0]] == agreeing
    assert [trial.score for trial in told[1]] == [*agreeing, *values(opened, ROUNDS[0])]
    assert told[1][len(agreeing) :] == [
        Told(sample["asked"]["parameters"], score, sample["asked"]["notes"])
        for sample, score in zip(samples(opened, ROUNDS[0]), values(opened, ROUNDS[0]), strict=True)
    ]


def test_a_stage_that_trains_otherwise_is_not_told(told: list[list[Told]]) -> None:
    opened = rounds(budget=2)
    draw_part(opened, ROUNDS[0])
    assert told == [[]]


def test_a_round_carries_the_kept_candidates_and_withholds_what_is_inactive() -> None:
    opened = rounds(configurations=12, sampler="RandomSampler")
    run_part(opened, ROUNDS[0])
    table = read_table(opened.folder.metrics(ROUNDS[0]))
    assert set(table["candidate"]) == {0, 1}
    candidates = opened.restriction(1).candidates
    for sample in samples(opened, ROUNDS[0]):
        assigned = candidates[sample["candidate"]].assignment
        configuration = sample["configuration"]
        assert all(configuration.get(name, value) == value for name, value in assigned.items())
        assert ("rate" in configuration) == configuration["d"]
        assert "rate" in sample["asked"]["parameters"] or "rate" in assigned
    assert len({s["seed"] for s in samples(opened, ROUNDS[0])}) == 12


def test_failures_are_told(told: list[list[Told]]) -> None:
    opened = rounds(stages=[])
    run_part(opened, ROUNDS[0])
    fail(opened, ROUNDS[0], [2])
    collect_part(opened, ROUNDS[0])
    draw_part(opened, ROUNDS[1])
    assert [trial.score is None for trial in told[1]] == [False, False, True, False]


def test_the_same_round_is_drawn_again_from_the_same_tables() -> None:
    opened = rounds()
    for part in ROUNDS:
        run_part(opened, part)
    paths = [opened.folder.samples(part) for part in ROUNDS]
    paths += [path.with_suffix(".parquet") for path in paths]
    before = [path.read_bytes() for path in paths]
    for part in ROUNDS:
        draw_part(opened, part)
    assert [path.read_bytes() for path in paths] == before


def test_the_best_may_be_a_sample_of_a_stage_that_trains_alike() -> None:
    opened = rounds()
    for part in ROUNDS:
        run_part(opened, part)
    finish(opened)
    # A configuration that was trained several times counts by its mean.
    found: dict[str, list[float]] = {}
    for part in opened.parts:
        for sample, value in zip(
            samples(opened, part.name), values(opened, part.name), strict=True
        ):
            found.setdefault(json.dumps(sample["configuration"]), []).append(float(value))
    expected = min(sum(trained) / len(trained) for trained in found.values())
    assert read_json(opened.folder.best)["value"] == pytest.approx(expected)
    table = read_table(opened.folder.root / "final/table.parquet")
    assert list(table["part"]) == [ROUNDS[0]] * 4 + [ROUNDS[1]] * 4
    for part in ROUNDS:
        fail(opened, part, list(range(4)))
        collect_part(opened, part)
    finish(opened)  # though all of the final search has failed
    stages = [value for part in opened.parts if part.stage for value in values(opened, part.name)]
    assert read_json(opened.folder.best)["value"] == min(stages)


def test_brackets_go_their_own_ways() -> None:
    opened = plan({"stages": [], "final": {"optimiser": "hyperband", "eta": 2, "max_budget": 4}})
    for part in opened.parts:
        run_part(opened, part.name)
        for sample in samples(opened, part.name):
            origin = sample["continues"]["part"] if sample["continues"] else None
            assert origin == part.previous
    first = [samples(opened, part.name)[0] for part in opened.parts if part.origin == "draw"]
    assert len({sample["seed"] for sample in first}) == 3
    finish(opened)
    last = [part.name for part in opened.parts if part.budget == 4]
    assert last == ["final/bracket-0/rung-2", "final/bracket-1/rung-1", "final/bracket-2/rung-0"]
    best = read_json(opened.folder.best)
    assert best["value"] == min(value for name in last for value in values(opened, name))
    assert CONFIG["search"] == best["search"]
