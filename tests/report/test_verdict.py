"""The words: what was found and what to do next."""

from pathlib import Path
from typing import Any

import pytest
from report_support import CONFIG, HOSTILE, hostile_metric, noise_metric, plan, run_part, run_search

from harmonica_steps.files import read_json, write_json
from harmonica_steps.report.facts import gather
from harmonica_steps.report.verdict import Verdict, verdict
from harmonica_steps.results.search_run import SearchRun


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> SearchRun:
    return run_search(tmp_path_factory.mktemp("verdict") / "made-up", CONFIG, hostile_metric)


def titles(found: Verdict) -> str:
    return " ".join(advice.title for advice in found.advice)


def changed_psr(search: SearchRun, folder: Path, **changes: Any) -> Verdict:
    import shutil

    copy = SearchRun.at(shutil.copytree(search.folder.root, folder / "made-up"))
    path = copy.folder.psr(1)
    write_json(path, {**read_json(path), **changes})
    return verdict(gather(copy))


def test_a_search_that_found_something(search: SearchRun) -> None:
    found = verdict(gather(search))
    best = read_json(search.folder.best)["value"]
    assert found.headline.startswith(f"The best configuration has val <b>error</b> {best:.4g}")
    assert f"What matters most: {HOSTILE[0]} × {HOSTILE[1]}" in found.headline
    assert found.findings[0].startswith("Stage 1: 3 terms explain 9")
    assert "moved the mean val <b>error</b> of uniform samples from 19." in found.findings[-1]
    assert "Retrain the best with other seeds." in titles(found)
    assert f"Widen the range of {HOSTILE[2]}." in titles(found)
    assert "Resume the search" not in titles(found)


def test_pure_noise_is_called_that(tmp_path: Path) -> None:
    found = verdict(gather(run_search(tmp_path / "made-up", CONFIG, noise_metric)))
    assert found.findings[0].startswith("Nothing was found: ")
    assert "What matters most" not in found.headline
    assert "Give stage 1 more samples, or leave it out." in titles(found)
    assert "Add a stage" not in titles(found)


def test_a_search_that_has_not_ended_says_what_is_known(tmp_path: Path) -> None:
    search = plan(tmp_path / "made-up", CONFIG)
    before = verdict(gather(search))
    assert before.headline == "The search has not finished: 0 of 243 trainings have finished."
    assert before.findings == [
        "No stage has finished yet, so it is not known which parameters matter."
    ]
    run_part(search, "stage-1", hostile_metric)
    after = verdict(gather(search))
    assert after.headline.startswith(
        "The search has not finished: 150 of 243 trainings have finished."
    )
    assert "Best val <b>error</b> so far: " in after.headline
    assert after.advice[0].title == "Resume the search."
    assert "Retrain the best" not in titles(after)


def test_a_search_without_stages_does_not_speak_of_terms(tmp_path: Path) -> None:
    search = run_search(tmp_path / "made-up", {**CONFIG, "stages": []}, hostile_metric)
    assert verdict(gather(search)).findings == [
        "This search has no spectral stages, so it does not show which parameters matter."
    ]


def test_terms_that_do_not_predict_are_a_hint(search: SearchRun, tmp_path: Path) -> None:
    found = changed_psr(search, tmp_path, held_out_r2=-0.2)
    assert "Treat the findings of stage 1 as tentative." in titles(found)
    assert "(0% on held-out samples)" in found.findings[0]


def test_unstable_terms_are_doubted(search: SearchRun, tmp_path: Path) -> None:
    terms = read_json(search.folder.psr(1))["terms"]
    terms[2]["stability"] = 0.2
    found = changed_psr(search, tmp_path, terms=terms)
    assert "Do not rely on the weaker terms." in titles(found)
    (advice,) = [a for a in found.advice if a.title.startswith("Do not rely")]
    assert HOSTILE[2] in advice.text


def test_many_failures_come_first(tmp_path: Path) -> None:
    def failing(configuration: dict[str, Any], budget: float, noise: float) -> float | None:
        return None if noise < 0.3 else hostile_metric(configuration, budget, noise)

    found = verdict(gather(run_search(tmp_path / "made-up", CONFIG, failing)))
    assert found.advice[0].title.startswith("Look at the failures: ")
    assert "exit status 1 in stage-1" in found.advice[0].text


def test_a_stage_that_made_things_worse_is_doubted(tmp_path: Path) -> None:
    """What no recovery does by itself: the metric changes its meaning after stage 1."""
    search = plan(tmp_path / "made-up", CONFIG)
    run_part(search, "stage-1", hostile_metric)
    run_part(search, "stage-2", lambda *given: 100 - (hostile_metric(*given) or 0))
    assert "the wrong direction" in verdict(gather(search)).findings[-1]


def test_a_metric_that_still_falls_asks_for_longer_trainings(tmp_path: Path) -> None:
    def falling(configuration: dict[str, Any], budget: float, noise: float) -> float | None:
        return (2 + noise) / budget

    assert "Train longer." in titles(verdict(gather(run_search(tmp_path / "x", CONFIG, falling))))
