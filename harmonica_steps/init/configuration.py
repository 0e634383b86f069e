"""The whole config file that a draft becomes: also stages, final search, start and import."""

from typing import Any

from harmonica_steps.config import Search, parse
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.init.draft import Draft
from harmonica_steps.init.sizes import final_for, lengths_of, stages_for
from harmonica_steps.study.first_stage import preview_import

MOST_IMPORTED = 1000
"""Samples of a first stage that takes them from a study."""


def complete(draft: Draft) -> dict[str, Any]:
    """What the config file of a draft holds.

    Parameters
    ----------
    draft
        What is done about its study and its start is added to what was assumed.

    Raises
    ------
    HarmonicaError
        When it would not be valid.
    """
    count, lengths = len(draft.space), lengths_of(draft.budget)
    budget = lengths[0] if lengths else 1
    content: dict[str, Any] = {"search": draft.name, "objective": draft.objective}
    content["space"] = draft.space
    if draft.forbidden:
        content["forbidden"] = draft.forbidden
    content["stages"] = stages_for(count, budget)
    content["final"] = final_for(count, lengths)
    if content["stages"]:
        draft.objective["transform"] = "rank"
    if draft.budget and lengths:
        default = f", close to its default {draft.budget.default:g}" if draft.budget.default else ""
        draft.assumed.append(
            f"{draft.budget.name} is the budget: from {lengths[0]:g} to {lengths[1]:g}{default}"
        )
    if draft.fixed:
        for part in (*content["stages"], content["final"]):
            part["fidelity"] = dict(draft.fixed)
    search = parse(content)
    imported = _import_study(draft, content, budget) if draft.study else False
    start = {} if imported else _start(draft, search)
    if start:
        content["start"] = [start]
    try:
        parse(content)
    except HarmonicaError:
        content.pop("start", None)
        parse(content)
    return content


def _import_study(draft: Draft, content: dict[str, Any], budget: int | float) -> bool:
    """Let the first stage have the trials of a study, if they can be imported."""
    stages = content["stages"] or stages_for(5, budget)
    first = {**stages[0], "degree": min(2, len(draft.space)), "study": draft.study}
    first["samples"] = MOST_IMPORTED
    try:
        taken = preview_import(parse({**content, "stages": [first]}))
    except HarmonicaError as error:
        reason = str(error).removeprefix("stages.1.study: ").splitlines()[0]
        draft.assumed.append(f"its trials are not imported: {reason}")
        return False
    first["samples"] = max(stages[0]["samples"], len(taken.samples))
    content["stages"] = [first, *stages[1:]]
    draft.assumed.append(
        f"{len(taken.samples)} of its {taken.tried} trials are samples of the first stage, and are "
        "not trained again, if the program here is the one that the study ran"
    )
    return True


def _start(draft: Draft, search: Search) -> dict[str, Any]:
    """The part of the draft's start that the space contains."""
    space, found = search.build_space(), {}
    for name, value in draft.start.items():
        try:
            space.coordinate(name, value)
        except (HarmonicaError, OverflowError):
            continue
        found[name] = value
    return found
