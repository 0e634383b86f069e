"""Choose the samples of a part from what the parts before it have shown."""

import numpy as np

from harmonica_steps.results.opened import Opened
from harmonica_steps.results.samples import trained
from harmonica_steps.search.draw import Sample
from harmonica_steps.search.plan import Part
from harmonica_steps.search.propose import Proposer, Seen, share_of_guided
from harmonica_steps.search.samples import observed
from harmonica_steps.terminal import say


def propose(opened: Opened, part: Part, first: list[Sample]) -> list[Sample]:
    """The samples of a part: the first ones, which are known, and those chosen after them.

    Parameters
    ----------
    opened
        The search.
    part
        A stage, or a part of the final search that draws or is guided.
    first
        Samples that it has already.
    """
    trainings = {name: trained(opened, name) for name in part.told}
    alike = [found for name, found in trainings.items() if opened.part(name).trains_like(part)]
    if first:
        alike.append(observed(first, np.zeros(len(first))))
    restriction, share = opened.before(part), part.guided
    if part.stage is not None and part.stage > 1:
        share = share_of_guided(share, opened.restriction(part.stage - 2), restriction)
    proposer = Proposer(
        opened.space,
        restriction,
        opened.config.seed,
        opened.number(part.name),
        list(trainings.values()),
        share,
        restriction if part.stage is None else None,
        Seen(opened.space, alike),
    )
    samples = [*first, *proposer.samples(range(len(first), part.trials))]
    if proposer.repeated:
        say(
            f"{part.name}: hardly any new configurations are left: {proposer.repeated} of "
            f"{part.trials} "
            "samples were trained before, and are trained again with other seeds."
        )
    return samples
