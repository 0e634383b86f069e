"""Several searches compared: what is compared, and what is said."""

import re
import shutil
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from planted import CONFIG, LONG, changed, other, planted, three_searches
from report_support import plan, run_part, run_search, train_part

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.records.best import ranking
from harmonica_steps.report.comparison import LONGEST_LABEL, Comparison, compare
from harmonica_steps.report.comparison_findings import Finding, FoundRow, found_rows
from harmonica_steps.report.comparison_page import render
from harmonica_steps.report.comparison_progress import MOST_POINTS, course, equal_cost
from harmonica_steps.report.comparison_settings import configuration_rows, setting_rows
from harmonica_steps.report.comparison_words import at_equal_cost, cautions, headline
from harmonica_steps.report.labels import cut
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.space import Interval
from harmonica_steps.steps.draw import draw_part


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three finished searches."""
    home = tmp_path_factory.mktemp("compared") / "results"
    return three_searches(home)


@pytest.fixture(scope="module")
def comparison(folders: list[Path]) -> Comparison:
    return compare(folders)


def rows(comparison: Comparison) -> dict[str, FoundRow]:
    return {row.name: row for row in found_rows(comparison)}


def test_agreement_and_disagreement_are_told(comparison: Comparison) -> None:
    found = rows(comparison)
    assert (found["gain"].verdict, found["gain"].said) == ("agree", "agree")
    assert [finding.words for finding in found["gain"].findings] == ["True"] * 3
    assert all(finding.kind == "frozen" for finding in found["gain"].findings)
    assert found["gain"].share > 0.5
    assert found["units"].verdict == "disagree"
    assert [finding.words for finding in found["units"].findings] == ["small", "large", "small"]
    assert found["depth"].verdict == "one"
    assert found["depth"].said == f"only {cut(LONG, LONGEST_LABEL)}"
    assert [finding.kind for finding in found["depth"].findings][::2] == ["absent", "absent"]
    assert found["</td>dummy 0"].verdict == "none"


def test_two_of_three_that_agree_are_not_called_all(folders: list[Path], tmp_path: Path) -> None:
    fixed = {**CONFIG["space"], "units": {"type": "categorical", "values": ["medium", "large"]}}
    noise = run_search(
        tmp_path / "noise", changed(search="noise", space=fixed), lambda *known: known[2]
    )
    row = rows(compare([folders[0], folders[2], noise.folder.root]))["units"]
    assert (row.verdict, row.said) == ("agree", "2 of 3 agree")
    assert row.ranges_differ


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        (1, 1.0, True),
        (1, True, False),
        ("a", "b", False),
        (Interval(1, 4), Interval(3, 9), True),
        (Interval(0.1, 0.5), Interval(0.5, 1.0), False),
        (Interval(0.1, 0.5), 0.5, True),
        (0.6, Interval(0.1, 0.5), False),
        (Interval(1, 4), "small", False),
    ],
)
def test_settings_agree_if_both_would_take_one(first: Any, second: Any, together: bool) -> None:
    a, b = (Finding("frozen", (v,), (v,)) for v in (first, second))
    assert a.allows(b) is together
    assert b.allows(a) is together


def test_the_best_is_named_with_its_direction(comparison: Comparison) -> None:
    said = headline(comparison)
    best = min(comparison.searches, key=lambda s: s.answer.value if s.answer else 99)
    assert said.startswith(f"{best.short} is best: val <b>error</b> ")
    assert said.endswith("(lower is better).")
    assert [search for search in comparison.searches if comparison.is_best(search)] == [best]


def test_what_differs_is_said_before_the_numbers(comparison: Comparison) -> None:
    assert cautions(comparison) == ["Their spaces differ: 9 of 10 parameters are in all of them."]


def test_the_order_of_the_folders_changes_the_columns_only(folders: list[Path]) -> None:
    first = compare(folders)
    names = [row.name for row in found_rows(first)]
    for order in permutations(range(3)):
        again = compare([folders[i] for i in order])
        assert headline(again) == headline(first)
        assert cautions(again) == cautions(first)
        assert [at_equal_cost(c) for g in again.groups if (c := equal_cost(g))] == [
            at_equal_cost(c) for g in first.groups if (c := equal_cost(g))
        ]
        found = found_rows(again)
        assert [row.name for row in found] == names
        for row, before in zip(found, found_rows(first), strict=True):
            assert (row.verdict, row.said) == (before.verdict, before.said)
            assert row.findings == [before.findings[i] for i in order]
        settings, before_settings = setting_rows(again, found), setting_rows(first, found)
        for now, then in zip(settings, before_settings, strict=True):
            assert (now.name, now.verdict) == (then.name, then.verdict)
            assert now.values == [then.values[i] for i in order]
        for key, then_key in zip(configuration_rows(again), configuration_rows(first), strict=True):
            assert key.values == [then_key.values[i] for i in order]


def test_settings_side_by_side(comparison: Comparison) -> None:
    found = {row.name: row for row in setting_rows(comparison, found_rows(comparison))}
    assert found["gain"].verdict == "equal"
    assert found["units"].verdict == "differs"
    assert found["units"].supported
    assert found["depth"].verdict == "apart"
    assert found["depth"].values[0] == "not in its space"


def test_what_was_set_up_differently_is_listed(comparison: Comparison) -> None:
    found = {row.key: row.values for row in configuration_rows(comparison)}
    assert found == {"seed": ["1", "2", "3"], "space": [f"{n} parameters" for n in (9, 10, 9)]}


def test_a_stage_that_not_all_have_is_one_row(folders: list[Path], tmp_path: Path) -> None:
    more = [{**CONFIG["stages"][0], "samples": 40}, {"samples": 30, "sparsity": 2}]
    unfinished = plan(tmp_path / "more", changed(search="more", stages=more)).folder.root
    found = {row.key: row.values for row in configuration_rows(compare([folders[0], unfinished]))}
    assert found == {"stages": ["1", "2"], "stages.1.samples": ["120", "40"]}


def test_the_line_follows_the_rule_for_the_best(comparison: Comparison) -> None:
    """At every moment it is what the ranking of the trainings so far says."""
    for search in comparison.searches:
        known = [training for part in search.facts.parts for training in part.trained]
        found = course(search)
        # In these searches trainings start, and end, in the order of their trials.
        for count in range(1, len(known) + 1, 7):
            best = ranking(known[:count], "minimize", so_far=True).best
            cost = sum(not training.copied for training in known[:count])
            assert found.at(trainings=cost) == (best.value if best else None)
        assert search.answer is not None
        assert found.at() == search.answer.value
        assert found.cpu_seconds == search.totals.cpu_seconds


def test_trainings_at_small_budgets_cost_but_have_no_value(tmp_path: Path) -> None:
    final = {"configurations": 9, "eta": 3, "min_budget": 1, "max_budget": 9}
    pair = [other(tmp_path / name, final=final, seed=n) for n, name in enumerate(("a", "b"))]
    for search in compare(pair).searches:
        found = course(search)
        assert found.trainings == found.points[0].trainings == 120 + 9 + 3 + 1 - copies(search)
        assert found.at(trainings=100) is None


def copies(search: Any) -> int:
    return sum(training.copied for part in search.facts.parts for training in part.trained)


def test_the_mean_of_a_retraining_ends_the_line(folders: list[Path], tmp_path: Path) -> None:
    final = {**CONFIG["final"], "retrain": {"configurations": 2, "seeds": 2}}
    again = compare([other(tmp_path / "again", final=final), folders[0]])
    search = again.searches[0]
    assert search.answer is not None
    assert search.answer.retrained
    found = course(search)
    assert found.at() == search.answer.value
    assert any("mean of trainings with new seeds" in said for said in cautions(again))


def test_a_line_has_a_bounded_number_of_points(tmp_path: Path) -> None:
    def falling(configuration: dict[str, Any], budget: float, noise: float) -> float:
        falling.value -= 1.0  # type: ignore[attr-defined]
        return falling.value  # type: ignore[attr-defined,no-any-return]

    pair = []
    for name in ("a", "b"):
        falling.value = 0.0  # type: ignore[attr-defined]
        config = changed(search=name, stages=[], final={"configurations": 500, "max_budget": 1})
        pair.append(run_search(tmp_path / name, config, falling).folder.root)
    points = course(compare(pair).searches[0]).points
    assert len(points) == MOST_POINTS
    assert (points[0].trainings, points[-1].trainings) == (1, 500)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"metric": "loss"}, "They optimise different metrics: "),
        ({"direction": "maximize"}, "They do not optimise in the same direction"),
    ],
)
def test_searches_of_another_metric_or_direction_are_not_ranked(
    folders: list[Path], tmp_path: Path, keys: dict[str, str], said: str
) -> None:
    objective = {**CONFIG["objective"], **keys}
    found = compare([folders[0], other(tmp_path / "other", objective=objective)])
    assert len(found.groups) == 2
    assert not any(map(found.is_best, found.searches))
    assert "not comparable" in headline(found)
    assert any(sentence.startswith(said) for sentence in cautions(found))
    assert rows(found)["gain"].findings[0].words == "True"
    assert "best</span>" not in render(found)


def test_values_at_other_budgets_or_fixed_settings_are_not_ranked(
    folders: list[Path], tmp_path: Path
) -> None:
    budget = other(tmp_path / "budget", final={"configurations": 9, "max_budget": 9, "eta": 3})
    found = compare([folders[0], folders[2], budget])
    assert "budget cannot be ranked with them." in headline(found)
    assert any("different budgets: budget: budget 9; one and three" in s for s in cautions(found))
    assert len([search for search in found.searches if found.is_best(search)]) == 1
    shared = next(said for said in cautions(found) if "have also trained at budget 1" in said)
    values = [float(value) for value in re.findall(r"(\d+\.\d+) of ", shared)]
    assert len(values) == 3
    assert values == sorted(values)


def test_searches_that_are_equally_good_are_both_best(folders: list[Path], tmp_path: Path) -> None:
    twin = shutil.copytree(folders[0], tmp_path / "twin")
    found = compare([folders[0], twin])
    assert all(map(found.is_best, found.searches))
    assert "are equally good" in headline(found)
    assert "may have drawn the same samples" in cautions(found)[-1]
    assert {search.label for search in found.searches} == {f"one ({f})" for f in (folders[0], twin)}
    assert len({search.short for search in found.searches}) == 2


def test_searches_at_any_point_can_be_compared(folders: list[Path], tmp_path: Path) -> None:
    search = plan(tmp_path / "begun", changed(search="begun", seed=9))
    assert "begun has no training with a usable metric yet." in page(folders[0], search)
    both = plan(tmp_path / "empty", changed(search="empty"))
    assert "None of these searches has a result yet." in render(
        compare([search.folder.root, both.folder.root])
    )
    draw_part(search, "stage-1")
    train_part(search, "stage-1", planted("small"), range(30))
    text = page(folders[0], search)
    assert "begun has not ended: these are its results so far." in text
    assert "30<small> of 132" in text
    run_part(search, "stage-1", planted("small"))
    assert rows(compare([folders[0], search.folder.root]))["gain"].said == "agree"


def page(folder: Path, search: SearchRun) -> str:
    return render(compare([folder, search.folder.root]))


def test_folders_that_cannot_be_compared_are_refused(folders: list[Path], tmp_path: Path) -> None:
    same = folders[0] / ".." / folders[0].name
    with pytest.raises(HarmonicaError, match=r"one: is named twice \(it is .*\)\. Name each"):
        compare([folders[0], folders[1], same])
    with pytest.raises(HarmonicaError, match="9 searches: a comparison has 2 to 8"):
        compare([tmp_path / str(number) for number in range(9)])
    with pytest.raises(HarmonicaError, match="not a search folder"):
        compare([folders[0], tmp_path])
