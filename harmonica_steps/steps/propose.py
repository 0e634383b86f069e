"""Choose the samples of a part from what the parts before it have shown."""

import numpy as np

from harmonica_steps.results.samples import trained_samples
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.search.draw import Sample
from harmonica_steps.search.plan import Part
from harmonica_steps.search.propose import Proposer, Seen, share_of_guided
from harmonica_steps.search.samples import observed
from harmonica_steps.terminal import say


def propose(search: SearchRun, part: Part, first: list[Sample]) -> list[Sample]:
    """The samples of a part: the first ones, which are known, and those chosen after them.

    Parameters
    ----------
    search
        The search.
    part
        A stage, or a part of the final search that draws or is guided.
    first
        Samples that it has already.
    """
    trainings = {name: trained_samples(search, name) for name in part.informed_by}
    alike = [found for name, found in trainings.items() if search.part(name).trains_like(part)]
    if first:
        alike.append(observed(first, np.zeros(len(first))))
    restriction, share = search.restriction_before(part), part.guided
    if part.stage is not None and part.stage > 1:
        share = share_of_guided(share, search.restriction(part.stage - 2), restriction)
    proposer = Proposer(
        search.space,
        restriction,
        search.config.seed,
        search.position(part.name),
        list(trainings.values()),
        share,
        restriction if part.stage is None else None,
        Seen(search.space, alike),
    )
    samples = [*first, *proposer.samples(range(len(first), part.trials))]
    if proposer.repeated:
        say(
            f"{part.name}: hardly any new configurations are left: {proposer.repeated} of "
            f"{part.trials} "
            "samples were trained before, and are trained again with other seeds."
        )
    return samples
