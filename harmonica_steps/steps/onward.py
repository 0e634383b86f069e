"""The samples of a part that are configurations of earlier parts."""

import json
from typing import Any

import pandas as pd

from harmonica_steps.config import Retrain
from harmonica_steps.records.best import to_retrain
from harmonica_steps.results.opened import Opened
from harmonica_steps.results.tables import read_table
from harmonica_steps.results.trained import trained
from harmonica_steps.search.draw import BEST, Sample, draw
from harmonica_steps.search.plan import Part
from harmonica_steps.search.promotion import promoted

Lines = list[dict[str, Any]]
"""Of ``samples.jsonl``."""


def sample_line(
    part: Part, sample: Sample, candidate: int, configuration: dict[str, Any]
) -> dict[str, Any]:
    """What a training is told: these values, the part's fidelity, and the sample's seed."""
    return {
        "trial": sample.trial,
        "seed": sample.seed,
        "candidate": candidate,
        "origin": sample.origin,
        "configuration": {**configuration, **part.fidelity},
        "continues": None,
    }


def promote(opened: Opened, part: Part) -> tuple[pd.DataFrame, Lines]:
    """The best of the rung before, which go on with their trainings."""
    previous = str(part.previous)
    found = read_table(opened.folder.metrics(previous))["score"].to_numpy(dtype=float)
    before, table = _drawn(opened, previous)
    chosen = promoted(found, part.trials)
    lines = []
    for trial, index in enumerate(chosen):
        line = {**before[index], "trial": trial, "continues": {"part": previous, "trial": index}}
        if line.pop("copied", None):  # what it continues is a copy, it is not
            line["origin"] = BEST
        lines.append(line)
    table = table.iloc[chosen].reset_index(drop=True)
    table["trial"] = pd.array(range(len(chosen)), dtype="int32")
    table["origin"] = pd.array([line["origin"] for line in lines], dtype="string")
    return table, lines


def retrain(opened: Opened, part: Part) -> tuple[pd.DataFrame, Lines]:
    """The best of all, from the start and with seeds of their own."""
    before: dict[tuple[str, int], dict[str, Any]] = {}
    tables = []
    for name in part.told:
        lines, drawn = _drawn(opened, name)
        before |= {(name, line["trial"]): line for line in lines}
        tables.append(drawn)
    settings = opened.config.final.retrain or Retrain()
    known = [training for name in part.told for training in trained(opened, opened.part(name))]
    best = to_retrain(known, opened.config.objective.direction, settings.configurations)
    chosen = [(t.part, t.trial) for t in best for _ in range(settings.seeds)]
    number = opened.number(part.name)
    seeded = draw(opened.space, opened.before(part), opened.config.seed, number, part.trials)
    lines = [
        {
            **sample_line(
                part, sample, before[first]["candidate"], _parameters(opened, before[first])
            ),
            "origin": before[first]["origin"],
        }
        for sample, first in zip(seeded, chosen, strict=True)
    ]
    rows = list(before)
    table = pd.concat(tables, ignore_index=True).iloc[[rows.index(origin) for origin in chosen]]
    table = table.reset_index(drop=True)
    for column, kind in (("trial", "int32"), ("seed", "int64")):
        table[column] = pd.array([line[column] for line in lines], dtype=kind)
    return table, lines


def _parameters(opened: Opened, line: dict[str, Any]) -> dict[str, Any]:
    """The configuration of a sample without the fidelity of its part."""
    return {name: v for name, v in line["configuration"].items() if name in opened.space.names}


def _drawn(opened: Opened, name: str) -> tuple[Lines, pd.DataFrame]:
    path = opened.folder.samples(name)
    text = path.read_text(encoding="utf-8")
    return [json.loads(row) for row in text.splitlines()], read_table(path.with_suffix(".parquet"))
