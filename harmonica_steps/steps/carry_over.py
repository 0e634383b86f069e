"""The samples of a part that are configurations of earlier parts."""

from typing import Any

import pandas as pd

from harmonica_steps.config import Retrain
from harmonica_steps.records.best import to_retrain
from harmonica_steps.records.sample import SampleLine
from harmonica_steps.results.opened import Opened
from harmonica_steps.results.tables import read_collected, read_drawn
from harmonica_steps.results.trained import trained
from harmonica_steps.search.draw import BEST, Sample, draw
from harmonica_steps.search.plan import Part
from harmonica_steps.search.promotion import promoted

Lines = list[SampleLine]


def sample_line(
    part: Part, sample: Sample, candidate: int, configuration: dict[str, Any]
) -> SampleLine:
    """What a training is given: these values, the part's fidelity, and the sample's seed."""
    return {
        "trial": sample.trial,
        "seed": sample.seed,
        "candidate": candidate,
        "origin": sample.origin,
        "configuration": {**configuration, **part.fidelity},
        "continues": None,
    }


def promote(opened: Opened, part: Part) -> tuple[pd.DataFrame, Lines]:
    """The best of the previous rung, whose trainings continue."""
    previous = str(part.previous)
    found = read_collected(opened, previous)["score"].to_numpy(dtype=float)
    before, table = _drawn(opened, previous)
    chosen = promoted(found, part.trials)
    lines: Lines = []
    for trial, index in enumerate(chosen):
        line: SampleLine = {
            **before[index],
            "trial": trial,
            "continues": {"part": previous, "trial": index},
        }
        if line.pop("copied", None):  # what it continues is a copy, it is not
            line["origin"] = BEST
        lines.append(line)
    table = table.iloc[chosen].reset_index(drop=True)
    table["trial"] = pd.array(range(len(chosen)), dtype="int32")
    table["origin"] = pd.array([line["origin"] for line in lines], dtype="string")
    return table, lines


def retrain(opened: Opened, part: Part) -> tuple[pd.DataFrame, Lines]:
    """The best of all, from the start and with seeds of their own."""
    before: dict[tuple[str, int], SampleLine] = {}
    tables = []
    for name in part.told:
        drawn_lines, drawn = _drawn(opened, name)
        before |= {(name, line["trial"]): line for line in drawn_lines}
        tables.append(drawn)
    settings = opened.config.final.retrain or Retrain()
    known = [training for name in part.told for training in trained(opened, opened.part(name))]
    best = to_retrain(known, opened.config.objective.direction, settings.configurations)
    chosen = [(t.part, t.trial) for t in best for _ in range(settings.seeds)]
    number = opened.number(part.name)
    seeded = draw(opened.space, opened.before(part), opened.config.seed, number, part.trials)
    lines: Lines = [
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
    table["trial"] = pd.array([line["trial"] for line in lines], dtype="int32")
    table["seed"] = pd.array([line["seed"] for line in lines], dtype="int64")
    return table, lines


def _parameters(opened: Opened, line: SampleLine) -> dict[str, Any]:
    """The configuration of a sample without the fidelity of its part."""
    return {name: v for name, v in line["configuration"].items() if name in opened.space.names}


def _drawn(opened: Opened, name: str) -> tuple[Lines, pd.DataFrame]:
    return opened.samples(name), read_drawn(opened, name)
