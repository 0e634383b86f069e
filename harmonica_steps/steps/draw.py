"""The samples of a part: drawn, chosen by the optimiser, or the best of the rung before."""

import json
from collections.abc import Sequence
from typing import Any, assert_never

import pandas as pd
from threadpoolctl import threadpool_limits

from harmonica_steps.files import write_text
from harmonica_steps.records.sample import SampleLine, Skipped
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.results.tables import sample_table, write_table
from harmonica_steps.search.plan import Part
from harmonica_steps.steps.ask import ask_part
from harmonica_steps.steps.carry_over import Lines, promote, retrain, sample_line
from harmonica_steps.steps.first import first_samples
from harmonica_steps.steps.propose import propose
from harmonica_steps.terminal import say


def draw_part(search: SearchRun, name: str) -> None:
    """Write ``samples.parquet`` and ``samples.jsonl`` of a part.

    Those that are promoted continue the trainings of the rung before. A stage that is not needed
    has no samples, but a line that says why.
    """
    part = search.part(name)
    path = search.folder.samples(name)
    if why := _needless(search, part):
        say(f"{name}: skipped, because {why}.")
        write_table(path.with_suffix(".parquet"), sample_table(search.space, []))
        write_text(path, _as_lines([Skipped(skipped=why)]))
        return
    match part.origin:
        case "promote":
            table, lines = promote(search, part)
        case "retrain":
            table, lines = retrain(search, part)
        case "draw" | "guide" | "ask":
            table, lines = _draw(search, part)
        case _:
            assert_never(part.origin)
    write_table(path.with_suffix(".parquet"), table)
    write_text(path, _as_lines(lines))


def _draw(search: SearchRun, part: Part) -> tuple[pd.DataFrame, Lines]:
    more: list[Any]
    if part.origin == "ask":
        samples, notes = ask_part(search, part)
        more = [{"asked": note} for note in notes]
    else:
        first = first_samples(search, part)
        with threadpool_limits(1):
            samples = propose(search, part, [entry.sample for entry in first])
        more = [entry.about for entry in first]
    lines = [
        sample_line(part, sample, sample.candidate, search.space.active(sample.configuration))
        for sample in samples
    ]
    for found, about in zip(lines, more, strict=False):
        found.update(about)
    return sample_table(search.space, samples), lines


def _needless(search: SearchRun, part: Part) -> str | None:
    """Why a stage is skipped: those before it have frozen nothing more."""
    patience = search.config.stages[part.stage - 1].patience if part.stage else None
    if not part.stage or not patience or part.stage <= patience:
        return None
    stages = part.stage - 1, part.stage - 1 - patience
    now, then = (search.restriction(stage).assignments for stage in stages)
    if now != then:
        return None
    before = "the stage before it has" if patience == 1 else f"the {patience} stages before it have"
    return f"{before} frozen nothing more"


def _as_lines(lines: Sequence[SampleLine | Skipped]) -> str:
    return "".join(f"{json.dumps(line)}\n" for line in lines)
