"""Status, best.json, bracket and summary agree about the best, whatever has failed."""

import contextlib
import io
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from report_support import plan, train_part

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import read_json, write_json
from harmonica_steps.records.best import as_text
from harmonica_steps.report.bracket import bracket
from harmonica_steps.report.facts import gather
from harmonica_steps.report.page import write_report
from harmonica_steps.report.status import Reader
from harmonica_steps.report.summary import show_searches
from harmonica_steps.report.trainings import part_facts
from harmonica_steps.report.verdict import verdict
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.results.trained import trained
from harmonica_steps.steps.collect import collect_part
from harmonica_steps.steps.draw import draw_part
from harmonica_steps.steps.finish import finish

STAGE = {"samples": 10, "sparsity": 1, "failures": {"max_failed_fraction": 1.0}}
CONFIG: dict[str, Any] = {
    "search": "made-up",
    "objective": {"command": "true", "metric": "error"},
    "space": {"a": {"type": "bool"}, "b": {"type": "bool", "when": {"a": True}}},
    "stages": [STAGE, {**STAGE, "budget": 2}],
}
HALVING = {"configurations": 4, "eta": 2, "max_budget": 4}
FINALS: list[dict[str, Any]] = [
    HALVING,
    {**HALVING, "max_budget": 2, "fidelity": {"layers": 8}},
    {"optimiser": "hyperband", "eta": 2, "max_budget": 2},
    {"optimiser": "random", "configurations": 5},
    {"optimiser": "random", "configurations": 5, "budget": 2},
]
RETRAINS: list[dict[str, Any] | None] = [
    None,
    {"configurations": 1},
    {"configurations": 1, "seeds": 3},
    {"configurations": 1, "seeds": 2, "budget": 8, "fidelity": {"layers": 9}},
]
Values = dict[str, list[float | None]]


def searched(
    root: Path, config: dict[str, Any], values: Values | None = None, failing: float = 0.0
) -> SearchRun:
    """A search that froze nothing, all but its end, with made-up metrics or random ones."""
    search = plan(root / "made-up", {**CONFIG, **config})
    for part in search.parts:
        draw_part(search, part.name)
        known = iter((values or {}).get(part.name, []))

        def metric(
            configuration: dict[str, Any], budget: float, noise: float, known: Any = known
        ) -> float | None:
            return next(known, None if noise < failing else round(20 * noise % 3) / 2)

        train_part(search, part.name, metric)
        collect_part(search, part.name)
        if part.stage is not None:
            write_json(search.folder.frozen(part.stage), {"candidates": [{"assignment": {}}]})
    return search


def check(search: SearchRun) -> dict[str, Any] | None:
    """That all agree; what `best.json` says."""
    status = Reader().read(search.folder.root)
    contenders = bracket(search, part_facts(search))
    winners = [contender for contender in contenders if contender.best]
    try:
        said = finish(search)
    except HarmonicaError:
        assert status.best is None or status.best.first.of_stage
        assert not winners
        return None
    best = read_json(search.folder.best)
    assert status.best is not None
    first = status.best.first
    assert status.best.value == best["value"]
    assert best["record"] == str(search.folder.record(first.part, first.trial))
    assert (status.ranking.competed, status.ranking.better is None) == (
        best["competed"],
        best["better"] is None,
    )
    assert [contender.best for contender in contenders] == sorted(
        (contender.best for contender in contenders), reverse=True
    )
    assert bool(winners) or all(training.of_stage for training in status.best.trainings)
    assert {json_text(c.configuration) for c in winners} <= {json_text(best["configuration"])}
    with contextlib.redirect_stdout(io.StringIO()) as output:
        show_searches([search.folder.root])
    summary = " ".join(output.getvalue().split())
    assert f"Best error: {best['value']:.4g}, other 1 ({status.ranking.chosen}, seed" in summary
    assert status.ranking.chosen in said
    if best["better"]:
        assert best["better"]["note"] in summary
        assert best["better"]["note"] in said
    return best


def json_text(configuration: dict[str, Any]) -> str:
    return json.dumps(configuration, sort_keys=True)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(FINALS),
    st.sampled_from(RETRAINS),
    st.sampled_from(["minimize", "maximize"]),
    st.sampled_from([0.0, 0.3, 0.6, 0.9]),
    st.integers(0, 10**6),
)
def test_all_agree_about_random_searches(
    final: dict[str, Any],
    retrain: dict[str, Any] | None,
    direction: str,
    failing: float,
    seed: int,
) -> None:
    config = {
        "seed": seed,
        "objective": {**CONFIG["objective"], "direction": direction},
        "final": {**final, "retrain": retrain},
    }
    with tempfile.TemporaryDirectory() as folder:
        try:
            search = searched(Path(folder), config, failing=failing)
        except HarmonicaError as error:
            if "at least one must succeed" not in str(error):
                raise
            reject()  # a stage without one success stops the search
        check(search)


def test_a_last_rung_that_fails_entirely(tmp_path: Path) -> None:
    search = searched(
        tmp_path,
        {"final": HALVING, "stages": []},
        {
            "final/rung-0": [4.0, 1.0, 3.0, 2.5],
            "final/rung-1": [5.0, 4.0],
            "final/rung-2": [None],
        },
    )
    best = check(search)
    assert best is not None
    distinct = len({t.configuration for t in trained(search, search.parts[1])})
    assert (best["budget"], best["competed"]) == (2, distinct)
    assert best["better"]["note"] == (
        "A training with another budget had a better error: 1 (final/rung-0, trial 1, budget 1)."
    )


@pytest.mark.parametrize(("direction", "value"), [("minimize", 2.0), ("maximize", 9.0)])
def test_a_last_round_that_fails_partly(tmp_path: Path, direction: str, value: float) -> None:
    search = searched(
        tmp_path,
        {
            "space": {f"x{i}": {"type": "bool"} for i in range(20)},
            "stages": [],
            "objective": {**CONFIG["objective"], "direction": direction},
            "final": {"optimiser": "random", "configurations": 4},
        },
        {"final/round-0": [None, 9.0, 2.0, None]},
    )
    best = check(search)
    assert best is not None
    assert (best["value"], best["competed"]) == (value, 2)


def test_equal_configurations_count_by_their_mean(tmp_path: Path) -> None:
    search = searched(
        tmp_path,
        {
            "space": {"b": {"type": "bool"}},
            "stages": [],
            "final": {"optimiser": "random", "configurations": 12},
        },
    )
    best = check(search)
    assert best is not None
    assert best["competed"] == 2
    same = [
        t.value
        for t in trained(search, search.parts[0])
        if t.configuration == as_text(best["configuration"], {})
    ]
    assert best["values"] == same
    assert best["value"] == pytest.approx(sum(v for v in same if v is not None) / len(same))


def test_a_sample_of_a_stage_can_be_the_best(tmp_path: Path) -> None:
    search = searched(
        tmp_path,
        {
            "space": {f"x{i}": {"type": "bool"} for i in range(20)},
            "stages": [STAGE],
            "final": {"optimiser": "random", "configurations": 3},
        },
        {"stage-1": [7.0, 1.0, *[8.0] * 8], "final/round-0": [4.0, 3.0, 2.0]},
    )
    best = check(search)
    assert best is not None
    assert (best["value"], best["competed"], best["better"]) == (1.0, 13, None)
    page = search.folder.root / "report.html"
    write_report(search, page)
    assert "best of 13 at budget 1, seed" in page.read_text()


def test_the_report_says_that_a_training_elsewhere_was_better(tmp_path: Path) -> None:
    search = searched(
        tmp_path,
        {"final": HALVING},
        {
            "stage-1": [8.0, 8.0, 8.0, 0.25, *[8.0] * 6],
            "stage-2": [8.0] * 10,
            "final/rung-0": [4.0, 3.0, 2.0, 1.0],
            "final/rung-1": [3.0, 2.0],
            "final/rung-2": [0.5],
        },
    )
    check(search)
    found = verdict(gather(search))
    assert found.headline.startswith(
        "The best configuration has error 0.5 (best of 1 at budget 4)."
    )
    assert found.findings[-1] == (
        "A training with another budget had a better error: 0.25 (stage-1, trial 3, budget 1)."
    )


def test_what_an_earlier_version_wrote_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    search = searched(tmp_path, {"final": HALVING, "stages": []})
    finish(search)
    best = read_json(search.folder.best)
    old = {name: best[name] for name in best if name not in ("competed", "values", "better")}
    write_json(search.folder.best, old)
    show_searches([search.folder.root])
    assert "(budget 4, seed" in capsys.readouterr().out
    assert "(budget 4)." in verdict(gather(search)).headline
