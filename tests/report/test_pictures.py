"""What the pictures of all trainings are made of."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_support import CONFIG, HOSTILE, hostile_metric, plan, run_part, run_search

from harmonica_steps.config import parse
from harmonica_steps.report.answer import important_parameters
from harmonica_steps.report.axes import axis
from harmonica_steps.report.bracket import Contender, Result
from harmonica_steps.report.budgets import agreements
from harmonica_steps.report.comparable import Group, groups, spread
from harmonica_steps.report.explored import MOST_CELLS, columns
from harmonica_steps.report.facts import Facts, gather
from harmonica_steps.report.history import history
from harmonica_steps.report.timeline import timeline
from harmonica_steps.report.trainings import PartFacts
from harmonica_steps.results.tables import POINT
from harmonica_steps.search.plan import Part
from harmonica_steps.space import Space


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    return gather(
        run_search(tmp_path_factory.mktemp("pictures") / "made-up", CONFIG, hostile_metric)
    )


@given(st.integers(1, 3000), st.integers(1, 30), st.integers(31, 800))
def test_what_is_shown_are_the_best_and_others_up_to_the_worst(
    count: int, best: int, most: int
) -> None:
    rows = np.random.default_rng(count).permutation(count)
    shown = spread(rows, best, most)
    assert len(shown) <= most
    assert len(set(shown)) == len(shown)
    assert shown[:best].tolist() == rows[:best].tolist()
    assert shown[-1] == rows[-1]


def test_only_trainings_with_the_same_budget_are_compared(facts: Facts) -> None:
    found = groups(facts.parts)
    titles = ["Stage 1 to rung 0, budget 1", "Rung 1, budget 3", "Rung 2, budget 9"]
    assert [group.title for group in found] == titles
    for group in found:
        assert len(group.trainings) == len(group.runs) == len(group.parts)
        assert np.isfinite(group.values).all()
    assert sum(len(g.values) for g in found) == sum(len(part.values) for part in facts.parts)


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_the_history_ends_at_the_best(facts: Facts, direction: str) -> None:
    group = groups(facts.parts)[0]
    found = history(group, direction)
    best = min if direction == "minimize" else max
    assert found.best[-1] == best(group.values)
    assert [best(found.values[: n + 1]) for n in range(20)] == found.best[:20].tolist()


def test_the_axis_of_a_number_says_its_values(facts: Facts) -> None:
    group, space = groups(facts.parts)[0], facts.search.space
    found = axis(space, HOSTILE[2], group.trainings)
    assert found.log
    assert found.ends[0] == "0.001"
    values = np.array(found.values, dtype=float)
    assert np.allclose(found.positions, np.log(values / 0.001) / np.log(1000), atol=1e-3)
    for value, level in zip(values, found.levels, strict=True):
        low, high = map(float, found.cells[level].split(" to "))
        assert low * 0.99 <= value <= high * 1.01


def test_the_axis_of_settings_says_which(facts: Facts) -> None:
    group, space = groups(facts.parts)[0], facts.search.space
    found = axis(space, HOSTILE[3], group.trainings)
    assert found.settings == ["x", "1", "True"]
    written = [row["configuration"][HOSTILE[3]] for row in facts.search.samples("stage-1")]
    in_stage_1 = [found.settings[level] for level in found.levels][: len(written)]
    failed = facts.parts[0].table["value"].isna()
    expected = [str(value) for value, gone in zip(written, failed, strict=True) if not gone]
    assert in_stage_1[: len(expected)] == expected


def test_a_training_without_the_parameter_has_no_place_on_its_axis(tmp_path: Path) -> None:
    config: dict[str, Any] = {
        **CONFIG,
        "space": {
            "on": {"type": "bool"},
            "size": {"type": "float", "low": 0, "high": 1, "when": {"on": True}},
            **{f"x{i}": {"type": "bool"} for i in range(4)},
        },
    }
    search = plan(tmp_path / "made-up", config)
    run_part(search, "stage-1", lambda configuration, budget, noise: noise)
    found = groups(gather(search).parts)[0]
    shown = axis(search.space, "size", found.trainings)
    off = ~found.trainings["on"].to_numpy(dtype=bool)
    assert off.any()
    assert np.isnan(shown.positions[off]).all()
    assert not np.isnan(shown.positions[~off]).any()
    assert [level is None for level in shown.levels] == off.tolist()


def test_what_matters_comes_first(facts: Facts) -> None:
    names = important_parameters(facts)
    assert set(names[:2]) == {HOSTILE[0], HOSTILE[1]}
    assert sorted(names) == sorted(facts.search.space.names)


def contender(number: int, values: dict[float, float | None]) -> Contender:
    results = [
        Result("ok", value, Part(f"final/rung-{i}", 9, budget, {}, failures=None))  # type: ignore[arg-type]
        for i, (budget, value) in enumerate(values.items())
    ]
    return Contender(number, {}, results)


def test_budgets_that_order_alike_agree() -> None:
    found = agreements([contender(i, {1: i, 3: i**3, 9: -i}) for i in range(8)])
    assert [(a.smaller, a.larger, round(a.correlation, 6)) for a in found] == [
        (1, 3, 1.0),
        (1, 9, -1.0),
        (3, 9, -1.0),
    ]
    assert {a.configurations for a in found} == {8}


def test_few_configurations_and_failures_say_nothing_of_budgets() -> None:
    assert agreements([contender(i, {1: i, 3: i}) for i in range(4)]) == []
    assert agreements([contender(i, {1: i, 3: None}) for i in range(9)]) == []
    assert agreements([]) == []


def part_that_ran(times: list[tuple[str, float, float, str]]) -> PartFacts:
    columns = zip(*times, strict=True)
    host, started, seconds, status = (list(column) for column in columns)
    runs = pd.DataFrame({"host": host, "started": started, "seconds": seconds})
    table = pd.DataFrame({"status": status, "value": 1.0})
    part = Part("stage-1", len(times), 1, {}, failures=None)  # type: ignore[arg-type]
    return PartFacts(part, 1, 1.0, table, runs)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b"]),
            st.floats(0, 1e4),
            st.floats(0.1, 1e3),
            st.sampled_from(["ok", "failed"]),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_trainings_at_the_same_time_on_a_host_lie_in_different_lanes(
    times: list[tuple[str, float, float, str]],
) -> None:
    found = timeline([part_that_ran(times)])
    assert found is not None
    assert found.trainings == len(times)
    for _, lane in found.bars.groupby(["host", "lane"]):
        ordered = lane.sort_values("start")
        assert (ordered["start"].to_numpy()[1:] >= ordered["end"].to_numpy()[:-1] - 1e-6).all()


def test_lanes_are_no_more_than_ran_at_once() -> None:
    found = timeline([part_that_ran([("a", float(i), 1.0, "ok") for i in range(9)])])
    assert found is not None
    assert found.bars["lane"].max() == 0


def test_a_search_without_trainings_has_no_pictures(tmp_path: Path) -> None:
    search = plan(tmp_path / "made-up", CONFIG)
    facts = gather(search)
    assert groups(facts.parts) == []
    assert timeline(facts.parts) is None


@pytest.mark.parametrize("parameters", [10, 300])
def test_what_the_page_holds_does_not_grow_with_the_trainings(parameters: int) -> None:
    names = [f"x{i}" for i in range(parameters)]
    space = Space(parse({**CONFIG, "space": {n: {"type": "bool"} for n in names}}).space)
    rng, count = np.random.default_rng(0), 5000
    settings = pd.DataFrame(rng.random((count, parameters)) < 0.5, columns=names)
    points = settings.astype(float).add_prefix(POINT)
    trainings = pd.concat([settings, points, pd.DataFrame({"value": rng.random(count)})], axis=1)
    runs = pd.DataFrame({"seconds": rng.random(count), "started": 0.0})
    group = Group("Stage 1", trainings, runs, np.full(count, "Stage 1"))
    found = columns(space, [group], names, "loss", "minimize")["groups"][0]
    rows = len(found["value"])
    assert 150 <= rows <= 800
    assert rows * parameters <= MOST_CELLS
    assert found["value"][0] == pytest.approx(trainings["value"].min(), rel=1e-3)
