"""The trainings of a part that have ended, as the rule for the best takes them."""

from harmonica_steps.records.best import Ranking, Trained, as_text, ranking
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.results.tables import read_metrics
from harmonica_steps.search.draw import COPIED
from harmonica_steps.search.plan import Part


def trained(search: SearchRun, part: Part) -> list[Trained]:
    """The trainings of a part in the order of their trials; none before its table is there.

    While its samples are drawn again, a training whose sample is gone counts as a configuration of
    its own.
    """
    if not search.folder.metrics(part.name).exists():
        return []
    drawn = [as_text(line["configuration"], part.fidelity) for line in search.drawn(part.name)]
    found = read_metrics(search, part.name)
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


def ranking_of(search: SearchRun, *, so_far: bool = False) -> Ranking:
    """The configurations of a whole search, best first; `so_far` is as in `records.best`."""
    known = [training for part in search.parts for training in trained(search, part)]
    return ranking(known, search.config.objective.direction, so_far=so_far)
