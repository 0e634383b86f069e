"""The end of a search: one table of the final search, and the best configuration."""

import json
import shlex
from math import fsum
from typing import Any

import pandas as pd

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import write_json, write_text
from harmonica_steps.objective.command import command_line, setting_names
from harmonica_steps.objective.placeholders import environment, training_values
from harmonica_steps.objective.workdir import WorkDirectory
from harmonica_steps.records.best import Candidate, Ranking, Trained, about_better
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.results.tables import read_collected, write_table
from harmonica_steps.results.trained import ranking_of
from harmonica_steps.search.plan import Part


def finish(search: SearchRun) -> str:
    """Write ``final/table.parquet``, ``best.json`` and the plain configuration next to it.

    Which configuration is the best is decided in `records.best`.

    Returns
    -------
    str
        What to tell the user.

    Raises
    ------
    HarmonicaError
        When no training of the final search, or of a stage that trains like it, succeeded.
    """
    final = [part for part in search.parts if part.stage is None]
    tables = [_labelled(search, part) for part in final]
    write_table(search.folder.table, pd.concat(tables), twin=True)
    order = ranking_of(search)
    if order.best is None:
        raise HarmonicaError(
            "final: no training succeeded at any budget and fidelity of the final search: there is "
            "no best configuration."
        )
    return _write(search, order, order.best)


def _labelled(search: SearchRun, part: Part) -> pd.DataFrame:
    """The table of a part that says which part it is."""
    single = part.rung is not None and part.bracket is None
    where = {"rung": part.rung} if single else {"part": part.name}
    return read_collected(search, part.name).assign(**where, budget=float(part.budget))


def _write(search: SearchRun, order: Ranking, best: Candidate) -> str:
    path = search.folder.record(best.first.part, best.first.trial)
    record = search.record(best.first.part, best.first.trial)
    objective = search.config.objective
    again = search.folder.root / "best-again"
    configuration = search.folder.configuration
    values = training_values(record, WorkDirectory(again), configuration)
    names = setting_names(search.config.space, (part.fidelity for part in search.parts))
    data = objective.model_dump(mode="json")
    variables = [f"{name}={value}" for name, value in environment(data, values).items()]
    argv = command_line(data, values, record["configuration"], names)
    command = f"mkdir -p {shlex.quote(values['checkpoint'])} && " + shlex.join(
        ["env", *variables, *argv]
    )
    write_text(configuration, json.dumps(record["configuration"], indent=2) + "\n")
    better = order.better
    note = about_better(better, best.first, objective.metric) if better else None
    write_json(
        search.folder.best,
        {
            "search": search.config.search,
            "metric": objective.metric,
            "direction": objective.direction,
            "value": best.value,
            "values": [t.value for t in best.trainings if t.value is None or t in best.counting],
            "metrics": _means(search, best),
            "configuration": record["configuration"],
            "seed": record["seed"],
            "budget": record["budget"],
            "competed": order.competed,
            "better": better and {**_where(search, better), "note": note},
            "record": str(path),
            "train_again": command,
        },
    )
    said = f"best {objective.metric}: {best.value:g}, {order.chosen} ({search.folder.best})"
    return f"{said}\n{note}" if note else said


def _where(search: SearchRun, training: Trained) -> dict[str, Any]:
    return {
        "part": training.part,
        "trial": training.trial,
        "value": training.value,
        "budget": training.budget,
        "fidelity": training.fidelity,
        "record": str(search.folder.record(training.part, training.trial)),
    }


def _means(search: SearchRun, best: Candidate) -> dict[str, float]:
    """The other metrics, over the trainings that have them."""
    found: dict[str, list[float]] = {}
    for training in best.counting:
        record = search.record(training.part, training.trial)
        for name, value in record["metrics"].items():
            if training.value is not None:
                found.setdefault(name, []).append(value)
    return {name: fsum(values) / len(values) for name, values in found.items()}
