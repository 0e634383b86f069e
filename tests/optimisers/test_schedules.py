"""The schedules of the final optimisers."""

import resource
import subprocess
import sys
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from harmonica_steps.config import Final
from harmonica_steps.config.optimisers import read_final
from harmonica_steps.config.rounds import Round
from harmonica_steps.optimisers.guided_rounds import GuidedRounds
from harmonica_steps.optimisers.hyperband import Hyperband
from harmonica_steps.optimisers.optuna_rounds import OptunaRounds
from harmonica_steps.optimisers.random_search import RandomSearch
from harmonica_steps.optimisers.successive_halving import SuccessiveHalving

PAPER = [
    [(81, 1), (27, 3), (9, 9), (3, 27), (1, 81)],
    [(34, 3), (11, 9), (3, 27), (1, 81)],
    [(15, 9), (5, 27), (1, 81)],
    [(8, 27), (2, 81)],
    [(5, 81)],
]
"""Li et al. 2018, table 1: R = 81, eta = 3."""


def sizes(final: Final, under: str = "") -> list[tuple[int, float]]:
    return [(r.configurations, r.budget) for r in final.schedule if r.name.startswith(under)]


def hyperband(**settings: Any) -> Hyperband:
    return Hyperband(optimiser="hyperband", **settings)


@pytest.mark.parametrize(
    ("bracket", "rungs"),
    [
        ({}, [(27, 1), (9, 3), (3, 9)]),
        ({"configurations": 10, "eta": 2, "max_budget": 4}, [(10, 1), (5, 2), (2, 4)]),
        ({"configurations": 5, "min_budget": 7, "max_budget": 7}, [(5, 7)]),
        (
            {"configurations": 9, "min_budget": 0.1, "max_budget": 0.9},
            [(9, 0.1), (3, pytest.approx(0.3)), (1, pytest.approx(0.9))],
        ),
    ],
)
def test_the_rungs_of_successive_halving(
    bracket: dict[str, float], rungs: list[tuple[int, float]]
) -> None:
    final = SuccessiveHalving(**bracket)
    assert sizes(final) == rungs
    assert [r.name for r in final.schedule] == [f"rung-{i}" for i in range(len(rungs))]
    assert [r.origin for r in final.schedule] == ["draw", *["promote"] * (len(rungs) - 1)]


def test_the_brackets_of_hyperband_are_those_of_the_paper() -> None:
    final = hyperband(max_budget=81)
    assert [sizes(final, f"bracket-{number}/") for number in range(5)] == PAPER
    assert len(final.schedule) == sum(map(len, PAPER))


def test_repeated_brackets_are_brackets_of_their_own() -> None:
    final = hyperband(max_budget=9, repetitions=2)
    assert [r.name for r in final.schedule if r.origin == "draw"] == [
        f"bracket-{number}/rung-0" for number in range(6)
    ]
    assert sizes(final, "bracket-1/") == sizes(final, "bracket-4/")


@given(st.integers(2, 5), st.integers(0, 5), st.integers(1, 3), st.integers(1, 7))
def test_every_bracket_ends_at_the_largest_budget_and_costs_about_the_same(
    eta: int, steps: int, repetitions: int, smallest: int
) -> None:
    largest = smallest * eta**steps
    final = hyperband(eta=eta, min_budget=smallest, max_budget=largest, repetitions=repetitions)
    names = [r.name.partition("/")[0] for r in final.schedule]
    brackets = [sizes(final, f"{name}/") for name in dict.fromkeys(names)]
    assert len(brackets) == repetitions * (steps + 1)
    for rungs in brackets:
        assert rungs[-1][1] == largest
        for (count, budget), (next_count, next_budget) in pairwise(rungs):
            assert next_budget == eta * budget
            assert next_count == count // eta >= 1
        # One configuration more, at the most, where its number is rounded up.
        first = len(rungs) * rungs[0][1]
        fair = (steps + 1) * largest
        assert fair <= rungs[0][0] * first < fair + first


@given(st.integers(2, 4), st.integers(0, 4), st.integers(0, 100))
def test_each_rung_takes_one_in_eta(eta: int, steps: int, more: int) -> None:
    count = eta**steps + more
    rungs = sizes(SuccessiveHalving(configurations=count, eta=eta, max_budget=eta**steps))
    assert rungs == [(count // eta**r, eta**r) for r in range(steps + 1)]


def test_random_search_is_one_round() -> None:
    final = RandomSearch(optimiser="random", configurations=50, budget=3)
    assert final.schedule == [Round("round-0", 50, 3, "draw")]
    assert final.schedule[0].guided == 0


def test_optuna_is_asked_in_rounds() -> None:
    final = OptunaRounds(optimiser="optuna", configurations=5, rounds=2, budget=3)
    assert final.schedule == [Round("round-0", 5, 3, "ask"), Round("round-1", 5, 3, "ask")]


def test_guided_rounds_are_guided_altogether() -> None:
    final = GuidedRounds(optimiser="guided", configurations=5, rounds=2, budget=3)
    expected = [Round(f"round-{number}", 5, 3, "guide", guided=1.0) for number in range(2)]
    assert [r._replace(entering=0) for r in final.schedule] == expected


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_only_the_first_rung_of_a_bracket_is_guided(share: float) -> None:
    for final in (SuccessiveHalving(guided=share), hyperband(max_budget=9, guided=share)):
        for round_ in final.schedule:
            assert round_.guided == (share if round_.origin == "draw" else 0.0)


def test_a_bracket_is_guided_unless_said_otherwise() -> None:
    assert SuccessiveHalving().guided == hyperband().guided == 1.0
    with pytest.raises(ValidationError, match="less than or equal to 1"):
        SuccessiveHalving(guided=1.5)


@pytest.mark.parametrize("optimiser", ["random", "hyperband"])
def test_continuous_is_accepted_and_makes_no_difference(optimiser: str) -> None:
    """Configurations of earlier versions name it."""
    old = read_final({"optimiser": optimiser, "continuous": True})
    assert old == read_final({"optimiser": optimiser})


def test_an_infinite_last_budget_is_refused_at_once() -> None:
    def two_seconds_of_cpu() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (2, 2))

    code = (
        "from harmonica_steps.optimisers.successive_halving import SuccessiveHalving\n"
        "try: SuccessiveHalving(max_budget=float('inf'))\n"
        "except ValueError: print('refused')\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=two_seconds_of_cpu,
    )
    assert run.stdout == "refused\n"
