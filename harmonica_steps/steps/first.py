"""The samples that come first in a part, as they are known before it: imported, named or best."""

from typing import Any, NamedTuple

import numpy as np

from harmonica_steps.config import load_start
from harmonica_steps.config.start import check_start
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.records.best import ranked
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.results.tables import POINT, read_collected
from harmonica_steps.results.trained import trained
from harmonica_steps.search.draw import BEST, COPIED, Sample, draw, seed_of_training
from harmonica_steps.search.plan import Part
from harmonica_steps.search.start import start_samples
from harmonica_steps.study.first_stage import import_study
from harmonica_steps.terminal import say


class First(NamedTuple):
    """A sample that is known before the others."""

    sample: Sample
    about: dict[str, Any]
    """What its line says about where it comes from."""


def first_samples(search: SearchRun, part: Part) -> list[First]:
    """The samples of a part that are known before the others: the first of its trials.

    Parameters
    ----------
    search
        The search.
    part
        One that draws or is guided.
    """
    if part.name == search.parts[0].name:
        found = _imported(search, part)
        return [*found, *_named(search, part, len(found))]
    return _entering(search, part) if part.entering else []


def _imported(search: SearchRun, part: Part) -> list[First]:
    """The samples that a study has already tried."""
    if not search.config.stages or not search.config.stages[0].study:
        return []
    drawn = _uniform(search, part)
    taken = import_study(search.config, search.space, drawn)
    known = len(taken.samples)
    say(
        f"{part.name}: {known} of the {taken.tried} trials of {taken.path} are samples, "
        f"{len(drawn) - known} are drawn."
    )
    return [First(entry.sample, {"imported": entry.tried.as_data()}) for entry in taken.samples]


def _named(search: SearchRun, part: Part, after: int) -> list[First]:
    """The configurations to start from."""
    entries = load_start(search.config.start)
    named = check_start(entries, search.space, part.fidelity)
    if len(named) > part.trials - after:
        raise HarmonicaError(
            f"start: names {len(named)} configurations, but the imported study leaves room for "
            f"{part.trials - after} in {part.name}; name fewer, or give it more samples."
        )
    samples = start_samples(search.space, named, _uniform(search, part)[after:])
    return [First(sample, {}) for sample in samples]


def _uniform(search: SearchRun, part: Part) -> list[Sample]:
    """The samples that a part would have if nothing was known."""
    number = search.position(part.name)
    restriction = search.restriction_before(part)
    return list(draw(search.space, restriction, search.config.seed, number, part.trials))


def _entering(search: SearchRun, part: Part) -> list[First]:
    """The best configurations of the parts that inform a part."""
    known = [
        training for name in part.informed_by for training in trained(search, search.part(name))
    ]
    best = [c.first for c in ranked(known, search.config.objective.direction) if c.values]
    alike = search.part(part.informed_by[0]).trains_like(part)
    tables = {name: read_collected(search, name) for name in part.informed_by}
    found = []
    for trial, training in enumerate(best[: part.entering]):
        row = tables[training.part].iloc[training.trial]
        about: dict[str, Any] = {}
        seed = seed_of_training(search.config.seed, search.position(part.name), trial)
        if alike:
            seed = int(row["seed"])
            about["copied"] = {
                "part": training.part,
                "trial": training.trial,
                "value": training.value,
            }
        point = np.array([row[POINT + name] for name in search.space.names], dtype=float)
        sample = Sample(
            trial,
            seed,
            int(row["candidate"]),
            tuple(point.tolist()),
            search.space.decode(point),
            COPIED if alike else BEST,
        )
        found.append(First(sample, about))
    return found
