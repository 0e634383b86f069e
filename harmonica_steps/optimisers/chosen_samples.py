"""What an optimiser has chosen, as samples."""

from collections.abc import Sequence

import numpy as np

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.optimisers.optimiser import Chosen, Request
from harmonica_steps.search.draw import ASKED, Sample
from harmonica_steps.search.samples import consistent, observed


def chosen_samples(
    request: Request, chosen: Sequence[Chosen], drawn: Sequence[Sample]
) -> list[Sample]:
    """The samples that some choices are.

    Parameters
    ----------
    request
        What was asked for.
    chosen
        The answer.
    drawn
        Uniform samples, which lend their numbers and seeds.

    Raises
    ------
    HarmonicaError
        When there are more or fewer than asked for, or one is not a configuration that the stages
        have left, or is forbidden.
    """
    for number, choice in enumerate(chosen, start=1):
        if not isinstance(choice, Chosen):
            kind = type(choice).__name__
            raise HarmonicaError(f"configuration {number} is a {kind}, not a Chosen")
    if len(chosen) != request.count:
        raise HarmonicaError(f"{len(chosen)} configurations instead of {request.count}")
    return [
        _sample(request, number, choice, sample)
        for number, (choice, sample) in enumerate(zip(chosen, drawn, strict=True), start=1)
    ]


def _sample(request: Request, number: int, choice: Chosen, drawn: Sample) -> Sample:
    space = request.space
    given = {
        n: v.item() if isinstance(v, np.generic) else v for n, v in choice.configuration.items()
    }
    if unknown := given.keys() - set(space.names):
        listed = ", ".join(sorted(map(str, unknown)))
        raise HarmonicaError(f"configuration {number}: {listed}: not a parameter of the space")
    try:
        point = space.point(given)
        configuration = {n: space.parameters[n].spelled(value) for n, value in given.items()}
    except HarmonicaError as error:
        raise HarmonicaError(f"configuration {number}: {str(error).rstrip('.')}") from None
    if space.forbids(configuration):
        raise HarmonicaError(f"configuration {number} is one of the forbidden combinations")
    sample = Sample(drawn.trial, drawn.seed, 0, tuple(point.tolist()), configuration, ASKED)
    candidate = choice.candidate
    if candidate is not None and candidate not in range(len(request.restriction.candidates)):
        kept = len(request.restriction.candidates)
        raise HarmonicaError(
            f"configuration {number}: candidate {candidate} does not exist; the stages have kept "
            f"{kept}, numbered from 0"
        )
    if candidate is None:
        agreeing = consistent(space, request.restriction, observed([sample], np.zeros(1)))
        if not len(agreeing.candidate):
            raise HarmonicaError(
                f"configuration {number} is outside of what the stages have left; keep what "
                "request.restriction assigns"
            )
        candidate = int(agreeing.candidate[0])
    return Sample(drawn.trial, drawn.seed, candidate, sample.point, configuration, ASKED)
