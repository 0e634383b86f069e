"""The steps, one after another, on a search that takes seconds."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from steps_support import CONFIG, fail, plan, run_part

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import read_json, write_json
from harmonica_steps.results.opened import Opened
from harmonica_steps.results.tables import read_table
from harmonica_steps.steps.collect import collect_part
from harmonica_steps.steps.draw import draw_part
from harmonica_steps.steps.finish import finish
from harmonica_steps.steps.recover import recover_stage

RUNGS = ["final/rung-0", "final/rung-1", "final/rung-2"]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the whole search, run once."""
    folder = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        opened = plan()
        run_part(opened, "stage-1")
        recover_stage(opened, 1)
        for rung in RUNGS:
            run_part(opened, rung)
        finish(opened)
    return folder


@pytest.fixture
def opened(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    """A copy of it, in the current directory, to be changed at will."""
    folder = tmp_path / "copy"
    shutil.copytree(finished, folder)
    monkeypatch.chdir(folder)
    return Opened.at(Path("results/tiny"))


@pytest.fixture
def in_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def samples(opened: Opened, part: str) -> list[dict]:
    return [json.loads(line) for line in opened.folder.samples(part).read_text().splitlines()]


# Drawing


def test_a_withheld_parameter_is_not_in_the_configuration(opened: Opened) -> None:
    for sample in samples(opened, "stage-1"):
        assert ("rate" in sample["configuration"]) == sample["configuration"]["d"]


def test_the_first_rung_carries_the_kept_candidates(opened: Opened) -> None:
    for sample in samples(opened, "final/rung-0"):
        configuration = sample["configuration"]
        assert configuration["a"] is not configuration["b"]
        assert configuration["c"] is False


def test_every_rung_draws_the_best_of_the_one_before(opened: Opened) -> None:
    for before, after in pairwise(RUNGS):
        scores = read_table(opened.folder.metrics(before))["score"].to_numpy()
        drawn = samples(opened, after)
        best = np.argsort(scores, kind="stable")[: len(drawn)]
        assert [s["continues"] for s in drawn] == [
            {"part": before, "trial": int(trial)} for trial in best
        ]
        for sample, trial in zip(drawn, best, strict=True):
            assert sample["configuration"] == samples(opened, before)[trial]["configuration"]


def test_a_failure_does_not_go_on(opened: Opened) -> None:
    first = samples(opened, "final/rung-1")[0]["continues"]["trial"]
    fail(opened, "final/rung-0", [first])
    collect_part(opened, "final/rung-0")
    draw_part(opened, "final/rung-1")
    assert first not in [s["continues"]["trial"] for s in samples(opened, "final/rung-1")]


def test_fixed_settings_are_passed_with_every_configuration(
    in_own_folder: None,
) -> None:
    stage = {"samples": 20, "sparsity": 2, "fidelity": {"layers": 4}}
    opened = plan({"stages": [stage]})
    draw_part(opened, "stage-1")
    assert all(s["configuration"]["layers"] == 4 for s in samples(opened, "stage-1"))
    assert "layers" not in read_table(opened.folder.samples("stage-1").with_suffix(".parquet"))


# Collecting


def test_the_metrics_are_those_of_the_records(opened: Opened) -> None:
    table = read_table(opened.folder.metrics("stage-1"))
    assert len(table) == 30
    for trial, value in zip(table["trial"], table["value"], strict=True):
        assert value == read_json(opened.folder.record("stage-1", trial))["value"]
    assert list(read_table(opened.folder.runtime("final/rung-1"))["metric:steps"]) == [2.0, 2.0]


def test_failures_of_a_stage_count_as_its_worst(opened: Opened) -> None:
    fail(opened, "stage-1", [3, 5])
    collect_part(opened, "stage-1")
    table = read_table(opened.folder.metrics("stage-1"))
    assert table["value"].isna().sum() == 2
    assert table["score"][[3, 5]].tolist() == [table["value"].max()] * 2
    assert table["cause"][3] == "exit status 1"


def test_failures_of_a_rung_are_left_out_whatever_they_count_as(opened: Opened) -> None:
    fail(opened, "final/rung-0", [1])
    collect_part(opened, "final/rung-0")
    scores = read_table(opened.folder.metrics("final/rung-0"))["score"]
    assert scores.isna().tolist() == [False, True, False, False]


def test_a_stopped_stage_names_the_commonest_causes_with_trials_and_log(opened: Opened) -> None:
    fail(opened, "stage-1", list(range(10)), "exit status 1")
    fail(opened, "stage-1", list(range(10, 22)), "wrote no result file")
    with pytest.raises(HarmonicaError) as caught:
        collect_part(opened, "stage-1")
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
    opened: Opened, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    collect_part(opened, "stage-1")
    assert capsys.readouterr().out == ""
    monkeypatch.setattr("harmonica_steps.steps.collect.MANY", 30)
    collect_part(opened, "stage-1")
    assert capsys.readouterr().out == "stage-1: reading 30 records\n"


def test_records_of_another_draw_are_refused(opened: Opened) -> None:
    path = opened.folder.record("stage-1", 4)
    content = read_json(path)
    content["seed"] += 1
    write_json(path, content)
    with pytest.raises(HarmonicaError, match="the records of trials 4 belong to another draw"):
        collect_part(opened, "stage-1")


# Recovering


def test_the_planted_terms_are_recovered_in_the_users_names(opened: Opened) -> None:
    psr = read_json(opened.folder.psr(1))
    assert [term["parameters"] for term in psr["terms"]] == [["a", "b"], ["c"]]
    assert [term["weight"] for term in psr["terms"]] == pytest.approx([3, 2], abs=0.3)
    assert psr["terms"][1]["prefers"] == {"c": False}
    assert psr["terms"][0]["stability"] == 1.0
    assert 0.9 < psr["held_out_r2"] <= psr["r2"] <= 1
    frozen = read_json(opened.folder.frozen(1))
    assert frozen["frozen"] == ["a", "b", "c"]
    assert frozen["free"] == ["d", "e", "f", "rate", "kind"]
    kept = [tuple(candidate["assignment"].values()) for candidate in frozen["candidates"]]
    assert sorted(kept) == [(False, True, False), (True, False, False)]


def test_every_parameter_is_told_why_it_is_frozen_or_free(opened: Opened) -> None:
    psr = read_json(opened.folder.psr(1))
    why = psr["parameters"]
    assert list(why) == list(opened.space.names)
    assert [name for name in why if why[name]["status"] == "frozen"] == ["a", "b", "c"]
    assert why["a"]["reason"] == "a x b: better than chance"
    assert why["a"]["terms"] == [["a", "b"]]
    assert why["d"]["reason"].startswith("in no proposed term; alone ")
    assert why["d"]["p_value"] > 0.05
    assert abs(why["d"]["weight_alone"]) < 5 * why["d"]["standard_error"]
    assert sum(psr["share_by_degree"].values()) == pytest.approx(psr["r2"], abs=0.15)
    assert list(psr["share_by_degree"]) == ["1", "2"]


def test_too_few_scores_stop_the_stage_with_the_table_that_tells_why(opened: Opened) -> None:
    path = opened.folder.metrics("stage-1")
    table = read_table(path)
    table.loc[9:, "score"] = np.nan
    table.to_parquet(path)
    with pytest.raises(HarmonicaError, match=r"only 9 uniform samples have a score.*metrics.tsv"):
        recover_stage(opened, 1)


TWO_STAGES = {
    "stages": [
        {"samples": 80, "sparsity": 2, "degree": 1},
        {"samples": 10, "sparsity": 1, "degree": 1},
    ]
}


@pytest.mark.parametrize(("budget", "reused"), [(1, True), (2, False)])
def test_earlier_samples_are_used_again_where_they_are_still_valid(
    in_own_folder: None, budget: int, reused: bool
) -> None:
    first, second = TWO_STAGES["stages"]
    opened = plan({"stages": [first, {**second, "budget": budget}]})
    run_part(opened, "stage-1")
    recover_stage(opened, 1)
    frozen = read_json(opened.folder.frozen(1))["candidates"][0]["assignment"]
    assert frozen == {"c": False}
    run_part(opened, "stage-2")
    recover_stage(opened, 2)
    table = read_table(opened.folder.metrics("stage-1"))
    agreeing = int((~table["c"]).sum())
    psr = read_json(opened.folder.psr(2))
    assert psr["reused"] == ({"stage-1": agreeing} if reused else {})
    assert psr["samples"] == 10 + (agreeing if reused else 0)


@pytest.mark.parametrize("transform", ["log", "rank"])
def test_a_transformed_metric_freezes_the_same(opened: Opened, transform: str) -> None:
    plan({"objective": {**CONFIG["objective"], "transform": transform}})
    again = Opened.at(opened.folder.root)
    path = opened.folder.metrics("stage-1")
    table = read_table(path)
    table["score"] = np.exp(3 * table["score"])  # a long tail
    table.to_parquet(path)
    recover_stage(again, 1)
    frozen = read_json(opened.folder.frozen(1))
    assert frozen["frozen"] == ["a", "b", "c"]


def test_the_logarithm_of_a_negative_metric_is_refused(opened: Opened) -> None:
    plan({"objective": {**CONFIG["objective"], "transform": "log"}})
    with pytest.raises(HarmonicaError, match=r"objective\.transform: log needs a positive metric"):
        recover_stage(Opened.at(opened.folder.root), 1)


def test_a_long_recovery_tells_how_far_it_is(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = opened.folder.psr(1).read_bytes()
    monkeypatch.setattr("harmonica_steps.search.effort.LONG", 1)
    capsys.readouterr()
    recover_stage(opened, 1, processes=2)
    lines = capsys.readouterr().out.splitlines()
    assert "recovering from 15 resamples, 2 at a time" in lines[0]
    assert lines[1:] == [f"stage 1: resample {n} of 15 done" for n in range(1, 16)]
    assert opened.folder.psr(1).read_bytes() == before


def test_without_resamples_the_same_is_frozen(opened: Opened) -> None:
    before = opened.folder.frozen(1).read_bytes()
    plan({"stages": [{**CONFIG["stages"][0], "resamples": 0}, *CONFIG["stages"][1:]]})
    again = Opened.at(opened.folder.root)
    recover_stage(again, 1)
    assert opened.folder.frozen(1).read_bytes() == before
    psr = read_json(opened.folder.psr(1))
    assert psr["held_out_r2"] is None
    assert {term["stability"] for term in psr["terms"]} == {None}


def test_recovering_twice_gives_the_same_bytes(opened: Opened) -> None:
    paths = [opened.folder.psr(1), opened.folder.frozen(1)]
    before = [path.read_bytes() for path in paths]
    for path in paths:
        path.unlink()
    recover_stage(opened, 1)
    assert [path.read_bytes() for path in paths] == before


def test_collecting_twice_gives_the_same_bytes(opened: Opened) -> None:
    metrics = opened.folder.metrics("stage-1")
    paths = [metrics, metrics.with_suffix(".tsv"), opened.folder.runtime("stage-1")]
    before = [path.read_bytes() for path in paths]
    for path in paths:
        path.unlink()
    collect_part(opened, "stage-1")
    assert [path.read_bytes() for path in paths] == before


def test_a_stage_without_an_effect_says_so_and_freezes_nothing(opened: Opened) -> None:
    path = opened.folder.metrics("stage-1")
    table = read_table(path)
    table["score"] = np.random.default_rng(0).normal(size=30)
    table.to_parquet(path)
    assert recover_stage(opened, 1).startswith("stage 1: NOTHING RECOVERED")
    frozen = read_json(opened.folder.frozen(1))
    assert frozen["frozen"] == []
    assert frozen["candidates"] == [{"assignment": {}, "predicted": None}]


def test_a_maximised_metric_freezes_the_opposite_with_the_metrics_own_signs(
    opened: Opened,
) -> None:
    plan({"objective": {**CONFIG["objective"], "direction": "maximize"}})
    maximising = Opened.at(opened.folder.root)
    collect_part(maximising, "stage-1")
    recover_stage(maximising, 1)
    psr = read_json(opened.folder.psr(1))
    weights = {tuple(term["parameters"]): term["weight"] for term in psr["terms"]}
    assert weights == pytest.approx({("a", "b"): 3, ("c",): 2}, abs=0.3)
    for candidate in read_json(opened.folder.frozen(1))["candidates"]:
        assert candidate["assignment"]["a"] is candidate["assignment"]["b"]
        assert candidate["assignment"]["c"] is True


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_one_astronomic_metric_does_not_stop_the_search(opened: Opened) -> None:
    path = opened.folder.record("stage-1", 3)
    write_json(path, {**read_json(path), "value": 1e99})
    collect_part(opened, "stage-1")
    assert recover_stage(opened, 1).startswith("stage 1: ")


def test_an_edited_restriction_that_is_wrong_is_refused_with_its_file(opened: Opened) -> None:
    path = opened.folder.frozen(1)
    content = read_json(path)
    content["candidates"][0]["assignment"]["c"] = "no"
    write_json(path, content)
    with pytest.raises(HarmonicaError) as caught:
        draw_part(opened, "final/rung-0")
    assert str(caught.value) == (
        f"{path}: candidates.1.assignment.c: has no level 'no'; allowed: False, True. Correct it, "
        "or delete it and run snakemake again, which writes what the stage has recovered."
    )


@pytest.mark.parametrize("stage", [0, 2])
def test_a_stage_that_is_not_there_is_refused(opened: Opened, stage: int) -> None:
    with pytest.raises(HarmonicaError, match="stage"):
        recover_stage(opened, stage)


def test_a_part_that_is_not_there_is_refused(opened: Opened) -> None:
    with pytest.raises(HarmonicaError, match="'stage-2' is no part of this search; allowed: stag"):
        opened.part("stage-2")


def test_a_folder_without_a_search_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HarmonicaError, match="holds no search"):
        Opened.at(tmp_path)


# The end


def test_the_best_is_that_of_the_largest_budget(opened: Opened) -> None:
    best = read_json(opened.folder.best)
    record = read_json(opened.folder.record("final/rung-2", 0))
    assert best["budget"] == 4
    assert (best["value"], best["configuration"]) == (record["value"], record["configuration"])
    assert best["metrics"] == {"steps": 3.0}
    plain = opened.folder.root / "best-configuration.json"
    assert json.loads(plain.read_text()) == best["configuration"]
    table = pd.read_csv(opened.folder.root / "final/table.tsv", sep="\t")
    assert table["rung"].tolist() == [0] * 4 + [1] * 2 + [2]
    assert table["budget"].tolist() == [1] * 4 + [2] * 2 + [4]


def test_a_smaller_budget_wins_only_where_every_larger_one_failed(opened: Opened) -> None:
    """The final's policy allows all trainings of a rung to fail, and the rungs before have not."""
    fail(opened, "final/rung-2", [0])
    collect_part(opened, "final/rung-2")
    finish(opened)
    best = read_json(opened.folder.best)
    assert best["budget"] == 2
    table = read_table(opened.folder.metrics("final/rung-1"))
    assert best["value"] == table["value"].min()


def test_the_larger_budget_wins_even_if_its_best_has_failed(opened: Opened) -> None:
    values = read_table(opened.folder.metrics("final/rung-1"))["value"]
    fail(opened, "final/rung-1", [int(values.argmin())])
    for rung in RUNGS[1:]:
        collect_part(opened, rung)
    path = opened.folder.metrics("final/rung-2")
    table = read_table(path).assign(status="failed", value=np.nan, score=np.nan)
    table.to_parquet(path)
    finish(opened)
    best = read_json(opened.folder.best)
    assert (best["budget"], best["value"]) == (2, values.max())


def test_without_one_success_there_is_no_best(opened: Opened) -> None:
    for part in ["stage-1", *RUNGS]:
        path = opened.folder.metrics(part)
        read_table(path).assign(status="failed", value=np.nan, score=np.nan).to_parquet(path)
    with pytest.raises(HarmonicaError, match="not one training succeeded"):
        finish(opened)


def test_where_the_final_search_failed_samples_of_stages_count(opened: Opened) -> None:
    """Those that were trained like a part of it, here the first rung."""
    for rung in RUNGS:
        path = opened.folder.metrics(rung)
        read_table(path).assign(status="failed", value=np.nan, score=np.nan).to_parquet(path)
    finish(opened)
    best = read_json(opened.folder.best)
    assert best["value"] == read_table(opened.folder.metrics("stage-1"))["value"].min()
    assert "stage-1" in best["record"]


@pytest.mark.parametrize("objective", ["callable", "command"])
def test_the_recorded_command_trains_the_best_again(in_own_folder: None, objective: str) -> None:
    changes = {"stages": [], "final": {"configurations": 2, "max_budget": 1}}
    if objective == "command":
        Path("job 1.sh").write_text(
            'printf \'{"error": %s.%s}\' "$2" "$HARMONICA_BUDGET" > "$1"\n'
            'test -f "$HARMONICA_CONFIG"\n'
        )
        changes["objective"] = {"command": "sh 'job 1.sh' {result} {seed}"}
    opened = plan(changes)
    run_part(opened, "final/rung-0")
    finish(opened)
    best = read_json(opened.folder.best)
    subprocess.run(["bash", "-c", best["train_again"]], check=True)
    again = json.loads((opened.folder.root / "best-again/result.json").read_text())
    assert again["error"] == best["value"]
