"""The end of a search: one table of the bracket, and the best configuration."""

import json
import shlex

import pandas as pd

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import read_json, write_json, write_text
from harmonica_steps.objective.program import PLACEHOLDERS, command_line
from harmonica_steps.results.opened import Opened
from harmonica_steps.results.tables import read_table, write_table
from harmonica_steps.search.promotion import promoted


def finish(opened: Opened) -> str:
    """Write ``final/table.parquet``, ``best.json`` and the plain configuration beside it.

    The best is the one with the best score at the largest budget at which any training succeeded.

    Returns
    -------
    str
        What to tell the user.
    """
    rungs = [part for part in opened.parts if part.rung is not None]
    tables = [
        read_table(opened.folder.metrics(p.name)).assign(rung=p.rung, budget=float(p.budget))
        for p in rungs
    ]
    write_table(opened.folder.root / "final/table.parquet", pd.concat(tables), twin=True)
    for part, table in zip(reversed(rungs), reversed(tables), strict=True):
        scores = table["score"].to_numpy(dtype=float)
        (trial,) = promoted(scores, 1)
        if table["status"].iloc[trial] == "ok":
            return _write(opened, part.name, trial)
    raise HarmonicaError("final: not one training succeeded, so there is no best configuration.")


def _write(opened: Opened, part: str, trial: int) -> str:
    record = read_json(opened.folder.record(part, trial))
    objective = opened.config.objective
    again = opened.folder.root / "best-again"
    configuration = opened.folder.root / "best-configuration.json"
    values = {
        "config": str(configuration),
        "result": str(again / "result.json"),
        "seed": str(record["seed"]),
        "budget": str(record["budget"]),
        "workdir": str(again),
        "checkpoint": str(again / "checkpoint"),
    }
    environment = [f"HARMONICA_{name.upper()}={values[name]}" for name in PLACEHOLDERS]
    environment.append(f"HARMONICA_METRIC={objective.metric}")
    argv = command_line(objective.model_dump(), values)
    command = f"mkdir -p {shlex.quote(values['checkpoint'])} && " + shlex.join(
        ["env", *environment, *argv]
    )
    write_text(configuration, json.dumps(record["configuration"], indent=2) + "\n")
    write_json(
        opened.folder.best,
        {
            "search": opened.config.search,
            "metric": objective.metric,
            "direction": objective.direction,
            "value": record["value"],
            "metrics": record["metrics"],
            "configuration": record["configuration"],
            "seed": record["seed"],
            "budget": record["budget"],
            "record": str(opened.folder.record(part, trial)),
            "train_again": command,
        },
    )
    return f"best {objective.metric}: {record['value']:g} ({opened.folder.best})"
