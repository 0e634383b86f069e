"""Which configurations the trials of a study have tried, and which they are trying."""

from collections.abc import Iterable, Mapping
from typing import Any

from optuna.trial import FrozenTrial, TrialState

Names = tuple[str, ...]


class Tried:
    """Configurations that need no other trial.

    A proposal has the parameters of all branches of a conditional space, a trial those of its own.
    So a proposal was tried if some trial's parameters, all of them, are among it. Which sets of
    parameters a trial may end with is known from complete trials: one that failed, or that runs,
    may have suggested only some of its own.
    """

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._whole: set[Names] = set()
        self._ended: set[tuple[Names, tuple[Any, ...]]] = set()
        self._running: set[tuple[Names, tuple[Any, ...]]] = set()
        self._proposed: dict[int, dict[str, Any]] = {}

    def propose(self, number: int, params: dict[str, Any]) -> None:
        """Keep in mind what a trial of this process is about to try."""
        self._proposed[number] = params

    def update(self, trials: Iterable[FrozenTrial], now: int) -> None:
        """Look at all trials of the study, but for the one that is to be proposed now."""
        self._running = set()
        for trial in trials:
            if trial.state == TrialState.RUNNING and trial.number != now:
                proposed = self._proposed.get(trial.number)
                self._running.add(_key(varying(trial) if proposed is None else proposed))
            elif trial.state.is_finished() and trial.number not in self._seen:
                self._seen.add(trial.number)
                self._proposed.pop(trial.number, None)
                key = _key(varying(trial))
                self._ended.add(key)
                if trial.state == TrialState.COMPLETE and key[0]:
                    self._whole.add(key[0])

    def has(self, params: Mapping[str, Any]) -> bool:
        """Whether a trial has tried this proposal, or is trying it."""
        if _key(params) in self._running:
            return True
        parts = (
            _key({name: params[name] for name in names})
            for names in self._whole
            if params.keys() >= set(names)
        )
        return any(part in self._ended or part in self._running for part in parts)


def varying(trial: FrozenTrial) -> dict[str, Any]:
    """The parameters of a trial that could have had other values."""
    return {n: v for n, v in trial.params.items() if not trial.distributions[n].single()}


def _key(params: Mapping[str, Any]) -> tuple[Names, tuple[Any, ...]]:
    names = tuple(sorted(params))
    return names, tuple(params[name] for name in names)
