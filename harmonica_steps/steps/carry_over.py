"""The samples of a part that are configurations of earlier parts."""

from typing import Any

import pandas as pd

from harmonica_steps.config import Retrain
from harmonica_steps.records.best import to_retrain
from harmonica_steps.records.sample import SampleLine
from harmonica_steps.results.search_run import SearchRun
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


def promote(search: SearchRun, part: Part) -> tuple[pd.DataFrame, Lines]:
    """The best of the previous rung, whose trainings continue."""
    previous = str(part.previous)
    found = read_collected(search, previous)["score"].to_numpy(dtype=float)
    before, table = _drawn(search, previous)
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


def retrain(search: SearchRun, part: Part) -> tuple[pd.DataFrame, Lines]:
    """The best of all, from the start and with seeds of their own."""
    before: dict[tuple[str, int], SampleLine] = {}
    tables = []
    for name in part.informed_by:
        drawn_lines, drawn = _drawn(search, name)
        before |= {(name, line["trial"]): line for line in drawn_lines}
        tables.append(drawn)
    settings = search.config.final.retrain or Retrain()
    known = [
        training for name in part.informed_by for training in trained(search, search.part(name))
    ]
    best = to_retrain(known, search.config.objective.direction, settings.configurations)
    chosen = [(t.part, t.trial) for t in best for _ in range(settings.seeds)]
    number = search.position(part.name)
    seeded = draw(
        search.space, search.restriction_before(part), search.config.seed, number, part.trials
    )
    lines: Lines = [
        {
            **sample_line(
                part, sample, before[first]["candidate"], _parameters(search, before[first])
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


def _parameters(search: SearchRun, line: SampleLine) -> dict[str, Any]:
    """The configuration of a sample without the fidelity of its part."""
    return {name: v for name, v in line["configuration"].items() if name in search.space.names}


def _drawn(search: SearchRun, name: str) -> tuple[Lines, pd.DataFrame]:
    return search.samples(name), read_drawn(search, name)
