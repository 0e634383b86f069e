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
from harmonica_steps.search.draw import ASKED, UNIFORM, draw
from harmonica_steps.search.restriction import CANDIDATE, Candidate, Restriction
from harmonica_steps.search.samples import Samples, observed
from harmonica_steps.space import Interval, Parameter, Space
from harmonica_steps.study.ask import AskedTrial, KnownTrial, SamplerSpace, ask
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
NARROWED = Restriction(
    (
        Candidate({"switch": True, "size": Interval(64, 32), "width": Interval(16, 99)}),
        Candidate({"switch": False, "size": Interval(16, 64), "width": Interval(120, 500)}),
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
    choices: SamplerSpace, sampler: tuple[str, dict[str, Any]], count: int = 3
) -> Iterator[list[AskedTrial]]:
    """Several rounds, each told those before, from nothing but what they have left."""
    known_trials: list[KnownTrial] = []
    notes: dict[str, Any] = {}
    for number in range(count):
        asked, notes = ask(make_sampler(*sampler, seed=number), choices, known_trials, 6, notes)
        known_trials += [
            KnownTrial(trial.parameters, score(trial.parameters), trial.notes) for trial in asked
        ]
        yield asked


@pytest.mark.parametrize("sampler", SAMPLERS, ids=lambda sampler: sampler[0])
@pytest.mark.parametrize("restriction", ["KEPT", "NARROWED"])
def test_the_same_is_asked_again(sampler: tuple[str, dict[str, Any]], restriction: str) -> None:
    choices = SamplerSpace(SPACE, {"KEPT": KEPT, "NARROWED": NARROWED}[restriction])
    first, second = (list(rounds(choices, sampler)) for _ in range(2))
    assert first == second
    chosen = [tuple(trial.parameters.items()) for asked in first for trial in asked]
    assert len(set(chosen)) > len(chosen) / 2


@pytest.mark.parametrize("sampler", SAMPLERS[:2], ids=["tpe", "univariate"])
def test_a_sampler_learns_from_what_it_is_told(sampler: tuple[str, dict[str, Any]]) -> None:
    *_, last = rounds(SamplerSpace(SPACE, Restriction()), sampler, 12)
    assert np.median([trial.parameters["width"] for trial in last]) < 50


def test_a_gaussian_process_learns_from_what_it_is_told() -> None:
    pytest.importorskip("torch")
    choices = SamplerSpace(SPACE, Restriction())
    first, second = (list(rounds(choices, ("gp", {"n_startup_trials": 6}), 3)) for _ in range(2))
    assert first == second
    assert np.median([trial.parameters["width"] for trial in first[-1]]) < 50


def test_evolution_strategies_remember_their_generation() -> None:
    """The state is with the trials, not in the sampler, which is a new one in every round."""
    asked = list(rounds(SamplerSpace(SPACE, Restriction()), SAMPLERS[2], 4))
    generations = [{trial.notes.get("cma:generation") for trial in batch} for batch in asked]
    assert generations[1:] == [{0}, {1}, {2}]


def test_a_sequence_goes_on_where_it_was() -> None:
    choices = SamplerSpace(SPACE, Restriction())
    asked = [trial.parameters["rate"] for batch in rounds(choices, SAMPLERS[5]) for trial in batch]
    assert len(set(asked)) == len(asked)


@pytest.mark.parametrize("restriction", [Restriction(), KEPT, NARROWED, ALL_FROZEN])
@settings(deadline=None, max_examples=10)
@given(seed=st.integers(0, 2**32 - 1))
def test_what_is_asked_is_a_sample_of_the_restricted_space(
    restriction: Restriction, seed: int
) -> None:
    choices = SamplerSpace(SPACE, restriction)
    drawn = list(draw(SPACE, restriction, seed, 1, 4))
    known_trials = choices.agreeing(observed(drawn, np.arange(4.0)))
    assert len(known_trials) == 4
    asked, _ = ask(make_sampler("tpe", {"n_startup_trials": 2}, seed), choices, known_trials, 4, {})
    for trial in asked:
        configuration = choices.configuration(trial.parameters)
        assert list(configuration) == list(SPACE.names)
        for name, value in SPACE.decode(SPACE.point(configuration)).items():
            near = pytest.approx(value, rel=1e-9) if type(value) is float else value
            assert configuration[name] == near
        candidate = choices.candidate(trial.parameters)
        for name, assigned in restriction.candidates[candidate].assignment.items():
            value = configuration[name]
            if isinstance(assigned, Interval):  # of whichever candidate
                assert name == "size" or 16 <= value <= 500
            else:
                assert type(value) is type(assigned)
                assert value == assigned


@given(st.integers(0, 2**32 - 1), st.sampled_from(["KEPT", "NARROWED"]))
def test_a_told_sample_is_the_same_sample(seed: int, which: str) -> None:
    restriction = {"KEPT": KEPT, "NARROWED": NARROWED}[which]
    choices = SamplerSpace(SPACE, restriction)
    for sample in draw(SPACE, restriction, seed, 1, 3):
        parameters = choices.parameters(sample.candidate, np.array(sample.point))
        assert parameters.keys() == choices.distributions.keys()
        assert choices.configuration(parameters) == sample.configuration
        assert choices.candidate(parameters) == sample.candidate


def test_a_number_may_be_any_of_its_range_whatever_its_digits() -> None:
    where = Space({"x": PARAMETER.validate_python({"type": "float", "low": 0, "high": 0.98762})})
    found = SamplerSpace(where, Restriction()).distributions["x"]
    assert found == optuna.distributions.FloatDistribution(0.0, 0.98762)


def test_an_interval_is_from_the_lowest_to_the_highest_of_those_of_the_candidates() -> None:
    where = Space({"x": PARAMETER.validate_python({"type": "float", "low": 0, "high": 1})})
    ends = [(0.12345, 0.13345), (0.8, 0.81)]
    kept = Restriction(tuple(Candidate({"x": Interval(*end)}) for end in ends))
    choices = SamplerSpace(where, kept)
    assert choices.distributions["x"] == optuna.distributions.FloatDistribution(0.12345, 0.81)
    lowest = Samples(
        np.zeros(1, dtype=int), where.point({"x": 0.12345})[None], np.ones(1), np.array([ASKED])
    )
    known_trials = choices.agreeing(lowest)
    assert known_trials[0].parameters["x"] == 0.12345
    ask(make_sampler("RandomSampler", {}, 0), choices, known_trials, 1, {})


def test_a_value_that_was_withheld_and_is_outside_is_the_nearest_inside() -> None:
    entries = {
        "on": {"type": "bool"},
        "width": {"type": "int", "low": 1, "high": 100, "levels": 4, "when": {"on": True}},
        "rate": {"type": "float", "low": 0.0, "high": 1.0, "when": {"on": True}},
        "size": {"type": "ordinal", "values": [1, 2, 3, 4, 5], "when": {"on": True}},
    }
    where = Space({name: PARAMETER.validate_python(entry) for name, entry in entries.items()})
    inside = {"width": Interval(20, 40), "rate": Interval(0.2, 0.4), "size": Interval(2, 4)}
    choices = SamplerSpace(where, Restriction((Candidate(inside),)))
    points = np.array(
        [
            where.point({"on": False, "width": width, "rate": rate, "size": size})
            for width, rate, size in ((90, 0.9, 5), (3, 0.1, 1), (30, 0.3, 3))
        ]
    )
    origin = np.array([UNIFORM] * 3, dtype=object)
    known_trials = choices.agreeing(Samples(np.zeros(3, dtype=int), points, np.arange(3.0), origin))
    names = ("width", "rate", "size")
    assert [tuple(trial.parameters[name] for name in names) for trial in known_trials] == [
        (40, 0.4, 3),
        (20, 0.2, 1),
        (30, pytest.approx(0.3), 2),
    ]
    ask(make_sampler("RandomSampler", {}, 0), choices, known_trials, 1, {})


def test_a_forbidden_combination_is_never_asked_for() -> None:
    where = Space(SPACE.parameters, [{"switch": True}, {"rate": {"high": 0.01}}])
    choices = SamplerSpace(where, Restriction())
    for sampler in (SAMPLERS[0], *SAMPLERS[2:4]):
        for batch in rounds(choices, sampler, 2):
            assert len(batch) == 6
            for trial in batch:
                assert not where.forbids(choices.configuration(trial.parameters))


def test_a_sampler_that_proposes_nothing_but_what_is_forbidden_is_named() -> None:
    where = Space(SPACE.parameters, [{"switch": True}, {"rate": {"low": 0.0010001}}])
    with pytest.raises(HarmonicaError, match="RandomSampler proposes hardly anything"):
        ask(make_sampler("RandomSampler", {}, 0), SamplerSpace(where, Restriction()), [], 1, {})


def test_the_kept_candidate_is_one_more_category() -> None:
    found = SamplerSpace(SPACE, KEPT).distributions
    assert list(found) == [CANDIDATE, "size", "width", "rate", "momentum"]
    assert found[CANDIDATE] == optuna.distributions.CategoricalDistribution((0, 1, 2))
    assert found["size"] == optuna.distributions.IntDistribution(0, 2)


def test_failures_count_as_the_worst(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr(
        optuna.samplers.RandomSampler, "before_trial", lambda _, study, __: seen.append(study)
    )
    choices = SamplerSpace(SPACE, Restriction())
    parameters = choices.parameters(0, np.zeros(len(SPACE)))
    for scores, expected in ([1.0, None, 3.0], [1.0, 3.0, 3.0]), ([None, None], [None, None]):
        known_trials = [KnownTrial(parameters, value) for value in scores]
        ask(make_sampler("RandomSampler", {}, 0), choices, known_trials, 1, {})
        assert [trial.value for trial in seen[-1].trials[: len(known_trials)]] == expected


def test_nothing_is_said_or_warned(
    capfd: pytest.CaptureFixture[str], recwarn: pytest.WarningsRecorder
) -> None:
    list(rounds(SamplerSpace(SPACE, KEPT), SAMPLERS[0]))
    assert capfd.readouterr() == ("", "")
    assert not recwarn.list
