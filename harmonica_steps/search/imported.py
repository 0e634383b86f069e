"""Trials of another study as samples of the first stage: only if they are uniform."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from harmonica_steps.config import Stage, Study
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.search.draw import Sample
from harmonica_steps.search.laws import Law, Laws
from harmonica_steps.space import Interval, Region, Space, Value
from harmonica_steps.space.forbidden import Clause
from harmonica_steps.space.kind_base import same_value
from harmonica_steps.terminal import quoted

CHANCE = 0.01
"""False-rejection rate of the uniformity test, over all parameters."""


@dataclass(frozen=True)
class StudyTrial:
    """A finished trial of a study."""

    study: str
    number: int
    parameters: dict[str, Value]
    status: str
    """Its status as in a record, ``ok``, ``failed`` or ``diverged``; or ``pruned``."""
    value: float | None
    cause: str | None
    attributes: dict[str, Any]
    """User attributes of the trial."""
    sampler: str | None = None
    """An adaptive sampler that has marked it."""
    laws: dict[str, Law] = field(default_factory=dict)
    """What each parameter was drawn from, as far as the study says."""

    def as_data(self) -> dict[str, Any]:
        """What a sample says about its origin: its record follows from it."""
        return {
            "study": self.study,
            "trial": self.number,
            "status": self.status,
            "value": self.value,
            "cause": self.cause,
        }


@dataclass(frozen=True)
class Imported:
    """A sample that has already been tried elsewhere."""

    sample: Sample
    tried: StudyTrial


def imported(
    space: Space, stage: Stage, study: Study, drawn: Sequence[Sample], tried: Sequence[StudyTrial]
) -> list[Imported]:
    """The trials that can be samples of the first stage, at most as many as it wants.

    Left out are, whatever their value, those with other user attributes than ``study.where`` or
    other settings than the stage's fidelity, those outside the space or forbidden, those without a
    value for an active parameter, and those whose parameters were drawn from less than the space:
    the rest is still uniform, or refused.

    Parameters
    ----------
    space
        The search space.
    stage
        The first stage.
    study
        What it says about the study.
    drawn
        The samples that it would have without: they lend their seeds, and the levels of parameters
        that are inactive.
    tried
        The study.

    Raises
    ------
    HarmonicaError
        When no trial is usable, when they were trained differently, or were not drawn uniformly.
    """
    wanted, outside = [], []
    laws = Laws(space)
    for trial in tried:
        if all(same_value(trial.attributes.get(k), v) for k, v in study.where.items()):
            _check_fit(stage, trial)
            try:
                wanted.append((trial, _coordinates(laws, stage.fidelity, trial)))
            except HarmonicaError as error:
                outside.append((trial, str(error)))
    if not wanted:
        reason = f" trial {outside[0][0].number}: {outside[0][1]}." if outside else ""
        raise HarmonicaError(
            f"stages.1.study: none of the {len(tried)} finished trials can be imported."
            f"{reason} Correct the space, or study.where, or leave study out."
        )
    _check_nothing_hidden(space, [trial for trial, _ in wanted], outside)
    if not study.uniform:
        _check_uniform(space, wanted)
    return [
        Imported(_sample(space, sample, trial, known), trial)
        for sample, (trial, known) in zip(drawn, wanted, strict=False)
    ]


def _check_fit(stage: Stage, trial: StudyTrial) -> None:
    """Whether a trial is one of such a stage, as far as it says."""
    where = f"stages.1.study: trial {trial.number}"
    if trial.status == "pruned":
        raise HarmonicaError(
            f"{where} was pruned because of its value: without such trials the others are not "
            "uniform samples, and its value is that of a shorter training. Only a study, or a "
            "part of it (study.where), without pruning can be imported."
        )
    if trial.sampler:
        raise HarmonicaError(
            f"{where} was chosen by an adaptive sampler ({trial.sampler}), which depends on "
            "earlier values; the recovery needs samples that were drawn uniformly "
            "(optuna.samplers.RandomSampler). "
            "Choose others with study.where."
        )
    if not {"record", "budget", "fidelity"} <= trial.attributes.keys():
        return  # Only an exported search says how its trials were trained.
    about: Mapping[str, object] = {"budget": stage.budget, "fidelity": stage.fidelity}
    for name, ours in about.items():
        if (theirs := trial.attributes[name]) != ours:
            raise HarmonicaError(
                f"{where} has {name} {theirs!r}, but stages.1.{name} is {ours!r}: its value is "
                "that of another training. Change one of them, or choose others with study.where."
            )


def _check_nothing_hidden(
    space: Space, wanted: Sequence[StudyTrial], outside: Sequence[tuple[StudyTrial, str]]
) -> None:
    """Refuse a value that is only in trials that are left out: it would not be tried again.

    They are left out, for example, because a parameter is conditional in the study but not here.
    """
    left_out = [(t, reason) for t, reason in outside if not space.forbids(_inside(space, t))]
    for name, grid in space.grids.items():
        if space.parameters[name].numeric:
            continue
        for value in grid:
            if any(same_value(t.parameters.get(name), value) for t in wanted):
                continue
            for trial, reason in left_out:
                if same_value(trial.parameters.get(name), value):
                    raise HarmonicaError(
                        f"stages.1.study: {name} is {quoted(value)} only in trials that cannot be "
                        f"imported, so it would hardly be tried: trial {trial.number}: {reason}. "
                        "Correct the space, or study.where, or leave study out."
                    )


def _inside(space: Space, trial: StudyTrial) -> dict[str, Value]:
    """Its configuration as far as it is in the space."""
    inside = {}
    for name, value in trial.parameters.items():
        with suppress(HarmonicaError):
            if name in space.names:
                space.coordinate(name, value)
                inside[name] = value
    return {**{name: grid[0] for name, grid in space.grids.items()}, **inside}


def _coordinates(laws: Laws, fidelity: Mapping[str, Value], trial: StudyTrial) -> dict[str, float]:
    """The coordinate of every parameter that the trial has."""
    space, found = laws.space, {}
    for name, value in trial.parameters.items():
        if name in space.names:
            if name in trial.laws:
                laws.check(name, trial.laws[name])
            found[name] = space.coordinate(name, value)
        elif name not in fidelity:
            raise HarmonicaError(
                f"{name}: not a parameter of the space; if it was the same in all trials put it "
                "into the stage's fidelity"
            )
        elif not same_value(value, fidelity[name]):
            raise HarmonicaError(f"{name}: is {value!r}, in stages.1.fidelity {fidelity[name]!r}")
    complete = _complete(space, trial)
    for name in space.active(complete):
        if name not in found:
            raise HarmonicaError(f"{name}: has no value, but is active (when) in the space here")
    if space.forbids(complete):
        raise HarmonicaError("it is a forbidden combination (forbidden) in the space here")
    return found


def _complete(space: Space, trial: StudyTrial) -> dict[str, Value]:
    """Its configuration, with any value for parameters that it lacks."""
    return {**{name: grid[0] for name, grid in space.grids.items()}, **trial.parameters}


def _sample(space: Space, drawn: Sample, trial: StudyTrial, known: dict[str, float]) -> Sample:
    configuration = {
        name: trial.parameters.get(name, drawn.configuration[name]) for name in space.names
    }
    point = tuple(known.get(name, at) for name, at in zip(space.names, drawn.point, strict=True))
    return Sample(drawn.trial, drawn.seed, 0, point, configuration)


def _check_uniform(space: Space, wanted: list[tuple[StudyTrial, dict[str, float]]]) -> None:
    from scipy.stats import chisquare  # takes a second, and few import a study

    skewed = [
        (p, name, counts)
        for name, counts in _counts(space, wanted)
        if (p := float(chisquare(counts).pvalue)) < CHANCE / len(space)
    ]
    if skewed:
        p, name, counts = min(skewed, key=lambda entry: entry[0])
        cells = [Region.whole(space).cell(name, level) for level in range(len(counts))]
        shown = ", ".join(
            f"{cell if isinstance(cell, Interval) else repr(cell)} {count} times"
            for cell, count in zip(cells, counts, strict=True)
        )
        raise HarmonicaError(
            f"stages.1.study: {name} was not drawn uniformly: {shown} (by chance p = {p:.2g}; "
            f"{len(skewed)} of {len(space)} parameters are affected). The recovery would mistake "
            "the sampler's preferences for effects. If you know that the trials were drawn "
            "uniformly over these levels, set study.uniform: true."
        )


def _counts(
    space: Space, wanted: list[tuple[StudyTrial, dict[str, float]]]
) -> Iterator[tuple[str, np.ndarray]]:
    """How often each parameter has each level, in the trials in which any would be allowed."""
    whole = Region.whole(space)
    active = [space.active(_complete(space, trial)) for trial, _ in wanted]
    # Whether a clause concerns a trial can depend on these.
    not_uniform = space.ancestors({name for clause in space.forbidden for name in clause.wanted})
    for column, name in enumerate(space.names):
        others = [
            Clause({other: values for other, values in clause.wanted.items() if other != name})
            for clause in space.forbidden
            if name in clause.wanted
        ]
        found = [
            known[name]
            for (_, known), training in zip(wanted, active, strict=True)
            if name in known and not any(clause.matches(training) for clause in others)
        ]
        if found and name not in not_uniform:
            points = np.tile(whole.low, (len(found), 1))
            points[:, column] = found
            levels = whole.levels(points)[:, column]
            yield name, np.bincount(levels, minlength=int(space.sizes[column]))
