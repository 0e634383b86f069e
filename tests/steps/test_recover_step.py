"""What the step recovers and freezes, on a search that takes seconds."""

from pathlib import Path

import numpy as np
import pytest
from steps_support import CONFIG, plan, run_part

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import read_json, write_json
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.results.tables import read_table
from harmonica_steps.steps.collect import collect_part
from harmonica_steps.steps.draw import draw_part
from harmonica_steps.steps.recover import recover_stage


def test_the_planted_terms_are_recovered_in_the_users_names(search: SearchRun) -> None:
    psr = read_json(search.folder.psr(1))
    assert [term["parameters"] for term in psr["terms"]] == [["a", "b"], ["c"]]
    assert [term["weight"] for term in psr["terms"]] == pytest.approx([3, 2], abs=0.3)
    assert psr["terms"][1]["prefers"] == {"c": False}
    assert psr["terms"][0]["stability"] == 1.0
    assert 0.9 < psr["held_out_r2"] <= psr["r2"] <= 1
    frozen = read_json(search.folder.frozen(1))
    assert frozen["frozen"] == ["a", "b", "c"]
    assert frozen["free"] == ["d", "e", "f", "rate", "kind"]
    kept = [tuple(candidate["assignment"].values()) for candidate in frozen["candidates"]]
    assert sorted(kept) == [(False, True, False), (True, False, False)]


def test_every_parameter_is_told_why_it_is_frozen_or_free(search: SearchRun) -> None:
    psr = read_json(search.folder.psr(1))
    why = psr["parameters"]
    assert list(why) == list(search.space.names)
    assert [name for name in why if why[name]["status"] == "frozen"] == ["a", "b", "c"]
    assert why["a"]["reason"] == "a x b: better than chance"
    assert why["a"]["terms"] == [["a", "b"]]
    assert why["d"]["reason"].startswith("in no proposed term; alone ")
    assert why["d"]["p_value"] > 0.05
    assert abs(why["d"]["weight_alone"]) < 5 * why["d"]["standard_error"]
    assert sum(psr["share_by_degree"].values()) == pytest.approx(psr["r2"], abs=0.15)
    assert list(psr["share_by_degree"]) == ["1", "2"]


def test_too_few_scores_stop_the_stage_with_the_table_that_tells_why(search: SearchRun) -> None:
    path = search.folder.metrics("stage-1")
    table = read_table(path)
    table.loc[9:, "score"] = np.nan
    table.to_parquet(path)
    with pytest.raises(HarmonicaError, match=r"only 9 uniform samples have a score.*metrics.tsv"):
        recover_stage(search, 1)


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
    search = plan({"stages": [first, {**second, "budget": budget}]})
    run_part(search, "stage-1")
    recover_stage(search, 1)
    frozen = read_json(search.folder.frozen(1))["candidates"][0]["assignment"]
    assert frozen == {"c": False}
    run_part(search, "stage-2")
    recover_stage(search, 2)
    table = read_table(search.folder.metrics("stage-1"))
    agreeing = int((~table["c"]).sum())
    psr = read_json(search.folder.psr(2))
    assert psr["reused"] == ({"stage-1": agreeing} if reused else {})
    assert psr["samples"] == 10 + (agreeing if reused else 0)


@pytest.mark.parametrize("transform", ["log", "rank"])
def test_a_transformed_metric_freezes_the_same(search: SearchRun, transform: str) -> None:
    plan({"objective": {**CONFIG["objective"], "transform": transform}})
    again = SearchRun.at(search.folder.root)
    path = search.folder.metrics("stage-1")
    table = read_table(path)
    table["score"] = np.exp(3 * table["score"])  # a long tail
    table.to_parquet(path)
    recover_stage(again, 1)
    frozen = read_json(search.folder.frozen(1))
    assert frozen["frozen"] == ["a", "b", "c"]


def test_the_logarithm_of_a_negative_metric_is_refused(search: SearchRun) -> None:
    plan({"objective": {**CONFIG["objective"], "transform": "log"}})
    with pytest.raises(HarmonicaError, match=r"objective\.transform: log needs a positive metric"):
        recover_stage(SearchRun.at(search.folder.root), 1)


def test_a_long_recovery_tells_how_far_it_is(
    search: SearchRun, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = search.folder.psr(1).read_bytes()
    monkeypatch.setattr("harmonica_steps.search.effort.LONG", 1)
    capsys.readouterr()
    recover_stage(search, 1, processes=2)
    lines = capsys.readouterr().out.splitlines()
    assert "recovering from 15 resamples, 2 in parallel" in lines[0]
    assert lines[1:] == [f"stage 1: resample {n} of 15 done" for n in range(1, 16)]
    assert search.folder.psr(1).read_bytes() == before


def test_without_resamples_the_same_is_frozen(search: SearchRun) -> None:
    before = search.folder.frozen(1).read_bytes()
    plan({"stages": [{**CONFIG["stages"][0], "resamples": 0}, *CONFIG["stages"][1:]]})
    again = SearchRun.at(search.folder.root)
    recover_stage(again, 1)
    assert search.folder.frozen(1).read_bytes() == before
    psr = read_json(search.folder.psr(1))
    assert psr["held_out_r2"] is None
    assert {term["stability"] for term in psr["terms"]} == {None}


def test_recovering_twice_gives_the_same_bytes(search: SearchRun) -> None:
    paths = [search.folder.psr(1), search.folder.frozen(1)]
    before = [path.read_bytes() for path in paths]
    for path in paths:
        path.unlink()
    recover_stage(search, 1)
    assert [path.read_bytes() for path in paths] == before


def test_collecting_twice_gives_the_same_bytes(search: SearchRun) -> None:
    metrics = search.folder.metrics("stage-1")
    paths = [metrics, metrics.with_suffix(".tsv"), search.folder.runtime("stage-1")]
    before = [path.read_bytes() for path in paths]
    for path in paths:
        path.unlink()
    collect_part(search, "stage-1")
    assert [path.read_bytes() for path in paths] == before


def test_a_stage_without_an_effect_says_so_and_freezes_nothing(search: SearchRun) -> None:
    path = search.folder.metrics("stage-1")
    table = read_table(path)
    table["score"] = np.random.default_rng(0).normal(size=30)
    table.to_parquet(path)
    assert recover_stage(search, 1).startswith("stage 1: NOTHING RECOVERED")
    frozen = read_json(search.folder.frozen(1))
    assert frozen["frozen"] == []
    assert frozen["candidates"] == [{"assignment": {}, "predicted": None}]


def test_a_maximised_metric_freezes_the_opposite_with_the_metrics_own_signs(
    search: SearchRun,
) -> None:
    plan({"objective": {**CONFIG["objective"], "direction": "maximize"}})
    maximising = SearchRun.at(search.folder.root)
    collect_part(maximising, "stage-1")
    recover_stage(maximising, 1)
    psr = read_json(search.folder.psr(1))
    weights = {tuple(term["parameters"]): term["weight"] for term in psr["terms"]}
    assert weights == pytest.approx({("a", "b"): 3, ("c",): 2}, abs=0.3)
    for candidate in read_json(search.folder.frozen(1))["candidates"]:
        assert candidate["assignment"]["a"] is candidate["assignment"]["b"]
        assert candidate["assignment"]["c"] is True


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_one_astronomic_metric_does_not_stop_the_search(search: SearchRun) -> None:
    path = search.folder.record("stage-1", 3)
    write_json(path, {**read_json(path), "value": 1e99})
    collect_part(search, "stage-1")
    assert recover_stage(search, 1).startswith("stage 1: ")


def test_an_edited_restriction_that_is_wrong_is_refused_with_its_file(search: SearchRun) -> None:
    path = search.folder.frozen(1)
    content = read_json(path)
    content["candidates"][0]["assignment"]["c"] = "no"
    write_json(path, content)
    with pytest.raises(HarmonicaError) as caught:
        draw_part(search, "final/rung-0")
    assert str(caught.value) == (
        f"{path}: candidates.1.assignment.c: has no value 'no'; allowed: False, True. Correct it, "
        "or delete it and run snakemake again, which rewrites it from what the stage has "
        "recovered."
    )


@pytest.mark.parametrize("stage", [0, 2])
def test_a_stage_that_is_not_there_is_refused(search: SearchRun, stage: int) -> None:
    with pytest.raises(HarmonicaError, match="stage"):
        recover_stage(search, stage)


def test_a_part_that_is_not_there_is_refused(search: SearchRun) -> None:
    with pytest.raises(
        HarmonicaError, match="'stage-2' is not a part of this search; allowed: stag"
    ):
        search.part("stage-2")


def test_a_folder_without_a_search_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HarmonicaError, match="not a search folder"):
        SearchRun.at(tmp_path)
