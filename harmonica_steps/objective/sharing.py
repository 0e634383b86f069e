"""Why trainings do not share imported modules: a note in the search's folder."""

import contextlib

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import write_text
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.results.plain import open_plain

NAME = ".not-shared"

MOST = 500
"""Characters of a note."""


def note(folder: SearchFolder, why: str | None) -> None:
    """Leave a note, or remove it where there is nothing to say."""
    path = folder.root / NAME
    with contextlib.suppress(HarmonicaError, OSError):  # trainings do without
        if why is None:
            path.unlink(missing_ok=True)
        else:
            write_text(path, " ".join(why.split())[:MOST])


def noted(folder: SearchFolder, since: float = 0.0) -> str | None:
    """What to tell the user about sharing.

    Parameters
    ----------
    folder
        The search's folder.
    since
        The time from which on a note counts.

    Returns
    -------
    str or None
        None where trainings share what they import, or were not asked to.
    """
    path = folder.root / NAME
    try:
        if path.stat().st_mtime < since:
            return None
        with open_plain(path) as stream:
            why = stream.read(4 * MOST).decode("utf-8", "replace")
    except OSError:
        return None
    return (
        f"Trainings do not share imported modules, because {why}; each imports its own. The "
        "results are the same. To silence this message set objective.preload: []."
    )
