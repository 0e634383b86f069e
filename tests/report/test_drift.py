"""How the samples of a search moved, part by part."""

from pathlib import Path
from typing import Any

import pytest
from report_support import plan, run_part, run_search

from harmonica_steps.report.drift import MOST_PARAMETERS, MOST_SETTINGS, OTHERS, Drift, drifts
from harmonica_steps.report.every_figure import figures_of
from harmonica_steps.report.facts import Facts, gather

CONFIG: dict[str, Any] = {
    "search": "drift",
    "objective": {"command": "true", "metric": "loss", "timeout": 60},
    "space": {
        "calm": {"type": "bool"},
        "rate": {"type": "float", "low": 0.0, "high": 1.0, "levels": 4},
        "kind": {"type": "categorical", "values": list("abcdefghijkl")},
        **{f"dummy {i}": {"type": "bool"} for i in range(12)},
    },
    "stages": [
        {"samples": 60, "degree": 1, "sparsity": 2},
        {"samples": 40, "degree": 1, "sparsity": 1},
    ],
    "final": {"configurations": 12, "eta": 2, "min_budget": 1, "max_budget": 2},
}


def metric(configuration: dict[str, Any], budget: float, noise: float) -> float:
    return 2 * configuration["calm"] + 5 * configuration["rate"] + 0.1 * noise


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    return gather(run_search(tmp_path_factory.mktemp("drift") / "results", CONFIG, metric))


def by_name(facts: Facts) -> dict[str, Drift]:
    return {drift.parameter: drift for drift in drifts(facts.search.space, facts.parts)}


def test_what_moved_most_comes_first(facts: Facts) -> None:
    found = drifts(facts.search.space, facts.parts)
    assert len(found) <= MOST_PARAMETERS
    assert {found[0].parameter, found[1].parameter} == {"calm", "rate"}
    assert [drift.moved for drift in found] == sorted((d.moved for d in found), reverse=True)
    assert all(0 < drift.moved <= 1 for drift in found)


def test_shares_are_those_of_the_samples(facts: Facts) -> None:
    calm = by_name(facts)["calm"]
    drawn = [part.table for part in facts.parts if part.title in calm.parts]
    assert calm.parts[:2] == ["Stage 1", "Stage 2"]
    for table, shares in zip(drawn, calm.shares, strict=True):
        assert table is not None
        assert shares["True"] == pytest.approx(table["calm"].astype(float).mean())
        assert sum(shares.values()) == pytest.approx(1)
    assert calm.shares[-1]["False"] > calm.shares[0]["False"]


def test_numbers_have_a_range_that_narrows(facts: Facts) -> None:
    rate = by_name(facts)["rate"]
    assert rate.shares == []
    low, middle, high = rate.ranges[0]
    assert low < middle < high
    assert rate.ranges[-1][2] < high


def test_many_settings_are_summed_up(facts: Facts) -> None:
    kind = by_name(facts).get("kind")
    if kind:
        assert len(kind.shares[0]) == MOST_SETTINGS + 1
        assert OTHERS in kind.shares[0]


def test_rungs_that_only_choose_are_left_out(facts: Facts) -> None:
    assert "Rung 1" not in by_name(facts)["calm"].parts


def test_there_is_a_figure_for_each_that_says_what_it_shows(facts: Facts) -> None:
    figures = {figure.title: figure for figure in figures_of(facts)["drift"]}
    assert figures.keys() == by_name(facts).keys()
    assert "True: 5" in figures["calm"].description or "True: 4" in figures["calm"].description
    assert figures["rate"].description.startswith("Where the middle 80 % of the samples lie.")


def test_one_part_is_nothing_to_compare(tmp_path: Path) -> None:
    search = plan(tmp_path / "results", CONFIG)
    run_part(search, "stage-1", metric)
    assert drifts(search.space, gather(search).parts) == []
