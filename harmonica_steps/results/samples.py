"""What the parts of a search have trained, as samples with scores."""

from harmonica_steps.results.opened import Opened
from harmonica_steps.results.statuses import SKIPPED
from harmonica_steps.results.tables import read_collected, samples_in
from harmonica_steps.search.samples import Samples, usable


def trained(opened: Opened, name: str) -> Samples:
    """The samples of a part that were trained; smaller scores are better, NaN is a failure."""
    table = read_collected(opened, name)
    table = table[table["status"] != SKIPPED]
    return samples_in(table, opened.space, table["score"].to_numpy(dtype=float))


def trained_alike(opened: Opened, stage: int) -> dict[str, Samples]:
    """The samples of a stage, and of the stages before it that train in the same way."""
    now = opened.part(f"stage-{stage}")
    names = [now.name, *(f"stage-{earlier}" for earlier in range(1, stage))]
    alike = {n: trained(opened, n) for n in names if opened.part(n).trains_like(now)}
    return {n: found for n, found in alike.items() if n == now.name or len(found.scores)}


def recovered_from(opened: Opened, stage: int) -> dict[str, Samples]:
    """Those that the regression of a stage uses: uniform in what was left before it."""
    before = opened.restriction(stage - 1)
    alike = trained_alike(opened, stage)
    return {name: usable(opened.space, before, found) for name, found in alike.items()}
