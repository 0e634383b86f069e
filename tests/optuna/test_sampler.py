"""Guided samples inside a study of Optuna's."""

import copy
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution
from optuna.trial import Trial, TrialState

from harmonica_steps.optuna import GuidedSampler
from harmonica_steps.optuna.history import ORIGIN
from harmonica_steps.search.draw import CHILD, GUIDED, MUTANT

BITS: dict[str, BaseDistribution] = {
    f"x{i}": CategoricalDistribution([False, True]) for i in range(12)
}


@pytest.fixture(autouse=True)
def _quiet() -> None:
    optuna.logging.set_verbosity(optuna.logging.WARNING)


def ones(params: dict[str, Any]) -> float:
    return float(sum(params.values()))


def searched(
    sampler: GuidedSampler,
    value: Callable[[dict[str, Any]], float] = ones,
    count: int = 60,
    batch: int = 10,
    direction: str = "minimize",
    name: str | None = None,
) -> optuna.Study:
    study = optuna.create_study(sampler=sampler, direction=direction, study_name=name)
    for _ in range(count // batch):
        for trial in [study.ask(BITS) for _ in range(batch)]:
            study.tell(trial, value(trial.params))
    return study


def chosen(study: optuna.Study) -> list[dict[str, Any]]:
    return [trial.params for trial in study.trials]


def values(study: optuna.Study) -> np.ndarray:
    return np.array([trial.value for trial in study.trials])


@pytest.mark.parametrize("batch", [1, 10])
def test_it_learns(batch: int) -> None:
    study = searched(GuidedSampler(seed=0), batch=batch)
    assert values(study)[-20:].mean() < values(study)[:20].mean() - 1.5


def test_it_maximises() -> None:
    least = searched(GuidedSampler(seed=0))
    most = searched(GuidedSampler(seed=0), lambda p: -ones(p), direction="maximize")
    assert chosen(least) == chosen(most)


def test_the_same_seed_and_history_give_the_same_proposals() -> None:
    one, other = (searched(GuidedSampler(seed=3)) for _ in range(2))
    assert chosen(one) == chosen(other)
    assert chosen(searched(GuidedSampler(seed=4))) != chosen(one)
    assert chosen(searched(GuidedSampler())) != chosen(searched(GuidedSampler()))


def test_a_study_that_is_resumed_continues_as_if_it_had_not_stopped(tmp_path: Path) -> None:
    whole = searched(GuidedSampler(seed=3), count=70)
    for again in range(2):
        backend = optuna.storages.journal.JournalFileBackend(str(tmp_path / "study"))
        study = optuna.create_study(
            sampler=GuidedSampler(seed=3),
            storage=optuna.storages.JournalStorage(backend),
            study_name="resumed",
            load_if_exists=True,
        )
        if not again:
            study.add_trials(whole.trials[:50])
        for trial in [study.ask(BITS) for _ in range(10)]:
            study.tell(trial, ones(trial.params))
    assert chosen(study) == chosen(whole)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_copy_continues_in_the_same_way(copied: Callable[[Any], Any]) -> None:
    study = searched(GuidedSampler(seed=3), count=60)
    study.sampler = copied(study.sampler)
    trials = [study.ask(BITS) for _ in range(10)]
    assert [t.params for t in trials] == chosen(searched(GuidedSampler(seed=3), count=70))[60:]


def test_another_seed_is_taken_only_if_none_was_given() -> None:
    given, free = GuidedSampler(seed=3), GuidedSampler()
    trials = []
    for sampler in (given, free):
        for _ in range(2):
            trials.append(optuna.create_study(sampler=sampler).ask(BITS).params)
            sampler.reseed_rng()
    assert trials[0] == trials[1]
    assert trials[2] != trials[3]


def test_copies_that_work_on_one_study_do_not_propose_the_same() -> None:
    study = optuna.create_study(sampler=GuidedSampler(seed=3))
    proposals = []
    for _ in range(5):
        study.sampler = GuidedSampler(seed=3)
        proposals.append(study.ask({"x": FloatDistribution(0, 1)}).params["x"])
    assert len(set(proposals)) == 5


def test_every_proposal_is_new_as_long_as_there_are_others() -> None:
    study = optuna.create_study(sampler=GuidedSampler(seed=0, n_startup_trials=2))
    few = {name: BITS[name] for name in ("x0", "x1", "x2")}
    study.tell(study.ask(few), 1.0)
    running = [study.ask(few) for _ in range(7)]
    assert len({tuple(trial.params.values()) for trial in [*study.trials]}) == 8
    for trial in running:
        study.tell(trial, ones(trial.params))
    assert len(study.ask(few).params) == 3


def test_a_failed_trial_counts_as_the_worst() -> None:
    def diverges(trial: Trial) -> float:
        params = {name: trial.suggest_categorical(name, [False, True]) for name in BITS}
        return float("nan") if params["x5"] else ones(params)

    study = optuna.create_study(sampler=GuidedSampler(seed=0))
    study.optimize(diverges, n_trials=60)
    assert {trial.state for trial in study.trials} == {TrialState.COMPLETE, TrialState.FAIL}
    assert np.mean([trial.params["x5"] for trial in study.trials[-20:]]) < 0.3


def test_trials_that_all_failed_say_nothing() -> None:
    study = optuna.create_study(sampler=GuidedSampler(n_startup_trials=2))
    for _ in range(6):
        study.tell(study.ask(BITS), state=TrialState.FAIL)
    assert len(study.ask(BITS).params) == 12


def test_branches_are_learnt_by_their_own_trials() -> None:
    def branch(trial: Trial) -> float:
        if trial.suggest_categorical("kind", ["a", "b"]) == "a":
            return abs(trial.suggest_float("of_a", 0, 1) - 0.8)
        return 0.5 + abs(trial.suggest_float("of_b", 0, 1) - 0.2)

    study = optuna.create_study(sampler=GuidedSampler(seed=0))
    study.optimize(branch, n_trials=80)
    late = study.trials[40:]
    of_a = [trial.params["of_a"] for trial in late if "of_a" in trial.params]
    assert len(of_a) > 20  # half of them by chance
    assert np.median(np.abs(np.array(of_a) - 0.8)) < 0.15  # 0.3 by chance
    assert {trial.params["kind"] for trial in late} == {"a", "b"}


def test_ranges_may_change() -> None:
    study = optuna.create_study(sampler=GuidedSampler(seed=0))
    for low, high in [(0, 10), (0, 5), (20, 30), (0, 40)]:
        where = {"x": FloatDistribution(low, high), "y": FloatDistribution(0, 1)}
        for _ in range(20):
            trial = study.ask(where)
            study.tell(trial, trial.params["x"] + trial.params["y"])
            assert low <= trial.params["x"] <= high


def test_the_kind_of_a_guided_sample_is_noted() -> None:
    study = searched(GuidedSampler(seed=0))
    marks = [trial.system_attrs.get(ORIGIN) for trial in study.trials]
    assert marks[:10] == [None] * 10
    assert set(marks[10:]) == {GUIDED, CHILD, MUTANT}


def test_an_enqueued_trial_is_run_and_learnt_from() -> None:
    study = optuna.create_study(sampler=GuidedSampler(seed=0, n_startup_trials=1))
    good = dict.fromkeys(BITS, False)
    for _ in range(5):
        study.tell(study.ask(BITS), 9.0)
    study.enqueue_trial(good)
    study.enqueue_trial({"x0": True})
    both = [study.ask(BITS), study.ask(BITS)]
    assert both[0].params == good
    assert both[1].params["x0"] is True
    assert all(ORIGIN not in study.trials[trial.number].system_attrs for trial in both)
    for trial in both:
        study.tell(trial, ones(trial.params))
    later = [study.ask(BITS).params for _ in range(30)]
    # By chance one of 52 has two ones or fewer.
    assert sum(ones(params) <= 2 for params in later) >= 4


def test_threads_share_a_study() -> None:
    study = optuna.create_study(sampler=GuidedSampler(seed=0, n_startup_trials=5))
    study.optimize(lambda t: t.suggest_int("a", 0, 9) + t.suggest_int("b", 0, 9), 60, n_jobs=4)
    assert all(trial.state == TrialState.COMPLETE for trial in study.trials)
    assert len({tuple(trial.params.values()) for trial in study.trials[10:]}) > 45


def test_a_sampler_forgets_a_study_when_it_is_given_another() -> None:
    sampler = GuidedSampler(seed=0)
    alone = chosen(searched(GuidedSampler(seed=0), name="same"))
    searched(sampler, lambda p: -ones(p), name="same")
    assert chosen(searched(sampler, name="same")) == alone


def test_several_objectives_are_refused_with_a_sentence() -> None:
    study = optuna.create_study(directions=["minimize", "maximize"], sampler=GuidedSampler())
    with pytest.raises(ValueError, match="one objective, but the study has 2"):
        study.ask(BITS)


@pytest.mark.parametrize("wrong", [{"n_startup_trials": -1}, {"round_size": 0}, {"seed": -3}])
def test_a_wrong_argument_is_named(wrong: dict[str, int]) -> None:
    ((name, value),) = wrong.items()
    with pytest.raises(ValueError, match=rf"{name} must be at least ., but it is {value}"):
        GuidedSampler(**wrong)


def test_without_optuna_the_message_says_what_to_type() -> None:
    program = "import sys; sys.modules['optuna'] = None; import harmonica_steps.optuna"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    last = run.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: ")
    assert last.endswith("pip install 'harmonica-hpo[optuna]'")
