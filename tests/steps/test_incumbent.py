"""The best training so far as one more candidate of a stage."""

from pathlib import Path

import pytest
from steps_support import plan, run_part

from harmonica_steps.files import read_json, write_json
from harmonica_steps.report.facts import gather
from harmonica_steps.report.page import render
from harmonica_steps.report.verdict import verdict
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.results.tables import read_table
from harmonica_steps.steps.collect import collect_part
from harmonica_steps.steps.finish import finish
from harmonica_steps.steps.recover import recover_stage

STAGE = {"samples": 30, "sparsity": 2, "incumbent": True, "resamples": 0}


def searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lucky: bool, incumbent: bool = True
) -> tuple[SearchRun, int]:
    """Two stages; in the first, the best training is one with a == b, if it is lucky."""
    monkeypatch.chdir(tmp_path)
    stage = {**STAGE, "incumbent": incumbent}
    search = plan({"stages": [stage, stage], "final": {"optimiser": "random", "configurations": 3}})
    run_part(search, "stage-1")
    table = read_table(search.folder.metrics("stage-1"))
    best = int(table["score"].idxmin())
    if lucky:
        best = int(table.index[table["a"] == table["b"]][0])
        record = search.folder.record("stage-1", best)
        write_json(record, read_json(record) | {"value": float(table["value"].min()) - 0.2})
        collect_part(search, "stage-1")
    return search, best


def test_it_is_told_and_drawn_and_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    search, lucky = searched(tmp_path, monkeypatch, lucky=True)
    message = recover_stage(search, 1)
    assert (
        "(2 candidates kept, one for the best training, 5 of 8 parameters are still drawn)"
        in message
    )
    assert read_json(search.folder.psr(1))["incumbent"] is True
    row = read_table(search.folder.metrics("stage-1")).loc[lucky]
    kept = read_json(search.folder.frozen(1))["candidates"]
    assert [entry["assignment"]["a"] == entry["assignment"]["b"] for entry in kept] == [False, True]
    assert all(row[name] == value for name, value in kept[1]["assignment"].items())
    assert [entry["predicted"] is None for entry in kept] == [False, True]
    sentence = "the last is that of the best training so far"
    assert sentence in render(gather(search))
    run_part(search, "stage-2")
    second = read_table(search.folder.metrics("stage-2"))
    assert set(second["candidate"][second["origin"] == "uniform"]) == {0, 1}
    # Its training was lucky and those of the next stage are not: the polynomial keeps the other.
    recover_stage(search, 2)
    first = read_json(search.folder.frozen(2))["candidates"][0]["assignment"]
    assert first["a"] != first["b"]


def test_one_that_agrees_is_no_second_candidate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    search, best = searched(tmp_path, monkeypatch, lucky=False)
    row = read_table(search.folder.metrics("stage-1")).loc[best]
    recover_stage(search, 1)
    kept = [entry["assignment"] for entry in read_json(search.folder.frozen(1))["candidates"]]
    agrees = row["a"] == kept[0]["a"]  # of two equally good pairs, one is frozen
    assert len(kept) == (1 if agrees else 2)
    assert read_json(search.folder.psr(1))["incumbent"] is not agrees
    assert any(all(row[name] == value for name, value in entry.items()) for entry in kept)
    assert ("the last is that of the best" in render(gather(search))) is not agrees


@pytest.mark.parametrize("incumbent", [False, True])
def test_the_report_says_when_the_best_was_excluded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, incumbent: bool
) -> None:
    search, lucky = searched(tmp_path, monkeypatch, lucky=True, incumbent=incumbent)
    recover_stage(search, 1)
    for part in ("stage-2", "final/round-0"):
        run_part(search, part)
        if part == "stage-2":
            recover_stage(search, 2)
    # Better than all that is possible, so that it stays the best
    record = search.folder.record("stage-1", lucky)
    write_json(record, read_json(record) | {"value": -9.0})
    collect_part(search, "stage-1")
    finish(search)
    assert read_json(search.folder.best)["value"] == -9.0
    said = [a for a in verdict(gather(search)).advice if a.title.startswith("Keep the best so far")]
    assert len(said) == (0 if incumbent else 1)
    row = read_table(search.folder.metrics("stage-1")).loc[lucky]
    assert all(any(f"{name} = {row[name]}" in a.text for name in "ab") for a in said)
