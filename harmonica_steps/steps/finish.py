"""The end of a search: one table of the final search, and the best configuration."""

import json
import shlex
from math import fsum
from typing import Any

import pandas as pd

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import write_json, write_text
from harmonica_steps.objective.command import (
    command_line,
    environment,
    setting_names,
    training_values,
)
from harmonica_steps.objective.workdir import WorkDirectory
from harmonica_steps.records.best import Candidate, Ranking, Trained, about_better
from harmonica_steps.results.opened import Opened
from harmonica_steps.results.tables import read_collected, write_table
from harmonica_steps.results.trained import ranking_of
from harmonica_steps.search.plan import Part


def finish(opened: Opened) -> str:
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
    final = [part for part in opened.parts if part.stage is None]
    tables = [_labelled(opened, part) for part in final]
    write_table(opened.folder.table, pd.concat(tables), twin=True)
    order = ranking_of(opened)
    if order.best is None:
        raise HarmonicaError(
            "final: no training succeeded at any budget and fidelity of the final search: there is "
            "no best configuration."
        )
    return _write(opened, order, order.best)


def _labelled(opened: Opened, part: Part) -> pd.DataFrame:
    """The table of a part that says which part it is."""
    single = part.rung is not None and part.bracket is None
    where = {"rung": part.rung} if single else {"part": part.name}
    return read_collected(opened, part.name).assign(**where, budget=float(part.budget))


def _write(opened: Opened, order: Ranking, best: Candidate) -> str:
    path = opened.folder.record(best.first.part, best.first.trial)
    record = opened.record(best.first.part, best.first.trial)
    objective = opened.config.objective
    again = opened.folder.root / "best-again"
    configuration = opened.folder.configuration
    values = training_values(record, WorkDirectory(again), configuration)
    names = setting_names(opened.config.space, (part.fidelity for part in opened.parts))
    data = objective.model_dump(mode="json")
    told = [f"{name}={value}" for name, value in environment(data, values).items()]
    argv = command_line(data, values, record["configuration"], names)
    command = f"mkdir -p {shlex.quote(values['checkpoint'])} && " + shlex.join(
        ["env", *told, *argv]
    )
    write_text(configuration, json.dumps(record["configuration"], indent=2) + "\n")
    better = order.better
    note = about_better(better, best.first, objective.metric) if better else None
    write_json(
        opened.folder.best,
        {
            "search": opened.config.search,
            "metric": objective.metric,
            "direction": objective.direction,
            "value": best.value,
            "values": [t.value for t in best.trainings if t.value is None or t in best.counting],
            "metrics": _means(opened, best),
            "configuration": record["configuration"],
            "seed": record["seed"],
            "budget": record["budget"],
            "competed": order.competed,
            "better": better and {**_where(opened, better), "note": note},
            "record": str(path),
            "train_again": command,
        },
    )
    said = f"best {objective.metric}: {best.value:g}, {order.chosen} ({opened.folder.best})"
    return f"{said}\n{note}" if note else said


def _where(opened: Opened, training: Trained) -> dict[str, Any]:
    return {
        "part": training.part,
        "trial": training.trial,
        "value": training.value,
        "budget": training.budget,
        "fidelity": training.fidelity,
        "record": str(opened.folder.record(training.part, training.trial)),
    }


def _means(opened: Opened, best: Candidate) -> dict[str, float]:
    """The other metrics, over the trainings that have them."""
    found: dict[str, list[float]] = {}
    for training in best.counting:
        record = opened.record(training.part, training.trial)
        for name, value in record["metrics"].items():
            if training.value is not None:
                found.setdefault(name, []).append(value)
    return {name: fsum(values) / len(values) for name, values in found.items()}
