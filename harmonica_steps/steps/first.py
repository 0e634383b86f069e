"""The samples that come first in a part, as they are known before it: imported, named or best."""

from typing import Any, NamedTuple

import numpy as np

from harmonica_steps.config import load_start
from harmonica_steps.config.start import check_start
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.records.best import ranked
from harmonica_steps.results.opened import Opened
from harmonica_steps.results.tables import POINT, read_collected
from harmonica_steps.results.trained import trained
from harmonica_steps.search.draw import BEST, COPIED, Sample, draw, seed_of_training
from harmonica_steps.search.plan import Part
from harmonica_steps.search.start import start_samples
from harmonica_steps.study.taken import taken_over
from harmonica_steps.terminal import say


class First(NamedTuple):
    """A sample that is known before the others."""

    sample: Sample
    about: dict[str, Any]
    """What its line says of where it comes from."""


def first_samples(opened: Opened, part: Part) -> list[First]:
    """Those of a part, the first of its trials.

    Parameters
    ----------
    opened
        The search.
    part
        One that draws or is guided.
    """
    if part.name == opened.parts[0].name:
        found = _imported(opened, part)
        return [*found, *_named(opened, part, len(found))]
    return _entering(opened, part) if part.entering else []


def _imported(opened: Opened, part: Part) -> list[First]:
    """The samples that a study has already tried."""
    if not opened.config.stages or not opened.config.stages[0].study:
        return []
    drawn = _uniform(opened, part)
    taken = taken_over(opened.config, opened.space, drawn)
    known = len(taken.samples)
    say(
        f"{part.name}: {known} of the {taken.tried} trials of {taken.path} are samples, "
        f"{len(drawn) - known} are drawn."
    )
    return [First(entry.sample, {"imported": entry.tried.as_data()}) for entry in taken.samples]


def _named(opened: Opened, part: Part, after: int) -> list[First]:
    """The configurations to start from."""
    entries = load_start(opened.config.start)
    named = check_start(entries, opened.space, part.fidelity)
    if len(named) > part.trials - after:
        raise HarmonicaError(
            f"start: names {len(named)} configurations, but the imported study leaves room for "
            f"{part.trials - after} in {part.name}; name fewer, or give it more samples."
        )
    samples = start_samples(opened.space, named, _uniform(opened, part)[after:])
    return [First(sample, {}) for sample in samples]


def _uniform(opened: Opened, part: Part) -> list[Sample]:
    """The samples that a part would have if nothing was known."""
    number = opened.number(part.name)
    restriction = opened.before(part)
    return list(draw(opened.space, restriction, opened.config.seed, number, part.trials))


def _entering(opened: Opened, part: Part) -> list[First]:
    """The best configurations of the parts that inform a part."""
    known = [training for name in part.told for training in trained(opened, opened.part(name))]
    best = [c.first for c in ranked(known, opened.config.objective.direction) if c.values]
    alike = opened.part(part.told[0]).trains_like(part)
    tables = {name: read_collected(opened, name) for name in part.told}
    found = []
    for trial, training in enumerate(best[: part.entering]):
        row = tables[training.part].iloc[training.trial]
        about: dict[str, Any] = {}
        seed = seed_of_training(opened.config.seed, opened.number(part.name), trial)
        if alike:
            seed = int(row["seed"])
            about["copied"] = {
                "part": training.part,
                "trial": training.trial,
                "value": training.value,
            }
        point = np.array([row[POINT + name] for name in opened.space.names], dtype=float)
        sample = Sample(
            trial,
            seed,
            int(row["candidate"]),
            tuple(point.tolist()),
            opened.space.decode(point),
            COPIED if alike else BEST,
        )
        found.append(First(sample, about))
    return found
