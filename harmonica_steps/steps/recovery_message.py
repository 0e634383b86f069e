"""What a stage has recovered, in words."""

from typing import Any

from harmonica_steps.search.restriction import Restriction, changed
from harmonica_steps.space import Space


def recovery_message(
    space: Space,
    stage: int,
    before: Restriction,
    after: Restriction,
    explained: dict[str, Any],
    *,
    has_incumbent: bool,
) -> str:
    """A sentence or two for the user.

    Parameters
    ----------
    space
        The search space.
    stage
        The number of the stage.
    before, after
        What was frozen before, and is now.
    explained
        From `explain`.
    has_incumbent
        Whether a candidate was added around the best training.
    """
    terms = explained["terms"]
    together = _together(explained) if "small effects" in explained["finding"] else ""
    if not terms and not together:
        return (
            f"stage {stage}: NOTHING RECOVERED. No term is better than chance, so this stage "
            "freezes nothing and the search continues in the same space. More samples, a lower "
            "degree or a less noisy metric may help."
        )
    if not terms:
        return (
            f"stage {stage}: MANY SMALL EFFECTS. No single term is better than chance, so this "
            f"stage freezes nothing. {together}"
        )
    new = changed(before, after)
    froze = [name for name in new if name in after.frozen]
    narrowed = [name for name in new if name in after.narrowed]
    kept = len(after.candidates)
    of_the_best = ", one for the best training" if has_incumbent else ""
    explain_s = "1 term explains" if len(terms) == 1 else f"{len(terms)} terms explain"
    return (
        f"stage {stage}: {explain_s} {explained['r2']:.0%} of the variance; "
        f"froze {', '.join(froze) or 'no further parameter'}"
        f"{', narrowed ' + ', '.join(narrowed) if narrowed else ''} "
        f"({kept} candidate{'s' if kept > 1 else ''} kept{of_the_best}, "
        f"{len(after.free(space))} of {len(space)} parameters are still drawn)"
        + (f". {together}" if together else "")
    )


def _together(explained: dict[str, Any]) -> str:
    """What many small effects say."""
    small = explained["small_effects"]
    surest = [f"{entry['parameter']}={_shown(entry['towards'])}" for entry in small["leaning"][:3]]
    return (
        f"{'The other main' if explained['terms'] else 'All main'} effects together are better "
        f"than chance (p = {small['p_value']:.1g}) and explain about "
        f"{max(small['held_out_r2'], 0):.0%} of the variance of unseen samples; guided samples "
        f"lean towards them, most surely towards {', '.join(surest)}."
    )


def _shown(value: Any) -> str:
    return f"{value['low']} to {value['high']}" if isinstance(value, dict) else str(value)
