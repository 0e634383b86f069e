"""What the parts of a search have trained, as samples with scores."""

from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.results.tables import read_collected, samples_in
from harmonica_steps.search.samples import Samples, usable


def trained_samples(search: SearchRun, name: str) -> Samples:
    """The samples of a part that were trained; smaller scores are better, NaN is a failure."""
    table = read_collected(search, name)
    return samples_in(table, search.space, table["score"].to_numpy(dtype=float))


def trained_alike(search: SearchRun, stage: int) -> dict[str, Samples]:
    """The samples of a stage, and of the stages before it that train in the same way."""
    now = search.part(f"stage-{stage}")
    names = [now.name, *(f"stage-{earlier}" for earlier in range(1, stage))]
    alike = {n: trained_samples(search, n) for n in names if search.part(n).trains_like(now)}
    return {n: found for n, found in alike.items() if n == now.name or len(found.scores)}


def recovered_from(search: SearchRun, stage: int) -> dict[str, Samples]:
    """The samples that the regression of a stage uses: uniform in what was left before it."""
    before = search.restriction(stage - 1)
    alike = trained_alike(search, stage)
    return {name: usable(search.space, before, found) for name, found in alike.items()}
