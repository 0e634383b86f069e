"""A sampler for studies of Optuna's, which gives the guided samples of the workflow."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, RandomSampler
from optuna.storages import BaseStorage
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial
from threadpoolctl import ThreadpoolController

from harmonica_steps.optuna.history import ORIGIN
from harmonica_steps.optuna.models import Model, Models
from harmonica_steps.optuna.tried import Tried
from harmonica_steps.search.draw import UNIFORM
from harmonica_steps.study.read import CHOSEN

STARTUP = 10
"""Uniform trials before the first guided one."""
ROUND = 25
"""Trials of a round."""


class GuidedSampler(BaseSampler):
    """Guided samples, as in the workflow: the same model, inside an Optuna study.

    Parameters that occur in the same trials are proposed together. One that no complete trial has
    had yet is drawn uniformly. A failed trial counts as the worst, a pruned one as worse than all
    complete ones. Constraints are ignored.

    The proposal for a trial is a function of the seed, the number of the trial and the trials that
    have ended. A configuration that was tried, or that is running, is not proposed again unless
    nothing new is found.

    Parameters
    ----------
    n_startup_trials
        Trials that are drawn uniformly before any is guided.
    round_size
        Trials of a round. The intervals that numbers are proposed from move and shrink from round
        to round.
    seed
        Of the random numbers; by default each sampler has another.

    Examples
    --------
    >>> import optuna
    >>> from harmonica_steps.optuna import GuidedSampler
    >>> study = optuna.create_study(sampler=GuidedSampler(seed=1))
    >>> study.optimize(lambda trial: trial.suggest_float("x", -1, 1) ** 2, n_trials=20)
    """

    def __init__(
        self,
        *,
        n_startup_trials: int = STARTUP,
        round_size: int = ROUND,
        seed: int | None = None,
    ) -> None:
        for name, value, least in (
            ("n_startup_trials", n_startup_trials, 0),
            ("round_size", round_size, 1),
            ("seed", seed or 0, 0),
        ):
            if value < least:
                raise ValueError(f"{name} must be at least {least}, but it is {value}.")
        self._startup, self._size = n_startup_trials, round_size
        self._seed = seed
        self._entropy = np.random.SeedSequence(seed).entropy
        self._forget()

    def __getstate__(self) -> dict[str, Any]:
        # What it remembers of a study follows from the study.
        return {n: v for n, v in vars(self).items() if n not in ("_lock", "_known")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._forget()

    def _forget(self) -> None:
        self._lock = threading.Lock()
        self._known: tuple[tuple[BaseStorage, int], Models, Tried] | None = None

    def reseed_rng(self) -> None:
        """Take another seed, unless one was given.

        Optuna calls this so that copies of a sampler that run in parallel do not propose the same.
        These do not in any case: each trial has random numbers of its own.
        """
        self._entropy = np.random.SeedSequence(self._seed).entropy

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Distributions of all parameters that complete trials have had."""
        with self._looking(study, trial) as (models, _):
            return {n: d for model in models for n, d in model.group.distributions.items()}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Values for these parameters, all at once."""
        with self._looking(study, trial) as (models, tried):
            attempts = self._attempts(models, trial, search_space)
            first = next(attempts, None)
            if first is None:
                return {}
            if tried.has(first[0]):
                first = next((other for other in attempts if not tried.has(other[0])), first)
            params, kind = first
            if CHOSEN not in trial.system_attrs:  # a user has chosen some parameters, or all
                tried.propose(trial.number, params)
                if kind != UNIFORM:
                    study._storage.set_trial_system_attr(trial._trial_id, ORIGIN, kind)
            return params

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """A value drawn uniformly."""
        _check(study)
        seed = int(self._source(trial, param_name).generate_state(1)[0])
        uniform = RandomSampler(seed=seed)
        return uniform.sample_independent(study, trial, param_name, param_distribution)

    @contextmanager
    def _looking(self, study: Study, trial: FrozenTrial) -> Iterator[tuple[list[Model], Tried]]:
        """What the other trials say, for one thread at a time."""
        _check(study)
        # BLAS with one thread: sums in another order would differ in their last bits.
        with self._lock, _blas().limit(limits=1):
            place = (study._storage, study._study_id)
            if self._known is None or self._known[0] != place:
                self._known = (place, Models(max(self._startup, 1), self._size), Tried())
            _, models, tried = self._known
            trials = study.get_trials(deepcopy=False)
            tried.update(trials, trial.number)
            yield models.of(trials, study.direction == StudyDirection.MAXIMIZE), tried

    def _attempts(
        self, models: Sequence[Model], trial: FrozenTrial, names: dict[str, Any]
    ) -> Iterator[tuple[dict[str, Any], str]]:
        """Values of these parameters and their kind, then others to take in their place."""
        # All groups get samples of one kind, drawn by the largest group that has a guide.
        guides = [model.guide for model in models if model.guide]
        kind = guides[0].kind(self._rng(trial)) if guides else UNIFORM
        streams = [
            model.attempts(self._rng(trial, next(iter(model.group.distributions))), kind)
            for model in models
            if model.group.distributions.keys() & names.keys()
        ]
        for parts in zip(*streams, strict=True):
            params = {n: v for values, _ in parts for n, v in values.items() if n in names}
            yield params, next((found for _, found in parts if found != UNIFORM), UNIFORM)

    def _rng(self, trial: FrozenTrial, name: str = "") -> np.random.Generator:
        return np.random.default_rng(self._source(trial, name))

    def _source(self, trial: FrozenTrial, name: str) -> np.random.SeedSequence:
        """The random numbers of a trial for a parameter, a group by its first, or the kind."""
        return np.random.SeedSequence(self._entropy, spawn_key=(trial.number, *name.encode()))


def _check(study: Study) -> None:
    if len(study.directions) > 1:
        raise ValueError(
            f"GuidedSampler has one objective, but the study has {len(study.directions)}. Use "
            "another sampler (e.g. optuna.samplers.NSGAIISampler) or a study with one direction."
        )


@cache
def _blas() -> ThreadpoolController:
    return ThreadpoolController()
