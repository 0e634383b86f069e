"""The trainings of a part that have ended, as the rule for the best takes them."""

import json

from harmonica_steps.records.best import Ranking, Trained, as_text, ranking
from harmonica_steps.results.opened import Opened
from harmonica_steps.results.tables import read_table
from harmonica_steps.search.draw import COPIED
from harmonica_steps.search.plan import Part


def trained(opened: Opened, part: Part) -> list[Trained]:
    """The trainings of a part in the order of their trials; none before its table is there.

    While its samples are drawn again, a training whose sample is gone counts as a configuration of
    its own.
    """
    table, samples = opened.folder.metrics(part.name), opened.folder.samples(part.name)
    if not table.is_file():
        return []
    lines = samples.read_text(encoding="utf-8").splitlines() if samples.is_file() else []
    drawn = {
        trial: as_text(json.loads(line)["configuration"], part.fidelity)
        for trial, line in enumerate(lines)
    }
    found = read_table(table)
    return [
        Trained(
            part.name,
            trial,
            part.budget,
            part.fidelity,
            drawn.get(trial, f"trial {trial}"),
            None if value != value else float(value),
            found["origin"][trial] == COPIED,
        )
        for trial, value in enumerate(found["value"].tolist())
    ]


def ranking_of(opened: Opened, *, so_far: bool = False) -> Ranking:
    """The configurations of a whole search, best first; `so_far` is as in `records.best`."""
    known = [training for part in opened.parts for training in trained(opened, part)]
    return ranking(known, opened.config.objective.direction, so_far=so_far)
