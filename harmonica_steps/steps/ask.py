"""Ask a sampler for the samples of a round, given all that is known."""

from typing import Any

from harmonica_steps.config import OptunaRounds
from harmonica_steps.files import damaged
from harmonica_steps.records.sample import REPAIR
from harmonica_steps.records.sample import Asked as Kept
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.results.statuses import SKIPPED
from harmonica_steps.results.tables import read_collected, samples_in
from harmonica_steps.search.draw import Sample, draw
from harmonica_steps.search.plan import Part
from harmonica_steps.search.scores import scores
from harmonica_steps.study.ask import KnownTrial, SamplerSpace, ask, seed_of_round
from harmonica_steps.study.sampler import make_sampler
from harmonica_steps.terminal import say


def ask_part(search: SearchRun, part: Part, final: OptunaRounds) -> tuple[list[Sample], list[Kept]]:
    """The samples of a round.

    Parameters
    ----------
    search
        The search.
    part
        The round.
    final
        What asks for it.
    """
    choices = SamplerSpace(search.space, search.restriction_before(part))
    known_trials: list[KnownTrial] = []
    notes: dict[str, Any] = {}
    for name in part.informed_by:
        table = read_collected(search, name)
        table = table[table["status"] != SKIPPED]
        # Whatever a failure counts as in a regression, here it is one.
        values = table["value"].to_numpy(dtype=float).tolist()
        known = scores(values, search.config.objective.direction, "drop")
        if search.part(name).stage is not None:
            known_trials += choices.agreeing(samples_in(table, search.space, known))
        else:
            before = _asked(search, name)
            known_trials += [
                KnownTrial.of(trial["parameters"], score, trial["notes"])
                for trial, score in zip(before, known, strict=True)
            ]
            notes = before[-1].get("study", {})
    seed = seed_of_round(search.config.seed, search.position(part.name))
    sampler = make_sampler(final.sampler, final.settings, seed)
    # They lend their seeds.
    drawn = draw(
        search.space,
        search.restriction_before(part),
        search.config.seed,
        search.position(part.name),
        part.trials,
    )
    asked, notes = ask(sampler, choices, known_trials, part.trials, notes)
    kept: list[Kept] = [{"parameters": trial.parameters, "notes": trial.notes} for trial in asked]
    kept[-1]["study"] = notes
    samples = [
        choices.sample(sample, trial.parameters) for sample, trial in zip(drawn, asked, strict=True)
    ]
    say(
        f"{part.name}: {final.sampler} was given {len(known_trials)} trials and asked for "
        f"{part.trials}."
    )
    return samples, kept


def _asked(search: SearchRun, name: str) -> list[Kept]:
    found = [line["asked"] for line in search.samples(name) if "asked" in line]
    if len(found) < search.part(name).trials:
        path = search.folder.samples(name)
        raise damaged(path, "has samples that were not asked from a sampler", REPAIR)
    return found
