"""The end of a search: one table of the final search, and the best configuration."""

import json
import shlex

import pandas as pd

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import read_json, write_json, write_text
from harmonica_steps.objective.program import PLACEHOLDERS, command_line
from harmonica_steps.results.opened import Opened
from harmonica_steps.results.tables import read_table, write_table
from harmonica_steps.search.plan import Part, deciding
from harmonica_steps.search.promotion import promoted
from harmonica_steps.search.scores import scores


def finish(opened: Opened) -> str:
    """Write ``final/table.parquet``, ``best.json`` and the plain configuration beside it.

    The best is the one with the best metric at the largest budget of the final search at which any
    training succeeded; samples of stages count where they were trained in just the same way, also
    if all of the final search has failed. Where the best were trained once more, it is the best of
    these.

    Returns
    -------
    str
        What to tell the user.
    """
    final = [part for part in opened.parts if part.stage is None]
    tables = [_labelled(opened, part) for part in final]
    write_table(opened.folder.root / "final/table.parquet", pd.concat(tables), twin=True)
    useful = [
        part
        for part in opened.parts
        if read_table(opened.folder.metrics(part.name))["value"].notna().any()
    ]
    among = deciding(opened.parts, useful)
    if not among:
        raise HarmonicaError("final: not one training succeeded: there is no best configuration.")
    return _write(opened, *_best(opened, among))


def _labelled(opened: Opened, part: Part) -> pd.DataFrame:
    """The table of a part that says which part it is."""
    single = part.rung is not None and part.bracket is None
    where = {"rung": part.rung} if single else {"part": part.name}
    return read_table(opened.folder.metrics(part.name)).assign(**where, budget=float(part.budget))


def _best(opened: Opened, parts: list[Part]) -> tuple[str, int]:
    """Part and trial of the best training; of equals the first."""
    tables = [read_table(opened.folder.metrics(part.name)) for part in parts]
    trials = [(p.name, i) for p, table in zip(parts, tables, strict=True) for i in table["trial"]]
    values = [value for table in tables for value in table["value"]]
    direction = opened.config.objective.direction
    (first,) = promoted(scores(values, direction, "drop"), 1)
    return trials[first]


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
