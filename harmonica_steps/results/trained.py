"""The trainings of a part that have ended, as the rule for the best takes them."""

from harmonica_steps.records.best import Ranking, Trained, as_text, ranking
from harmonica_steps.results.opened import Opened
from harmonica_steps.results.tables import read_metrics
from harmonica_steps.search.draw import COPIED
from harmonica_steps.search.plan import Part


def trained(opened: Opened, part: Part) -> list[Trained]:
    """The trainings of a part in the order of their trials; none before its table is there.

    While its samples are drawn again, a training whose sample is gone counts as a configuration of
    its own.
    """
    if not opened.folder.metrics(part.name).exists():
        return []
    drawn = [as_text(line["configuration"], part.fidelity) for line in opened.drawn(part.name)]
    found = read_metrics(opened, part.name)
    return [
        Trained(
            part.name,
            trial,
            part.budget,
            part.fidelity,
            drawn[trial] if trial < len(drawn) else f"trial {trial}",
            None if value != value else float(value),
            found["origin"][trial] == COPIED,
        )
        for trial, value in enumerate(found["value"].tolist())
    ]


def ranking_of(opened: Opened, *, so_far: bool = False) -> Ranking:
    """The configurations of a whole search, best first; `so_far` is as in `records.best`."""
    known = [training for part in opened.parts for training in trained(opened, part)]
    return ranking(known, opened.config.objective.direction, so_far=so_far)
