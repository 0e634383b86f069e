"""The search space of a study, as far as its trials show."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.space.kind_base import LARGEST, Value, same_value
from harmonica_steps.space.parameters import MOST_LEVELS
from harmonica_steps.study.optional import optuna
from harmonica_steps.study.read import whole_study
from harmonica_steps.terminal import quoted

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.trial import FrozenTrial

OPTIONS = ("--from-study", "--study-name")
"""The options by which the command line names a study."""

MOST_VALUES = 7
"""Steps of a range of whole numbers that are tried one by one."""


@dataclass
class StudySpace:
    """What a study says about a search."""

    name: str
    direction: str
    metric: str | None
    """The name of its value, if it has one."""
    space: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Its space as in a config file."""
    constants: dict[str, Value] = field(default_factory=dict)
    """Parameters that have one value only."""
    best: dict[str, Value] = field(default_factory=dict)
    """The parameters of its best trial."""
    remarks: list[tuple[str, str]] = field(default_factory=list)
    """Parameters, each with what was assumed about it."""
    left_out: list[tuple[str, str]] = field(default_factory=list)
    """Parameters that have no counterpart, each with the reason."""


def space_of_study(path: Path, name: str | None) -> StudySpace:
    """Read the space of a study.

    A condition is recognised where a parameter is in just those trials in which another one, with
    few values, has certain values.

    Parameters
    ----------
    path
        A journal file or an SQLite database of Optuna's.
    name
        Of the study, if there are several.

    Raises
    ------
    HarmonicaError
        When it cannot be read, has several objectives, or no trials.
    """
    study = whole_study(path, name, keys=OPTIONS)
    if len(study.directions) != 1:
        raise HarmonicaError(
            f"{OPTIONS[0]}: the study in {path} has {len(study.directions)} objectives, and a "
            "search optimises one. Choose one of them in a study of its own."
        )
    started = [trial for trial in study.trials if trial.distributions]
    # Others may have ended before they asked for all their parameters.
    trials = [t for t in started if t.state.name in ("COMPLETE", "PRUNED")] or started
    if not trials:
        raise HarmonicaError(
            f"{OPTIONS[0]}: the study in {path} has no trials yet, and only they show its "
            "parameters."
        )
    found = StudySpace(study.name, study.directions[0], study.metric)
    _read_parameters(found, trials)
    _read_conditions(found, trials)
    values = {n: t.value for n, t in enumerate(trials) if t.state.name == "COMPLETE"}
    known = {n: v for n, v in values.items() if isinstance(v, float) and math.isfinite(v)}
    if known:
        best = (min if found.direction == "minimize" else max)(known, key=lambda n: known[n])
        found.best = {k: v for k, v in trials[best].params.items() if k in found.space}
    return found


def _read_parameters(found: StudySpace, trials: Sequence["FrozenTrial"]) -> None:
    seen: dict[str, list[BaseDistribution]] = {}
    for trial in trials:
        for name, distribution in trial.distributions.items():
            known = seen.setdefault(name, [])
            if distribution not in known:
                known.append(distribution)
    for name, distributions in seen.items():
        only = _only_value(distributions)
        if _is_value(only):
            found.constants[name] = only
            continue
        entry, remark = _entry(distributions)
        if entry is None:
            found.left_out.append((name, remark))
            continue
        found.space[name] = entry
        if remark:
            found.remarks.append((name, remark))


def _only_value(distributions: Sequence["BaseDistribution"]) -> Any:
    """The value that a parameter always has; None if it can have others."""
    values = [value for distribution in distributions for value in _ends(distribution)]
    return values[0] if all(same_value(value, values[0]) for value in values) else None


def _ends(distribution: Any) -> Sequence[Any]:
    """The choices, or the first and the last of the numbers."""
    if hasattr(distribution, "choices"):
        return list(distribution.choices)
    return [distribution.low, distribution.high]


def _is_value(value: object) -> bool:
    return isinstance(value, bool | int | str) or (
        isinstance(value, float) and math.isfinite(value)
    )


def _entry(distributions: Sequence["BaseDistribution"]) -> tuple[dict[str, Any] | None, str]:
    """The entry of a parameter, or None, and what there is to say about it."""
    of = optuna().distributions
    first: Any = distributions[-1]
    if isinstance(first, of.CategoricalDistribution):
        return _listed(list(first.choices))
    numbers: list[Any] = [d for d in distributions if type(d) is type(first)]
    low, high = min(d.low for d in numbers), max(d.high for d in numbers)
    if not (abs(low) <= LARGEST and abs(high) <= LARGEST):
        return None, f"its range from {quoted(low)} to {quoted(high)} is too large"
    whole = isinstance(first, of.IntDistribution)
    entry = number_entry(low, high, whole=whole, log=first.log, step=first.step)
    remarks = []
    if len(numbers) > 1:
        remarks.append("its range differs between trials; this one contains all")
    if first.step and not (whole and first.step == 1) and entry["type"] != "ordinal":
        remarks.append(f"the step {first.step} is dropped")
    return entry, "; ".join(remarks)


def _listed(choices: list[Any]) -> tuple[dict[str, Any] | None, str]:
    values: list[Any] = []
    for choice in filter(_is_value, choices):
        if not any(same_value(choice, other) for other in values):
            values.append(choice)
    dropped = [choice for choice in choices if not _is_value(choice)]
    remark = f"{json.dumps(dropped, default=str)} cannot be a value here" if dropped else ""
    if len(values) < 2:
        return None, remark
    if sorted(map(repr, values)) == ["False", "True"]:
        return {"type": "bool"}, remark
    return {"type": "categorical", "values": values}, remark


def number_entry(
    low: float, high: float, *, whole: bool, log: bool, step: float | None
) -> dict[str, Any]:
    """The entry in ``space`` of a number from a range of Optuna's.

    Parameters
    ----------
    low, high
        The ends, both included.
    whole
        Whether it is a whole number.
    log
        Whether it is on a logarithmic scale.
    step
        Between neighbours. With few of them they are listed, with many it is dropped.
    """
    entry: dict[str, Any] = {"type": "int" if whole else "float", "low": low, "high": high}
    if log:
        entry["log"] = True
    elif step and not (whole and step == 1):
        count = int((high - low) / step + 1e-9) + 1
        if 2 <= count <= MOST_LEVELS:
            # As Optuna computes them, so that its trials have these values to the last digit.
            return {"type": "ordinal", "values": [n * step + low for n in range(count)]}
    if whole and high - low > MOST_VALUES:
        entry["levels"] = 4
    return entry


def _read_conditions(found: StudySpace, trials: Sequence["FrozenTrial"]) -> None:
    always = {name for name in found.space if all(name in trial.params for trial in trials)}
    known = set(always)
    for name in found.space:
        if name in always:
            continue
        when = _condition(name, known, found.space, trials)
        if when:
            found.space[name]["when"] = when
            known.add(name)
            found.remarks.append((name, f"only with {json.dumps(when)}, as in all trials"))
        else:
            found.remarks.append((name, "is not in all trials, and no condition explains that"))


def _condition(
    name: str,
    known: set[str],
    space: dict[str, dict[str, Any]],
    trials: Sequence["FrozenTrial"],
) -> dict[str, list[Value]] | None:
    """The parameter, and its values, with which another one is in a trial."""
    for parent in (p for p in space if p in known and _is_listed(space[p])):
        with_it = {
            repr(t.params[parent]) for t in trials if name in t.params and parent in t.params
        }
        without = {
            repr(t.params[parent]) for t in trials if name not in t.params and parent in t.params
        }
        orphan = any(name in t.params and parent not in t.params for t in trials)
        if with_it and without and not orphan and not with_it & without:
            values = [value for value in _values(space[parent]) if repr(value) in with_it]
            if values:
                return {parent: values}
    return None


def _is_listed(entry: dict[str, Any]) -> bool:
    return entry["type"] in ("bool", "categorical", "ordinal") or (
        entry["type"] == "int" and "levels" not in entry
    )


def _values(entry: dict[str, Any]) -> list[Value]:
    if entry["type"] == "bool":
        return [False, True]
    if entry["type"] == "int":
        return list(range(entry["low"], entry["high"] + 1))
    return list(entry["values"])
