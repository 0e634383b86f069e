"""Drafts whose space is that of another tool: an Optuna study, or ConfigSpace."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harmonica_steps.configspace import from_configspace
from harmonica_steps.init.draft import Draft, Remark, shown_names
from harmonica_steps.study.space import space_of_study


@dataclass
class KnownSpace:
    """A space that need not be guessed."""

    about: str
    """Where it comes from, in words."""
    space: dict[str, dict[str, Any]]
    forbidden: list[dict[str, Any]] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    """What was assumed about a parameter."""
    left_out: list[Remark] = field(default_factory=list)
    fixed: dict[str, Any] = field(default_factory=dict)
    """What is the same in all trainings."""
    best: dict[str, Any] = field(default_factory=dict)
    """A good configuration to start from."""
    assumed: list[str] = field(default_factory=list)
    """What else there is to say about it."""
    study: dict[str, Any] | None = None
    direction: str | None = None
    metric: str | None = None


def of_study(path: Path, name: str | None) -> KnownSpace:
    """The space of an Optuna study.

    Raises
    ------
    HarmonicaError
        When the study cannot be read.
    """
    found = space_of_study(path, name)
    return KnownSpace(
        about=f"the study {found.name!r} in {path}",
        space=found.space,
        notes=dict(found.remarks),
        left_out=[Remark(*entry) for entry in found.left_out],
        fixed=found.constants,
        best=found.best,
        study={"path": str(path), **({"name": name} if name else {})},
        direction=found.direction,
        metric=found.metric,
    )


def of_configspace(path: Path) -> KnownSpace:
    """The space in a JSON file of ConfigSpace's.

    Raises
    ------
    HarmonicaError
        When it cannot be read, or has no counterpart here.
    """
    found = from_configspace(path)
    return KnownSpace(
        about=f"the ConfigSpace in {path}",
        space=found.sections["space"],
        forbidden=found.sections.get("forbidden", []),
        fixed=found.constants,
        assumed=[f"not imported: {remark}" for remark in found.left_out],
    )


def use(draft: Draft, known: KnownSpace) -> None:
    """Replace the space of a draft, and what follows from it.

    Parameters
    ----------
    draft
        Complete, for the program or without one.
    known
        What replaces its space.
    """
    program_lacks = [name for name in known.space if name not in draft.space]
    if draft.space and program_lacks:
        draft.todo.append(
            f"objective: the program does not seem to have {shown_names(program_lacks)}; make sure "
            "that it receives them under the right names"
        )
    draft.about = known.about
    draft.space, draft.notes, draft.forbidden = known.space, known.notes, known.forbidden
    draft.start, draft.study = known.best, known.study
    draft.left_out, draft.fixed = known.left_out, known.fixed
    draft.assumed += known.assumed
    draft.is_known = True
    if known.fixed:
        draft.assumed.append(f"all trainings share {shown_names(known.fixed)} (fidelity)")
    if known.direction:
        draft.objective["direction"] = known.direction
        draft.todo = [todo for todo in draft.todo if not todo.startswith("objective.direction")]
        draft.assumed.append(f"the direction is that of the study: {known.direction}")
    if known.metric and known.metric != draft.objective["metric"]:
        draft.objective["metric"] = known.metric
        draft.assumed.append(f"the metric is called {known.metric!r}, as in the study")
