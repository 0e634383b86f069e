"""Which trials of a study may be samples, and what they become."""

from typing import Any

import numpy as np
import pytest
from search_support import samples_of, space

from harmonica_steps.config import Stage, Study
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.search.imported import Imported, StudyTrial, imported
from harmonica_steps.search.restriction import Restriction
from harmonica_steps.space import Space

SPACE = space(
    kind={"type": "categorical", "values": ["x", "y", "z"]},
    rate={"type": "float", "low": 0.0, "high": 1.0, "levels": 4},
    rest={"type": "bool", "when": {"kind": "x"}},
)
DRAWN = samples_of(SPACE, Restriction(), 40)


def stage(**more: Any) -> Stage:
    return Stage(samples=40, sparsity=2, budget=3, **more)


def trials(count: int, seed: int = 0, **more: Any) -> list[StudyTrial]:
    """Drawn as Optuna's random sampler does."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(count):
        kind = str(rng.choice(["x", "y", "z"]))
        parameters: dict[str, Any] = {"kind": kind, "rate": float(rng.random())}
        if kind == "x":
            parameters["rest"] = bool(rng.integers(2))
        known = {"status": "ok", "value": 1.5, "cause": None, "attributes": {}, **more}
        found.append(StudyTrial(study="s", number=number, parameters=parameters, **known))
    return found


def take(tried: list[StudyTrial], settings: Stage | None = None, **study: Any) -> list[Imported]:
    return imported(SPACE, settings or stage(), Study(path="s", **study), DRAWN, tried)


def test_a_sample_has_the_values_tried_and_their_coordinates() -> None:
    tried = trials(30)
    found = take(tried)
    assert [entry.tried.number for entry in found] == list(range(30))
    for index, (entry, trial) in enumerate(zip(found, tried, strict=True)):
        sample = entry.sample
        assert (sample.trial, sample.seed, sample.candidate) == (index, DRAWN[index].seed, 0)
        assert SPACE.active(sample.configuration) == trial.parameters
        rate = trial.parameters["rate"]
        assert isinstance(rate, float)
        assert sample.point[1] == pytest.approx(rate)
        assert sample.point[0] == SPACE.level("kind", trial.parameters["kind"])


def test_the_coordinate_of_an_inactive_parameter_is_drawn() -> None:
    """It is a dummy there; a constant one would be an effect of its condition."""
    entries = [entry for entry in take(trials(40)) if "rest" not in entry.tried.parameters]
    assert [e.sample.point[2] for e in entries] == [DRAWN[e.sample.trial].point[2] for e in entries]
    assert {e.sample.point[2] for e in entries} == {0, 1}


def test_never_more_than_the_stage_wants_and_always_the_first() -> None:
    found = take(trials(100))
    assert [entry.tried.number for entry in found] == list(range(40))


def test_trials_outside_the_space_are_left_out_whatever_their_value() -> None:
    tried = trials(40)
    tried[3].parameters["rate"] = 1.5
    tried[5].parameters["kind"] = "other"
    tried[7].parameters["more"] = 1
    tried[9].parameters.update(kind="x")
    tried[9].parameters.pop("rest", None)
    left = {entry.tried.number for entry in take(tried)}
    assert left == set(range(40)) - {3, 5, 7, 9}


def forbidding(*clauses: dict[str, Any]) -> Space:
    return Space(SPACE.parameters, clauses)


def test_forbidden_trials_are_left_out() -> None:
    tried = trials(40)
    space = forbidding({"kind": "x", "rate": {"low": 0.5}}, {"rest": True})
    bad = {t.number for t in tried if space.forbids({"rest": False, **t.parameters})}
    assert 5 < len(bad) < 20
    found = imported(space, stage(), Study(path="s"), DRAWN, tried)
    assert [entry.tried.number for entry in found] == sorted(set(range(40)) - bad)
    with pytest.raises(HarmonicaError, match=r"trial 3: it is a forbidden combination"):
        imported(
            forbidding({"kind": tried[3].parameters["kind"]}),
            stage(),
            Study(path="s"),
            DRAWN,
            tried[3:4],
        )


@pytest.mark.parametrize(
    "clauses",
    [
        [{"kind": "x"}],
        [{"rate": {"low": 0.8, "high": 0.95}}],
        [{"kind": ["x", "y"], "rate": {"low": 0.3}}],
        [{"rest": True}],
        [{"rest": True, "rate": {"low": 0.3}}, {"kind": "z", "rate": {"high": 0.9}}],
    ],
)
def test_what_clauses_leave_of_uniform_trials_is_uniform(clauses: list[dict[str, Any]]) -> None:
    """The levels are no longer equally frequent, but that is not a sampler's preference."""
    assert len(imported(forbidding(*clauses), stage(), Study(path="s"), DRAWN, trials(1500))) == 40


def test_what_clauses_leave_of_skewed_trials_is_still_refused() -> None:
    tried = trials(400)
    for trial in tried[::2]:
        trial.parameters["rate"] = 0.1
    space = forbidding({"kind": "x", "rate": {"low": 0.3}})
    with pytest.raises(HarmonicaError, match="rate was not drawn uniformly"):
        imported(space, stage(), Study(path="s"), DRAWN, tried)


def test_a_setting_of_the_fidelity_may_be_a_parameter_of_the_study() -> None:
    tried = trials(20)
    for trial in tried:
        trial.parameters["layers"] = 2 if trial.number < 10 else 4
    found = take(tried, stage(fidelity={"layers": 4}))
    assert [entry.tried.number for entry in found] == list(range(10, 20))
    with pytest.raises(HarmonicaError, match="layers: not a parameter of the space"):
        take(tried)


def test_user_attributes_choose() -> None:
    tried = trials(10, attributes={"part": "stage-1"}) + trials(10, attributes={"part": "final"})
    assert len(take(tried, where={"part": "stage-1"})) == 10
    with pytest.raises(HarmonicaError, match="none of the 20 finished trials"):
        take(tried, where={"part": 1})


def test_a_skewed_parameter_is_named_unless_the_user_vouches() -> None:
    tried = trials(60)
    for trial in tried[20:]:
        trial.parameters["rate"] = 0.3
    with pytest.raises(HarmonicaError) as caught:
        take(tried)
    assert "rate was not drawn uniformly" in str(caught.value)
    assert "study.uniform: true" in str(caught.value)
    assert len(take(tried, uniform=True)) == 40


def test_a_uniform_study_is_rarely_refused() -> None:
    """At most in one of a hundred."""
    refused = 0
    for seed in range(300):
        try:
            take(trials(40, seed=seed))
        except HarmonicaError:
            refused += 1
    assert refused <= 8


def test_pruned_trials_are_refused_even_if_the_user_vouches() -> None:
    tried = [*trials(20), *trials(1, status="pruned")]
    with pytest.raises(HarmonicaError, match="was pruned because of its value"):
        take(tried, uniform=True)


def test_the_mark_of_an_adaptive_sampler_is_enough_even_if_the_user_vouches() -> None:
    with pytest.raises(HarmonicaError, match=r"adaptive sampler \(tpe:relative_params\)"):
        take(trials(20, sampler="tpe:relative_params"), uniform=True)


@pytest.mark.parametrize(
    ("about", "message"),
    [
        ({"budget": 9, "fidelity": {}}, "has budget 9, but stages.1.budget is 3"),
        ({"budget": 3, "fidelity": {"a": 1}}, "has fidelity {'a': 1}, but stages.1.fidelity is {}"),
    ],
)
def test_an_exported_search_must_have_trained_in_the_same_way(
    about: dict[str, Any], message: str
) -> None:
    with pytest.raises(HarmonicaError) as caught:
        take(trials(20, attributes={**about, "record": "stage-1/trials/0000.json"}))
    assert message in str(caught.value)
    take(trials(20, attributes=about))
