"""What a user should know about a plan besides its numbers."""

from collections.abc import Iterator

from harmonica_steps.config import Search
from harmonica_steps.search.plan import parts
from harmonica_steps.space.share import share_left

MOST_COUNTED = 20_000
"""Points of a space up to which its configurations are counted."""


def remarks(search: Search) -> Iterator[str]:
    """Sentences about the space of a search."""
    space = search.build_space()
    if space.forbidden:
        yield (
            f"The forbidden combinations leave {100 * share_left(space):.3g} % of the space "
            "(samples are drawn by rejection)."
        )
    known = space.count(MOST_COUNTED)
    if known is not None and (part := _crowded(search, known)):
        yield (
            f"The space has only {known:,} different configurations: from {part} on there are more "
            "samples than configurations, so some are trained again with other seeds."
        )


def _crowded(search: Search, known: int) -> str | None:
    """The first part by which more samples are drawn than there are configurations."""
    drawn = [part for part in parts(search) if part.origin not in ("promote", "retrain")]
    for number, part in enumerate(drawn):
        if sum(p.trials for p in drawn[: number + 1] if p.trains_like(part)) > known:
            return part.name
    return None
