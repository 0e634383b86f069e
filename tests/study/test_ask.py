"""Rounds that samplers of Optuna's propose."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.search.draw import draw
from harmonica_steps.search.restriction import CANDIDATE, Candidate, Restriction
from harmonica_steps.space import Parameter, Space
from harmonica_steps.study.ask import Asked, Question, Told, ask
from harmonica_steps.study.sampler import make_sampler

PARAMETER: TypeAdapter[Parameter] = TypeAdapter(Parameter)
SPACE = Space(
    {
        name: PARAMETER.validate_python(entry)
        for name, entry in {
            "switch": {"type": "bool"},
            "kind": {"type": "categorical", "values": ["x", 1, True]},
            "size": {"type": "ordinal", "values": [16, 64, 32]},
            "width": {"type": "int", "low": 8, "high": 512, "log": True, "levels": 4},
            "rate": {"type": "float", "low": 0.001, "high": 1.0, "log": True, "levels": 4},
            "momentum": {"type": "float", "low": 0.0, "high": 0.9, "when": {"switch": True}},
        }.items()
    }
)
KEPT = Restriction(
    (
        Candidate({"switch": True, "kind": 1}),
        Candidate({"switch": False, "kind": True}),
        Candidate({"switch": True, "kind": "x"}),
    )
)
ALL_FROZEN = Restriction((Candidate({name: grid[0] for name, grid in SPACE.grids.items()}),))
SAMPLERS: list[tuple[str, dict[str, Any]]] = [
    ("tpe", {"n_startup_trials": 4}),
    ("TPESampler", {"multivariate": False, "n_startup_trials": 4}),
    ("cmaes", {"popsize": 6}),
    ("RandomSampler", {}),
    ("NSGAIISampler", {"population_size": 6}),
    ("QMCSampler", {}),
]


def score(parameters: dict[str, Any]) -> float:
    return float(parameters["width"]) - float(parameters["rate"])


def rounds(
    question: Question, sampler: tuple[str, dict[str, Any]], count: int = 3
) -> Iterator[list[Asked]]:
    """Several rounds, each told those before, from nothing but what they have left."""
    told: list[Told] = []
    notes: dict[str, Any] = {}
    for number in range(count):
        asked, notes = ask(make_sampler(*sampler, seed=number), question, told, 6, notes)
        told += [Told(trial.parameters, score(trial.parameters), trial.notes) for trial in asked]
        yield asked


@pytest.mark.parametrize("sampler", SAMPLERS, ids=lambda sampler: sampler[0])
@pytest.mark.parametrize("continuous", [False, True])
def test_the_same_is_asked_again(sampler: tuple[str, dict[str, Any]], continuous: bool) -> None:
    question = Question(SPACE, KEPT, continuous)
    first, second = (list(rounds(question, sampler)) for _ in range(2))
    assert first == second
    chosen = [tuple(trial.parameters.items()) for asked in first for trial in asked]
    assert len(set(chosen)) > len(chosen) / 2


@pytest.mark.parametrize("sampler", SAMPLERS[:2], ids=["tpe", "univariate"])
def test_a_sampler_learns_from_what_it_is_told(sampler: tuple[str, dict[str, Any]]) -> None:
    *_, last = rounds(Question(SPACE, Restriction(), continuous=True), sampler, 12)
    assert np.median([trial.parameters["width"] for trial in last]) < 50


def test_a_gaussian_process_learns_from_what_it_is_told() -> None:
    pytest.importorskip("torch")
    question = Question(SPACE, Restriction(), continuous=True)
    first, second = (list(rounds(question, ("gp", {"n_startup_trials": 6}), 3)) for _ in range(2))
    assert first == second
    assert np.median([trial.parameters["width"] for trial in first[-1]]) < 50


def test_evolution_strategies_remember_their_generation() -> None:
    """The state is with the trials, not in the sampler, which is a new one in every round."""
    asked = list(rounds(Question(SPACE, Restriction(), continuous=True), SAMPLERS[2], 4))
    generations = [{trial.notes.get("cma:generation") for trial in batch} for batch in asked]
    assert generations[1:] == [{0}, {1}, {2}]


def test_a_sequence_goes_on_where_it_was() -> None:
    question = Question(SPACE, Restriction(), continuous=True)
    asked = [trial.parameters["rate"] for batch in rounds(question, SAMPLERS[5]) for trial in batch]
    assert len(set(asked)) == len(asked)


@pytest.mark.parametrize("continuous", [False, True])
@pytest.mark.parametrize("restriction", [Restriction(), KEPT, ALL_FROZEN])
@settings(deadline=None, max_examples=10)
@given(seed=st.integers(0, 2**32 - 1))
def test_what_is_asked_is_a_sample_of_the_restricted_space(
    restriction: Restriction, continuous: bool, seed: int
) -> None:
    question = Question(SPACE, restriction, continuous)
    drawn = list(draw(SPACE, restriction, seed, 1, 4))
    told = [
        Told(question.parameters(s.candidate, np.array(s.levels)), float(s.trial)) for s in drawn
    ]
    asked, _ = ask(make_sampler("tpe", {"n_startup_trials": 2}, seed), question, told, 4, {})
    for before, trial in zip(drawn, asked, strict=True):
        sample = question.sample(before, trial.parameters)
        assert (sample.trial, sample.seed) == (before.trial, before.seed)
        frozen = restriction.candidates[sample.candidate].assignment
        assert frozen.items() <= sample.configuration.items()
        assert list(sample.configuration) == list(SPACE.names)
        for name, level in zip(SPACE.names, sample.levels, strict=True):
            value = sample.configuration[name]
            if level == -1:
                assert continuous
                assert SPACE.grids[name][0] <= value <= SPACE.grids[name][-1]
            else:
                assert value is SPACE.grids[name][level] or value == SPACE.grids[name][level]


@given(st.integers(0, 2**32 - 1))
def test_a_told_sample_is_the_same_sample(seed: int) -> None:
    question = Question(SPACE, KEPT)
    for sample in draw(SPACE, KEPT, seed, 1, 3):
        parameters = question.parameters(sample.candidate, np.array(sample.levels))
        assert parameters.keys() == question.distributions.keys()
        assert question.sample(sample, parameters) == sample


def test_the_kept_candidate_is_one_more_category() -> None:
    found = Question(SPACE, KEPT).distributions
    assert list(found) == [CANDIDATE, "size", "width", "rate", "momentum"]
    assert found[CANDIDATE] == optuna.distributions.CategoricalDistribution((0, 1, 2))
    assert found["size"] == optuna.distributions.IntDistribution(0, 2)


def test_failures_count_as_the_worst(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr(
        optuna.samplers.RandomSampler, "before_trial", lambda _, study, __: seen.append(study)
    )
    question = Question(SPACE, Restriction())
    parameters = question.parameters(0, np.zeros(len(SPACE), dtype=int))
    for scores, expected in ([1.0, None, 3.0], [1.0, 3.0, 3.0]), ([None, None], [None, None]):
        told = [Told(parameters, value) for value in scores]
        ask(make_sampler("RandomSampler", {}, 0), question, told, 1, {})
        assert [trial.value for trial in seen[-1].trials[: len(told)]] == expected


def test_nothing_is_said_or_warned(
    capfd: pytest.CaptureFixture[str], recwarn: pytest.WarningsRecorder
) -> None:
    list(rounds(Question(SPACE, KEPT), SAMPLERS[0]))
    assert capfd.readouterr() == ("", "")
    assert not recwarn.list


@pytest.mark.parametrize(
    ("sampler", "given", "message"),
    [
        ("tpee", {}, "final.sampler: Optuna has no sampler 'tpee', did you mean 'tpe'"),
        ("BaseSampler", {}, "final.sampler: Optuna has no sampler 'BaseSampler'"),
        ("tpe", {"gama": 1}, "final.settings.gama: TPESampler has no such setting, did you"),
        ("tpe", {"multivariate": False, "group": True}, "final.settings: TPESampler cannot be bu"),
        ("GridSampler", {}, "final.settings: GridSampler cannot be built: "),
    ],
)
def test_a_wrong_sampler_is_named(sampler: str, given: dict[str, Any], message: str) -> None:
    with pytest.raises(HarmonicaError) as caught:
        make_sampler(sampler, given, 0)
    assert message in str(caught.value)


@pytest.mark.parametrize(("sampler", "package"), [("gp", "torch"), ("cmaes", "cmaes")])
def test_what_a_sampler_needs_is_named(
    sampler: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, package, None)
    with pytest.raises(HarmonicaError, match=f"needs the package {package}.*pip install {package}"):
        make_sampler(sampler, {}, 0)


def test_a_sampler_that_fails_is_named() -> None:
    question = Question(SPACE, Restriction())
    with pytest.raises(HarmonicaError, match="TPESampler proposes nothing"):
        ask(
            make_sampler("tpe", {"n_ei_candidates": "many", "n_startup_trials": 0}, 0),
            question,
            [],
            1,
            {},
        )
