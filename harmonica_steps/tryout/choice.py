"""Which training to try: one that would be drawn, the best so far, or one of the search again."""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from harmonica_steps.config import Budget, Search
from harmonica_steps.errors import HarmonicaError, near_miss
from harmonica_steps.objective.program import UNTRAINED
from harmonica_steps.records.record import Place
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.results.plan import write_plan
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.results.tables import POINT, read_drawn
from harmonica_steps.results.trained import ranking_of
from harmonica_steps.search.plan import Part, parts
from harmonica_steps.space import Space, Value
from harmonica_steps.steps.draw import draw_part


@dataclass(frozen=True)
class Choice:
    """A training to try."""

    origin: str
    """Where its configuration comes from, for people."""
    part: Part
    """The part whose budget and fixed settings it has."""
    trial: int
    seed: int
    complete: dict[str, Value]
    """Value of every parameter, active or not."""
    fixed: dict[str, Value]
    """Fixed settings."""
    budget: Budget
    continues: Place | None = None
    """The training of the search whose checkpoint it starts from."""


def drawn(config: Search, seed: int | None = None) -> Choice:
    """The first training of a search.

    Parameters
    ----------
    config
        The search to come.
    seed
        In place of the search's own.
    """
    if seed is not None:
        config = config.model_copy(update={"seed": seed})
    first = parts(config)[0]
    with tempfile.TemporaryDirectory(prefix="harmonica-draw-") as scratch:
        folder = SearchFolder(Path(scratch) / config.search)
        write_plan(folder, config)
        search = SearchRun.at(folder.root)
        draw_part(search, first.name)
        # What a study has already tried is not trained.
        trial = next(
            (
                line["trial"]
                for line in search.samples(first.name)
                if not set(UNTRAINED) & set(line)
            ),
            0,
        )
        found = _sample(search, first, trial)
    with_seed = "" if seed is None else f" with the seed {seed}"
    return replace(found, origin=f"the first sample of {first.name}{with_seed}")


def best(search: SearchRun) -> Choice:
    """The best configuration of a search so far."""
    found = ranking_of(search, so_far=True).best
    if found is None:
        raise HarmonicaError(
            f"{search.folder.root}: has no best configuration yet, because no part with a "
            "successful training has been collected. Leave out --best to try the first sample."
        )
    part = search.part(found.first.part)
    chosen = _sample(search, part, found.first.trial)
    return replace(chosen, origin=f"the best so far, {part.name}/{chosen.trial}", continues=None)


def again(search: SearchRun, name: str) -> Choice:
    """A sample of a search that has been drawn, such as ``stage-1/17``."""
    part_name, _, trial = name.rpartition("/")
    if not part_name or not trial.isdecimal():
        raise HarmonicaError(f"--trial: {name!r} is not a training; expected e.g. stage-1/17.")
    part = search.part(part_name)
    if int(trial) >= part.trials:
        raise HarmonicaError(
            f"--trial: {part_name} has trainings 0 to {part.trials - 1}, got {trial}."
        )
    if not search.folder.samples(part_name).is_file():
        raise HarmonicaError(
            f"--trial: the samples of {part_name} have not been drawn in {search.folder.root}. "
            "Leave out --trial to try the first sample of the search."
        )
    if why := search.why_skipped(part_name):
        raise HarmonicaError(
            f"--trial: {part_name} is skipped, because {why}: it has no samples. Leave out --trial "
            "to try the first sample of the search."
        )
    return replace(_sample(search, part, int(trial)), origin=f"{part_name}/{int(trial)}, again")


def in_part(choice: Choice, search: Search, name: str | None, budget: Budget | None) -> Choice:
    """The same configuration, trained as in another part or with another budget."""
    if name is not None and name != choice.part.name:
        known = {part.name: part for part in parts(search)}
        if name not in known:
            raise HarmonicaError(f"--part: {name!r} is not a part{near_miss(name, known)}")
        part = known[name]
        choice = replace(
            choice, part=part, trial=0, budget=part.budget, fixed=part.fidelity, continues=None
        )
    return choice if budget is None else replace(choice, budget=budget, continues=None)


def configuration(space: Space, choice: Choice) -> dict[str, Value]:
    """What the training is given: active parameters and fixed settings."""
    return {**space.active(choice.complete), **choice.fixed}


def _sample(search: SearchRun, part: Part, trial: int) -> Choice:
    line, row = search.samples(part.name)[trial], read_drawn(search, part.name).iloc[trial]
    space = search.space
    given = line["configuration"]
    # The table has the coordinates of withheld parameters, the line the exact values of the others.
    complete = space.decode([float(row[POINT + name]) for name in space.names])
    return Choice(
        origin="",
        part=part,
        trial=trial,
        seed=line["seed"],
        complete={name: given.get(name, value) for name, value in complete.items()},
        fixed={name: value for name, value in given.items() if name not in space.names},
        budget=part.budget,
        continues=line["continues"],
    )
