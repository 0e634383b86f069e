"""Known configurations that a search starts from."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.search.draw import START, Sample
from harmonica_steps.space import Space, Value


def start_samples(
    space: Space, entries: Sequence[Mapping[str, Value]], drawn: Sequence[Sample]
) -> list[Sample]:
    """The samples that some configurations are.

    Parameters
    ----------
    space
        The search space.
    entries
        The configurations. A parameter that one does not name is drawn.
    drawn
        Samples in whose place they are trained, at least as many.

    Raises
    ------
    HarmonicaError
        When one is a forbidden combination with what is drawn.
    """
    found = []
    for number, (entry, sample) in enumerate(zip(entries, drawn, strict=False), start=1):
        point = list(sample.point)
        for name, value in entry.items():
            point[space.names.index(name)] = space.coordinate(name, value)
        numbers = {n: value for n, value in entry.items() if space.parameters[n].numeric}
        configuration = {**sample.configuration, **space.decode(point), **numbers}
        if space.forbids(configuration):
            raise HarmonicaError(
                f"start.{number}: together with the values drawn for the parameters that it leaves "
                "out it is a forbidden combination; name all parameters."
            )
        found.append(replace(sample, point=tuple(point), configuration=configuration, origin=START))
    return found
