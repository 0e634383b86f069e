"""What settings did to the metric, and the way of the configurations through the bracket."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from report_support import CONFIG, HOSTILE, hostile_metric, run_search

from harmonica_steps.files import read_json, write_json
from harmonica_steps.report.effects import Levels, effects, shown, summary
from harmonica_steps.report.facts import Facts, gather
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.results.tables import read_table


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> SearchRun:
    return run_search(tmp_path_factory.mktemp("facts") / "made-up", CONFIG, hostile_metric)


@pytest.fixture(scope="module")
def facts(search: SearchRun) -> Facts:
    return gather(search)


def test_the_mean_has_the_interval_of_its_standard_error() -> None:
    values = np.random.default_rng(0).normal(5, 2, size=400)
    found = summary(values, "none")
    assert found is not None
    assert found.middle == pytest.approx(values.mean())
    assert found.high - found.middle == pytest.approx(1.96 * 2 / 20, rel=0.1)
    assert found.trainings == 400


@pytest.mark.parametrize("transform", ["log", "rank"])
def test_outliers_do_not_move_what_a_transform_sums_up(transform: str) -> None:
    values = np.exp(np.random.default_rng(0).normal(size=200))
    values[0] = 1e9
    found = summary(values, transform)
    assert found is not None
    assert 0.7 < found.low < found.middle < found.high < 1.6


def test_one_training_has_no_interval_and_none_no_summary() -> None:
    assert summary(np.array([3.0]), "none") == (3.0, 3.0, 3.0, 1)
    assert summary(np.array([]), "none") is None


def test_a_main_effect_is_the_mean_of_each_setting(search: SearchRun) -> None:
    table = read_table(search.folder.metrics("stage-1"))
    effect = Levels(search, 1).main(HOSTILE[0])
    assert [name for name, _ in effect.settings] == ["False", "True"]
    for name, cell in effect.settings:
        # Failures count as the stage's policy says: as its worst.
        own = table["score"][table[HOSTILE[0]].astype(str) == name]
        assert cell.middle == pytest.approx(own.mean())
        assert cell.trainings == len(own)


def test_a_pair_has_a_cell_for_each_two_settings(search: SearchRun) -> None:
    effect = Levels(search, 1).joint(HOSTILE[:2])
    means = {names: cell.middle for names, cell in effect.cells}
    assert len(means) == 4
    assert sum(cell.trainings for _, cell in effect.cells) == 150
    assert means["False", "</td>"] < means["True", "</td>"]


def test_the_parameter_with_the_fewest_settings_gets_the_panels(search: SearchRun) -> None:
    effect = Levels(search, 1).joint([HOSTILE[0], HOSTILE[2], HOSTILE[3]])
    assert effect.parameters == (HOSTILE[2], HOSTILE[3], HOSTILE[0])
    assert {len(names) for names, _ in effect.cells} == {3}


def test_a_maximised_metric_keeps_its_own_sign(tmp_path: Path) -> None:
    objective = {**CONFIG["objective"], "direction": "maximize"}
    search = run_search(tmp_path / "made-up", {**CONFIG, "objective": objective}, hostile_metric)
    settings = dict(gather(search).stages[0].main[0].settings)
    assert all(10 < cell.middle < 30 for cell in settings.values())


def test_without_terms_there_are_no_effects(search: SearchRun) -> None:
    assert effects(search, 1, []) == ([], [])


def test_terms_with_what_is_assigned_by_now_have_none(search: SearchRun, tmp_path: Path) -> None:
    """An earlier restriction was edited, and snakemake has not run since."""
    root = shutil.copytree(search.folder.root, tmp_path / search.folder.root.name)
    edited = SearchRun.at(root)
    terms, path = edited.psr(1)["terms"], edited.folder.frozen(1)
    named = {name for term in terms for name in term["parameters"]}
    assert named
    content = read_json(path)
    content["candidates"] = content["candidates"][:1]
    content["candidates"][0]["assignment"] |= {n: edited.space.grids[n][0] for n in named}
    write_json(path, content)
    assert effects(edited, 2, terms) == ([], [])
    assert gather(edited).stages


@pytest.mark.parametrize(
    ("value", "text"), [(True, "True"), (1, "1"), (0.1 + 0.2, "0.3"), (1e-5, "1e-05"), ("x", "x")]
)
def test_values_are_shown_as_the_user_writes_them(value: object, text: str) -> None:
    assert shown(value) == text


def test_the_bracket_follows_each_configuration(search: SearchRun, facts: Facts) -> None:
    assert len(facts.contenders) == 9
    assert [len(c.results) for c in facts.contenders] == [3, 2, 2, *[1] * 6]
    winner = facts.contenders[0]
    best = read_json(search.folder.best)
    assert winner.last == best["value"]
    assert winner.configuration == best["configuration"]
    for rung in range(3):
        values = set(read_table(search.folder.metrics(f"final/rung-{rung}"))["value"].dropna())
        reached = [c.results[rung][1] for c in facts.contenders if len(c.results) > rung]
        assert {value for value in reached if value is not None} == values


@pytest.mark.parametrize(
    ("removed", "lengths"),
    [
        ("rung-0/metrics.parquet", []),
        ("rung-1/metrics.parquet", [1] * 9),
        ("rung-1/samples.jsonl", [1] * 9),
    ],
)
def test_a_rung_that_is_done_anew_ends_the_bracket(
    search: SearchRun, tmp_path: Path, removed: str, lengths: list[int]
) -> None:
    """Snakemake removes a file before its job; those of later rungs are still the old ones."""
    copy = SearchRun.at(shutil.copytree(search.folder.root, tmp_path / "made-up"))
    (copy.folder.root / "final" / removed).unlink()
    assert [len(contender.results) for contender in gather(copy).contenders] == lengths


def test_a_parameter_says_when_to_what_and_why_it_was_frozen(facts: Facts) -> None:
    found = {parameter.name: parameter for parameter in facts.parameters}
    assert found[HOSTILE[0]].stage == 1
    assert found[HOSTILE[1]].stage == 1
    assert set(found[HOSTILE[1]].values) <= {"</td>", "javascript:alert(3)"}
    assert "better than chance" in found[HOSTILE[0]].why
    assert found["dummy 1"].stage is None
    assert found["dummy 1"].values == []
    frozen = [parameter.stage is not None for parameter in facts.parameters]
    assert frozen == sorted(frozen, reverse=True)


def test_one_frozen_by_hand_says_so(search: SearchRun, tmp_path: Path) -> None:
    from harmonica_steps.files import write_json

    copy = SearchRun.at(shutil.copytree(search.folder.root, tmp_path / "made-up"))
    path = copy.folder.frozen(1)
    content = read_json(path)
    for candidate in content["candidates"]:
        candidate["assignment"]["dummy 0"] = True
    write_json(path, content)
    # Before the stages that follow have run again, they know nothing of it.
    found = {parameter.name: parameter for parameter in gather(copy).parameters}
    assert (found["dummy 0"].stage, found["dummy 0"].values) == (1, ["True"])
    later = read_json(copy.folder.frozen(2))
    for candidate in later["candidates"]:
        candidate["assignment"]["dummy 0"] = True
    write_json(copy.folder.frozen(2), later)
    found = {parameter.name: parameter for parameter in gather(copy).parameters}
    assert (found["dummy 0"].stage, found["dummy 0"].why) == (1, "frozen by hand")
