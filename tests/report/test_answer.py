"""The settings and the terms that the first screen shows."""

from typing import Any

import pytest
from report_support import run_search

from harmonica_steps.report.answer import MOST_TERMS, Setting, best_settings, important_terms
from harmonica_steps.report.facts import Facts, gather

CONFIG: dict[str, Any] = {
    "search": "answer",
    "objective": {"command": "true", "metric": "loss", "timeout": 60},
    "space": {
        "calm": {"type": "bool"},
        "rate": {"type": "float", "low": 0.0, "high": 1.0, "levels": 3},
        "layers": {"type": "int", "low": 1, "high": 9},
        "kind": {"type": "categorical", "values": ["x", "y"]},
    },
    "stages": [{"samples": 60, "degree": 2, "sparsity": 2}],
    "final": {"configurations": 4, "eta": 2, "min_budget": 1, "max_budget": 2},
}
START = {"calm": True, "rate": 0.5, "kind": "x"}


def metric(configuration: dict[str, Any], budget: float, noise: float) -> float:
    together = (1 if configuration["calm"] else -1) * (1 if configuration["kind"] == "x" else -1)
    return together + 3 * configuration["rate"] + 0.2 * noise


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    return gather(run_search(tmp_path_factory.mktemp("answer") / "results", CONFIG, metric))


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    config = {**CONFIG, "start": [START]}
    return gather(run_search(tmp_path_factory.mktemp("started") / "results", config, metric))


def by_name(facts: Facts) -> dict[str, Setting]:
    return {setting.name: setting for setting in best_settings(facts)}


def test_the_terms_are_told_by_their_share_and_kind(facts: Facts) -> None:
    terms = important_terms(facts)
    assert {term.name: term.joint for term in terms} == {"calm × kind": True, "rate": False}
    assert [term.share for term in terms] == sorted((term.share for term in terms), reverse=True)
    assert len(terms) <= MOST_TERMS


def test_numbers_are_compared_with_the_middle_of_their_range(facts: Facts) -> None:
    found = by_name(facts)
    assert found["rate"].before == "0.5"
    assert found["rate"].changed  # it is best at its lower end
    assert found["layers"].before == "5"
    assert found["calm"].before is None
    assert not found["calm"].changed


def test_what_was_found_comes_first_and_says_by_whom(facts: Facts) -> None:
    settings = best_settings(facts)
    assert facts.best is not None
    assert {setting.name for setting in settings} == facts.best["configuration"].keys()
    assert settings[-1].name == "layers"
    assert settings[-1].why == ""
    assert all(setting.why == "frozen in stage 1" for setting in settings[:-1])


def test_what_differs_from_the_start_is_marked(started: Facts) -> None:
    found = by_name(started)
    assert found["rate"].before == "0.5"
    assert found["rate"].changed
    assert found["kind"].before == "x"
    assert found["kind"].changed == (found["kind"].value != "x")
    assert found["layers"].before is None  # the start does not name it


def test_before_the_end_the_settings_are_those_of_the_best_so_far(facts: Facts) -> None:
    facts.search.folder.best.rename(facts.search.folder.best.with_suffix(".away"))
    found = gather(facts.search)
    assert found.best is None
    assert found.configuration == facts.configuration
    assert best_settings(found) == best_settings(facts)
    facts.search.folder.best.with_suffix(".away").rename(facts.search.folder.best)
