"""Import of a study as the first stage."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harmonica_steps.config import Search
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.search.draw import Sample, draw
from harmonica_steps.search.imported import Imported, imported
from harmonica_steps.search.restriction import Restriction
from harmonica_steps.space import Space
from harmonica_steps.study.read import read_study


@dataclass(frozen=True)
class StudyImport:
    """What the first stage imports."""

    path: str
    """The study's file."""
    tried: int
    """The trials in it that have ended."""
    samples: list[Imported]
    """The first of the stage."""


def import_study(search: Search, space: Space, drawn: Sequence[Sample]) -> StudyImport:
    """Read the study that the first stage imports.

    Parameters
    ----------
    search, space
        The search, and the space that it is of.
    drawn
        The samples that the first stage would have without.

    Raises
    ------
    HarmonicaError
        When there is none, or it cannot be read or imported.
    """
    stage = search.stages[0]
    if stage.study is None:
        raise HarmonicaError("stages.1.study: missing.")
    path, name = stage.study.path, stage.study.name
    tried = read_study(Path(path), name, space, search.objective.direction)
    return StudyImport(path, len(tried), imported(space, stage, stage.study, drawn, tried))


def preview_import(search: Search) -> StudyImport:
    """Read it before the search starts; as `import_study`."""
    space = search.build_space()
    drawn = draw(space, Restriction(), search.seed, 1, search.stages[0].samples)
    return import_study(search, space, list(drawn))
