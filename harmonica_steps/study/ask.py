"""A round of configurations from a sampler of Optuna's, which is given what is known so far."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from threadpoolctl import threadpool_limits

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.search.restriction import CANDIDATE, Restriction
from harmonica_steps.search.samples import Samples, consistent
from harmonica_steps.space import Interval, Region, Space, Value
from harmonica_steps.study.distributions import distribution
from harmonica_steps.study.optional import optuna, quiet

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.samplers import BaseSampler

REJECTED = 100
"""Trials that a sampler may propose for each that is not forbidden."""


@dataclass(frozen=True)
class SamplerSpace:
    """What a sampler chooses: the kept candidate, if there are several, and what is free.

    A number from a range is itself. Another parameter is the index of its value: a whole number if
    its values have an order, otherwise a category. One that is inactive is chosen like any other.
    Where the candidates narrow a parameter to different intervals, any value between their outer
    ends may be chosen.
    """

    space: Space
    restriction: Restriction

    @cached_property
    def distributions(self) -> dict[str, "BaseDistribution"]:
        """The distribution of everything that is chosen."""
        of = optuna().distributions
        found: dict[str, BaseDistribution] = {}
        if (kept := len(self.restriction.candidates)) > 1:
            found[CANDIDATE] = of.CategoricalDistribution(range(kept))
        for name in self.restriction.free(self.space):
            parameter, low, high = self.space.parameters[name], *self._ends(name)
            if parameter.numeric:
                found[name] = distribution(parameter, self._interval(name))
            elif parameter.ordered:
                found[name] = of.IntDistribution(int(low), int(high) - 1)
            else:
                found[name] = of.CategoricalDistribution(range(int(high)))
        return found

    def parameters(self, candidate: int, point: np.ndarray) -> dict[str, Value]:
        """What a sample at this point has chosen."""
        values: dict[str, Any] = {CANDIDATE: candidate}
        decoded = self.space.decode(point)
        for name, numeric, at in zip(self.space.names, self.space.numeric, point, strict=True):
            values[name] = decoded[name] if numeric else int(at)
        return {name: _nearest(of, values[name]) for name, of in self.distributions.items()}

    def candidate(self, parameters: dict[str, Any]) -> int:
        """The kept candidate that was chosen."""
        return int(parameters.get(CANDIDATE, 0))

    def configuration(self, parameters: dict[str, Any]) -> dict[str, Value]:
        """The configuration that was chosen."""
        frozen = self.restriction.candidates[self.candidate(parameters)].assignment
        configuration: dict[str, Value] = {}
        for name, grid in self.space.grids.items():
            if name in self.restriction.frozen:
                configuration[name] = cast(Value, frozen[name])
            elif self.space.parameters[name].numeric:
                configuration[name] = parameters[name]
            else:
                configuration[name] = grid[parameters[name]]
        return configuration

    def agreeing(self, samples: Samples) -> list["KnownTrial"]:
        """The earlier samples that agree with what is frozen, for the sampler."""
        found = consistent(self.space, self.restriction, samples)
        return [
            KnownTrial.of(self.parameters(int(candidate), point), score)
            for candidate, point, score in zip(
                found.candidate, found.points, found.scores, strict=True
            )
        ]

    @cached_property
    def _hull(self) -> Region:
        """The smallest region that contains those of all candidates."""
        regions = self.restriction.regions(self.space)
        low = np.min([region.low for region in regions], axis=0)
        return Region(self.space, low, np.max([region.high for region in regions], axis=0))

    def _ends(self, name: str) -> tuple[float, float]:
        column = self.space.names.index(name)
        return float(self._hull.low[column]), float(self._hull.high[column])

    def _interval(self, name: str) -> Interval | None:
        """From the lowest number that a candidate leaves to the highest; None if not narrowed."""
        assigned: list[Any] = [c.assignment.get(name) for c in self.restriction.candidates]
        if not isinstance(assigned[0], Interval):
            return None
        return Interval(min(a.low for a in assigned), max(a.high for a in assigned))


def _nearest(of: Any, value: Any) -> Value:
    """A value, or the nearest that may be chosen: a condition may have withheld one outside."""
    nearest: Value = min(max(value, of.low), of.high) if hasattr(of, "low") else value
    return nearest


@dataclass(frozen=True)
class KnownTrial:
    """A trial that a sampler is given."""

    parameters: dict[str, Any]
    score: float | None
    """Smaller is better, None for a failure."""
    notes: dict[str, Any] = field(default_factory=dict)
    """What the sampler has noted when it chose the trial itself."""

    @classmethod
    def of(
        cls, parameters: dict[str, Any], score: float, notes: dict[str, Any] | None = None
    ) -> "KnownTrial":
        """A trial with a score, NaN for a failure."""
        return cls(parameters, None if np.isnan(score) else float(score), notes or {})


@dataclass(frozen=True)
class AskedTrial:
    """A trial that a sampler has chosen."""

    parameters: dict[str, Any]
    notes: dict[str, Any]


def ask(
    sampler: "BaseSampler",
    choices: SamplerSpace,
    known_trials: Sequence[KnownTrial],
    count: int,
    notes: dict[str, Any],
) -> tuple[list[AskedTrial], dict[str, Any]]:
    """Ask for `count` trials as one batch: none waits for the result of another.

    The sampler sees a study in memory with the trials that it is given, and the ones that it has
    chosen so far as running. What it proposes although it is forbidden is pruned: TPE takes that
    for bad, and would propose it again otherwise. It is a function of its seed and of these.

    Parameters
    ----------
    sampler
        Fresh from `make_sampler`.
    question
        What to choose.
    told
        What is known, oldest first. Failures count as the worst of them; if there are nothing but
        failures, as failed.
    count
        How many trials.
    notes
        What the sampler has noted on the study in the round before.

    Returns
    -------
    asked : list of AskedTrial
        The trials.
    notes : dict
        What the sampler has noted on the study.

    Raises
    ------
    HarmonicaError
        When the sampler fails.
    """
    # One thread: sums in another order would differ in their last bits, and so the trials.
    with quiet() as package, threadpool_limits(1):
        storage = package.storages.InMemoryStorage()
        study = package.create_study(storage=storage, sampler=sampler)
        number = storage.get_study_id_from_name(study.study_name)
        for key, value in notes.items():
            storage.set_study_system_attr(number, key, value)
        study.add_trials(_finished(package, choices, known_trials))
        try:
            chosen: list[int] = []
            for _ in range(REJECTED * count):
                trial = study.ask(choices.distributions)
                if not choices.space.forbids(choices.configuration(trial.params)):
                    chosen.append(trial.number)
                else:
                    study.tell(trial, state=package.trial.TrialState.PRUNED)
                if len(chosen) == count:
                    break
        except Exception as error:  # whatever a sampler makes of its settings and trials
            raise HarmonicaError(
                f"final.sampler: {type(sampler).__name__} proposes nothing "
                f"({type(error).__name__}: {error})."
            ) from error
        if len(chosen) < count:
            raise HarmonicaError(
                f"final.sampler: {type(sampler).__name__} proposes hardly anything that is not "
                f"forbidden ({len(chosen)} of {REJECTED * count} trials). Use optimiser: guided, "
                "or rewrite the space so that fewer combinations are forbidden."
            )
        trials = study.get_trials()
        asked = [
            AskedTrial(
                {name: trial.params[name] for name in choices.distributions}, trial.system_attrs
            )
            for trial in (trials[number] for number in chosen)
        ]
        return asked, storage.get_study_system_attrs(number)


def _finished(package: Any, choices: SamplerSpace, known_trials: Sequence[KnownTrial]) -> list[Any]:
    worst = max((trial.score for trial in known_trials if trial.score is not None), default=None)
    states = package.trial.TrialState
    return [
        package.trial.create_trial(
            state=states.FAIL if worst is None else states.COMPLETE,
            value=worst if trial.score is None else trial.score,
            params=trial.parameters,
            distributions=choices.distributions,
            system_attrs=trial.notes,
        )
        for trial in known_trials
    ]
