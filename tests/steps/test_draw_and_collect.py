"""What the steps draw and collect, on a search that takes seconds."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from steps_support import RUNGS, fail, plan, samples

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import read_json, write_json
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.results.tables import read_table
from harmonica_steps.steps.collect import collect_part
from harmonica_steps.steps.draw import draw_part


def test_a_withheld_parameter_is_not_in_the_configuration(search: SearchRun) -> None:
    for sample in samples(search, "stage-1"):
        assert ("rate" in sample["configuration"]) == sample["configuration"]["d"]


def test_the_first_rung_carries_the_kept_candidates(search: SearchRun) -> None:
    for sample in samples(search, "final/rung-0"):
        configuration = sample["configuration"]
        assert configuration["a"] is not configuration["b"]
        assert configuration["c"] is False


def test_every_rung_draws_the_best_of_the_one_before(search: SearchRun) -> None:
    for before, after in pairwise(RUNGS):
        scores = read_table(search.folder.metrics(before))["score"].to_numpy()
        drawn = samples(search, after)
        best = np.argsort(scores, kind="stable")[: len(drawn)]
        assert [s["continues"] for s in drawn] == [
            {"part": before, "trial": int(trial)} for trial in best
        ]
        for sample, trial in zip(drawn, best, strict=True):
            assert sample["configuration"] == samples(search, before)[trial]["configuration"]


def test_a_failure_does_not_go_on(search: SearchRun) -> None:
    first = samples(search, "final/rung-1")[0]["continues"]["trial"]
    fail(search, "final/rung-0", [first])
    collect_part(search, "final/rung-0")
    draw_part(search, "final/rung-1")
    assert first not in [s["continues"]["trial"] for s in samples(search, "final/rung-1")]


def test_fixed_settings_are_passed_with_every_configuration(
    in_own_folder: None,
) -> None:
    stage = {"samples": 20, "sparsity": 2, "fidelity": {"layers": 4}}
    search = plan({"stages": [stage]})
    draw_part(search, "stage-1")
    assert all(s["configuration"]["layers"] == 4 for s in samples(search, "stage-1"))
    assert "layers" not in read_table(search.folder.samples("stage-1").with_suffix(".parquet"))


def test_the_metrics_are_those_of_the_records(search: SearchRun) -> None:
    table = read_table(search.folder.metrics("stage-1"))
    assert len(table) == 30
    for trial, value in zip(table["trial"], table["value"], strict=True):
        assert value == read_json(search.folder.record("stage-1", trial))["value"]
    assert list(read_table(search.folder.runtime("final/rung-1"))["metric:steps"]) == [2.0, 2.0]


def test_failures_of_a_stage_count_as_its_worst(search: SearchRun) -> None:
    fail(search, "stage-1", [3, 5])
    collect_part(search, "stage-1")
    table = read_table(search.folder.metrics("stage-1"))
    assert table["value"].isna().sum() == 2
    assert table["score"][[3, 5]].tolist() == [table["value"].max()] * 2
    assert table["cause"][3] == "exit status 1"


def test_failures_of_a_rung_are_left_out_whatever_they_count_as(search: SearchRun) -> None:
    fail(search, "final/rung-0", [1])
    collect_part(search, "final/rung-0")
    scores = read_table(search.folder.metrics("final/rung-0"))["score"]
    assert scores.isna().tolist() == [False, True, False, False]


def test_a_stopped_stage_names_the_commonest_causes_with_trials_and_log(search: SearchRun) -> None:
    fail(search, "stage-1", list(range(10)), "exit status 1")
    fail(search, "stage-1", list(range(10, 22)), "wrote no result file")
    with pytest.raises(HarmonicaError) as caught:
        collect_part(search, "stage-1")
    lines = str(caught.value).splitlines()
    assert lines[0].startswith("stage-1: 22 of 30 trainings failed; its policy allows 15")
    assert lines[1:7] == [
        "  12 x failed: wrote no result file (trials 10, 11, 12, 13, 14, 15, ...)",
        "      wrote no result file: oh",
        "      log: results/tiny/stage-1/work/0010/log.txt",
        "  10 x failed: exit status 1 (trials 0, 1, 2, 3, 4, 5, ...)",
        "      exit status 1: oh",
        "      log: results/tiny/stage-1/work/0000/log.txt",
    ]
    assert "results/tiny/stage-1/trials/" in lines[-2]
    assert "another name" in lines[-1]
    assert Path("results/tiny/stage-1/work/0010/log.txt").is_file()


def test_many_records_are_announced(
    search: SearchRun, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    collect_part(search, "stage-1")
    assert capsys.readouterr().out == ""
    monkeypatch.setattr("harmonica_steps.steps.collect.MANY", 30)
    collect_part(search, "stage-1")
    assert capsys.readouterr().out == "stage-1: reading 30 records\n"


def test_records_of_another_draw_are_refused(search: SearchRun) -> None:
    path = search.folder.record("stage-1", 4)
    content = read_json(path)
    content["seed"] += 1
    write_json(path, content)
    with pytest.raises(HarmonicaError, match="the records of trials 4 belong to earlier samples"):
        collect_part(search, "stage-1")
