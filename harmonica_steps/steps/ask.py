"""The samples of a round that the optimiser chooses itself, given all that is known."""

import json
import traceback
from typing import Any

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import damaged
from harmonica_steps.optimisers import Chosen, Earlier, Optimiser, Request
from harmonica_steps.optimisers.chosen_samples import chosen_samples
from harmonica_steps.records.sample import REPAIR
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.results.tables import read_collected, samples_in
from harmonica_steps.search.draw import Sample, seed_of_round
from harmonica_steps.search.failure_policy import scores
from harmonica_steps.search.plan import Part
from harmonica_steps.search.propose import Proposer, Seen
from harmonica_steps.terminal import say

Notes = dict[str, Any]


def ask_part(search: SearchRun, part: Part) -> tuple[list[Sample], list[Notes]]:
    """The samples of a round, and what the optimiser keeps of each for later rounds.

    Parameters
    ----------
    search
        The search.
    part
        The round.

    Raises
    ------
    HarmonicaError
        When the optimiser fails, or chooses what it may not.
    """
    final = search.config.final
    if not isinstance(final, Optimiser):
        raise HarmonicaError(
            f"final.optimiser: {final.optimiser} has a round with the origin 'ask', but is not "
            "derived from harmonica_steps.optimisers.Optimiser."
        )
    position, restriction = search.position(part.name), search.restriction_before(part)
    earlier = tuple(_earlier(search, search.part(name)) for name in part.informed_by)
    seen = Seen(search.space, [known.samples for known in earlier])
    # They lend their seeds.
    proposer = Proposer(search.space, restriction, search.config.seed, position, trained=seen)
    drawn = proposer.samples(range(part.trials))
    request = Request(
        search.space,
        restriction,
        part.trials,
        seed_of_round(search.config.seed, position),
        earlier,
        [sample.configuration for sample in drawn],
    )
    chosen = _chosen(final, request)
    try:
        samples = chosen_samples(request, chosen, drawn)
        notes = [json.loads(json.dumps(choice.notes, allow_nan=False)) for choice in chosen]
    except (HarmonicaError, TypeError, ValueError) as error:
        raise HarmonicaError(
            f"final.optimiser: {final.label} has chosen what cannot be trained: {error}."
        ) from None
    say(
        f"{part.name}: {final.label} was given {len(request.known.scores)} trainings and asked for "
        f"{part.trials}."
    )
    return samples, notes


def _chosen(final: Optimiser, request: Request) -> list[Chosen]:
    try:
        return list(final.choose(request))
    except HarmonicaError:
        raise
    except Exception as error:  # whatever a user's own does
        where = traceback.extract_tb(error.__traceback__)[-1]
        raise HarmonicaError(
            f"final.optimiser: {final.label} fails: {type(error).__name__}: {error} "
            f"({where.filename}, line {where.lineno})."
        ) from error


def _earlier(search: SearchRun, part: Part) -> Earlier:
    table = read_collected(search, part.name)
    lines = search.samples(part.name)
    # Whatever a failure counts as in a regression, here it is one.
    values = table["value"].to_numpy(dtype=float).tolist()
    known = scores(values, search.config.objective.direction, "drop")
    samples = samples_in(table, search.space, known)
    if part.stage is not None:
        return Earlier(part.name, samples, None)
    notes = [line["asked"] for line in lines if "asked" in line]
    if len(notes) == part.trials:
        return Earlier(part.name, samples, notes)
    if part.origin == "ask":
        path = search.folder.samples(part.name)
        raise damaged(path, "has samples that the optimiser has not chosen", REPAIR)
    return Earlier(part.name, samples, None)
