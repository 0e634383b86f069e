"""Ask a sampler for the samples of a round, given all that is known."""

from typing import Any

from harmonica_steps.config import OptunaRounds
from harmonica_steps.files import damaged
from harmonica_steps.records.sample import REPAIR
from harmonica_steps.records.sample import Asked as Kept
from harmonica_steps.results.opened import Opened
from harmonica_steps.results.statuses import SKIPPED
from harmonica_steps.results.tables import read_collected, samples_in
from harmonica_steps.search.draw import Sample, draw
from harmonica_steps.search.plan import Part
from harmonica_steps.search.scores import scores
from harmonica_steps.study.ask import Question, Told, ask, seed_of_round
from harmonica_steps.study.sampler import make_sampler
from harmonica_steps.terminal import say


def ask_part(opened: Opened, part: Part, final: OptunaRounds) -> tuple[list[Sample], list[Kept]]:
    """The samples of a round.

    Parameters
    ----------
    opened
        The search.
    part
        The round.
    final
        What asks for it.
    """
    question = Question(opened.space, opened.before(part))
    told: list[Told] = []
    notes: dict[str, Any] = {}
    for name in part.told:
        table = read_collected(opened, name)
        table = table[table["status"] != SKIPPED]
        # Whatever a failure counts as in a regression, here it is one.
        values = table["value"].to_numpy(dtype=float).tolist()
        known = scores(values, opened.config.objective.direction, "drop")
        if opened.part(name).stage is not None:
            told += question.agreeing(samples_in(table, opened.space, known))
        else:
            before = _asked(opened, name)
            told += [
                Told.of(trial["parameters"], score, trial["notes"])
                for trial, score in zip(before, known, strict=True)
            ]
            notes = before[-1].get("study", {})
    seed = seed_of_round(opened.config.seed, opened.number(part.name))
    sampler = make_sampler(final.sampler, final.settings, seed)
    # They lend their seeds.
    drawn = draw(
        opened.space, opened.before(part), opened.config.seed, opened.number(part.name), part.trials
    )
    asked, notes = ask(sampler, question, told, part.trials, notes)
    kept: list[Kept] = [{"parameters": trial.parameters, "notes": trial.notes} for trial in asked]
    kept[-1]["study"] = notes
    samples = [
        question.sample(sample, trial.parameters)
        for sample, trial in zip(drawn, asked, strict=True)
    ]
    say(f"{part.name}: {final.sampler} was given {len(told)} trials and asked for {part.trials}.")
    return samples, kept


def _asked(opened: Opened, name: str) -> list[Kept]:
    found = [line["asked"] for line in opened.samples(name) if "asked" in line]
    if len(found) < opened.part(name).trials:
        path = opened.folder.samples(name)
        raise damaged(path, "has samples that were not asked from a sampler", REPAIR)
    return found
