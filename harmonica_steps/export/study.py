"""The whole search as one Optuna study, in a journal file that Optuna and its dashboard open."""

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harmonica_steps.export.trainings import Training, trainings
from harmonica_steps.files import write_text
from harmonica_steps.outputs import check_output
from harmonica_steps.results.curve import joined
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.search.draw import START, UNIFORM
from harmonica_steps.search.restriction import as_data
from harmonica_steps.study.distributions import distribution, optuna_value
from harmonica_steps.study.optional import optuna, quiet

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import FrozenTrial

WORKER = "harmonica"
"""Author of a line of the journal, instead of Optuna's random name: the same results yield the
same bytes."""

Promoted = dict[str, set[int]]


def export_study(search: SearchRun, path: Path) -> str:
    """Write a search as an Optuna study.

    A training of a stage is a trial. A configuration of the final is one trial, too, whatever the
    number of its rungs: their metrics are its intermediate values, and it is complete only if it
    reached the last rung, otherwise pruned. This is what Optuna's own successive halving leaves, so
    that its tools draw the rungs as learning curves and take no value at a small budget for a
    result. Where a trial has a learning curve, that is its intermediate values instead.

    Parameters
    ----------
    search
        The search; what has ended so far is exported.
    path
        The journal file. An earlier export is replaced.

    Returns
    -------
    str
        What to tell the user.

    Raises
    ------
    HarmonicaError
        When Optuna is missing, or the file holds anything but an earlier export.
    """
    optuna()
    check_output(path, "an export", _is_export)
    trained = trainings(search)
    configurations = list(_configurations(trained))
    distributions = {name: distribution(p) for name, p in search.space.parameters.items()}
    lines: list[dict[str, Any]] = []
    with quiet() as package:
        storage = package.storages.JournalStorage(_memory(lines))
        study = package.create_study(
            storage=storage,
            study_name=search.config.search,
            direction=search.config.objective.direction,
        )
        study.set_metric_names([search.config.objective.metric])
        _describe(study, search, configurations)
        gone_on = _promoted(search)
        study.add_trials(_trial(search, chain, distributions, gone_on) for chain in configurations)
    shared = ({**line, "worker_id": WORKER} for line in lines)
    write_text(path, "".join(f"{json.dumps(line, separators=(',', ':'))}\n" for line in shared))
    return (
        f"{path}: study {search.config.search!r}, {len(configurations)} trials. Look at it: "
        f"optuna-dashboard {path}"
    )


def _is_export(path: Path) -> bool:
    """Whether a file is an export: not another study, and without trials that were added."""
    with path.open(encoding="utf-8") as stream:
        return all(json.loads(line)["worker_id"] == WORKER for line in stream)


def _memory(lines: list[dict[str, Any]]) -> Any:
    """A journal in memory: Optuna's own waits for the disk after every trial."""
    from optuna.storages.journal import BaseJournalBackend

    class Memory(BaseJournalBackend):
        def read_logs(self, log_number_from: int) -> Iterable[dict[str, Any]]:
            return lines[log_number_from:]

        def append_logs(self, logs: list[dict[str, Any]]) -> None:
            lines.extend(logs)

    return Memory()


def _configurations(found: list[Training]) -> Iterable[list[Training]]:
    """Trainings one after the other, those that continue one another together."""
    chains: dict[tuple[str, int], list[Training]] = {}
    for training in found:
        before = chains.pop(training.continues, []) if training.continues else []
        # In the place of the one that it continues: the order is that of the first trainings.
        chains[training.part.name, training.trial] = [*before, training]
    number = {name: i for i, name in enumerate(dict.fromkeys(t.part.name for t in found))}
    return sorted(chains.values(), key=lambda chain: (number[chain[0].part.name], chain[0].trial))


def _trial(
    search: SearchRun, chain: list[Training], distributions: dict[str, Any], gone_on: Promoted
) -> "FrozenTrial":
    last = chain[-1]
    state = _state(search, last, gone_on)
    trial: FrozenTrial = optuna().trial.create_trial(
        state=state,
        value=None if state.name in ("FAIL", "RUNNING") else last.value,
        params={
            name: optuna_value(search.space.parameters[name], value)
            for name, value in last.parameters.items()
        },
        distributions={name: distributions[name] for name in last.parameters},
        user_attrs=_attributes(chain),
        system_attrs=_chosen_by(search, last),
        intermediate_values=_intermediate(search, chain),
    )
    trial.datetime_start = datetime.fromtimestamp(chain[0].started)
    if state.is_finished():
        trial.datetime_complete = datetime.fromtimestamp(last.started + last.seconds)
    return trial


def _state(search: SearchRun, last: Training, gone_on: Promoted) -> Any:
    states = optuna().trial.TrialState
    if last.status != "ok":
        return states.FAIL
    if last.part.name not in {part.previous for part in search.parts}:
        return states.COMPLETE
    chosen = gone_on.get(last.part.name)
    return states.RUNNING if chosen is None or last.trial in chosen else states.PRUNED


def _promoted(search: SearchRun) -> Promoted:
    """The trials of each rung that continue, as far as that is decided."""
    found: Promoted = {}
    for part in search.parts:
        for line in search.drawn(part.name) if part.previous else ():
            if origin := line["continues"]:
                found.setdefault(origin["part"], set()).add(origin["trial"])
    return found


def _intermediate(search: SearchRun, chain: list[Training]) -> dict[int, float]:
    """The learning curve, or the metric after each rung where there is no curve.

    Optuna's steps are whole numbers. Those of a curve are rounded down, and the last value counts.
    The step of a rung is its budget if all budgets are whole numbers.
    """
    if curve := joined([training.curve for training in chain]):
        return {int(step): value for step, value in curve}
    whole = all(float(part.budget).is_integer() for part in search.parts if part.rung is not None)
    return {
        int(training.part.budget if whole else training.part.rung): training.value
        for training in chain
        if training.part.rung is not None and training.value is not None
    }


def _chosen_by(search: SearchRun, training: Training) -> dict[str, Any]:
    """A mark as adaptive samplers leave it: the trial is not uniform."""
    if training.part.origin == "ask":
        return {f"{search.config.final.label}:round": training.part.round}
    if training.origin == START:
        return {"fixed_params": {}}  # as an enqueued trial has it
    if training.origin != UNIFORM:
        return {"GuidedSampler:origin": training.origin}
    return {}


def _attributes(chain: list[Training]) -> dict[str, Any]:
    last = chain[-1]
    found = {
        "part": last.part.name,
        "bracket": last.part.bracket,
        "rung": last.part.rung,
        "round": last.part.round,
        "budget": last.part.budget,
        "seed": last.seed,
        "status": last.status,
        "cause": last.cause,
        "error": last.error,
        "candidate": last.candidate,
        "origin": last.origin,
        "record": last.path,
        "continued": [training.path for training in chain[:-1]] or None,
        "fidelity": last.fidelity,
        "seconds": round(sum(training.seconds for training in chain), 3),
        **{f"metric:{name}": value for name, value in last.metrics.items()},
    }
    return {name: value for name, value in found.items() if value is not None}


def _describe(study: "Study", search: SearchRun, configurations: list[list[Training]]) -> None:
    """Say what was found and frozen, next to the trials."""
    study.set_user_attr("search", search.config.search)
    study.set_user_attr("seed", search.config.seed)
    for stage in range(1, len(search.config.stages) + 1):
        if not (search.folder.psr(stage).exists() and search.folder.frozen(stage).exists()):
            continue
        restriction = search.restriction(stage)
        study.set_user_attr(f"stage-{stage}: terms", search.psr(stage)["terms"])
        study.set_user_attr(
            f"stage-{stage}: frozen",
            [{n: as_data(v) for n, v in c.assignment.items()} for c in restriction.candidates],
        )
    if best := search.best():
        record = Path(best["record"])
        for number, chain in enumerate(configurations):
            if any(record.match(training.path) for training in chain):
                kept = {
                    "value": best["value"],
                    "budget": best["budget"],
                    "seed": best["seed"],
                    "configuration": best["configuration"],
                }
                study.set_user_attr("best", {"trial": number, **kept})
