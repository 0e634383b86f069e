"""All trainings of a search in one CSV file."""

import csv
import io
from pathlib import Path

from harmonica_steps.export.trainings import Training, trainings
from harmonica_steps.files import write_text
from harmonica_steps.outputs import check_output, head
from harmonica_steps.results.search_run import SearchRun

FIRST = ("part", "trial", "status", "value", "budget", "seed", "candidate", "origin", "cause")
"""The columns of every table."""


def export_table(search: SearchRun, path: Path) -> str:
    """Write one row per training: what it was, its outcome, every parameter and other metric.

    A parameter that was withheld from the training is empty. Columns of metrics, fixed settings
    and times have a prefix with a colon, which no parameter can have.

    Parameters
    ----------
    search
        The search.
    path
        The file. An earlier table is replaced.

    Returns
    -------
    str
        What to tell the user.

    Raises
    ------
    HarmonicaError
        When the file holds anything but an earlier table.
    """
    check_output(
        path, "a table", lambda file: head(file).startswith(f"{','.join(FIRST)},".encode())
    )
    rows = [_row(training) for training in trainings(search)]
    names = list(search.space.names)
    others = sorted({name for row in rows for name in row} - {*FIRST, *names})
    text = io.StringIO()
    writer = csv.DictWriter(text, [*FIRST, *names, *others], restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, text.getvalue())
    return f"{path}: {len(rows)} trainings"


def _row(training: Training) -> dict[str, object]:
    return {
        "part": training.part.name,
        "trial": training.trial,
        "status": training.status,
        "value": training.value,
        "budget": training.part.budget,
        "seed": training.seed,
        "candidate": training.candidate,
        "origin": training.origin,
        "cause": training.cause,
        **training.parameters,
        **{f"metric:{name}": value for name, value in training.metrics.items()},
        **{f"fidelity:{name}": value for name, value in training.fidelity.items()},
        "run:started": training.started,
        "run:seconds": training.seconds,
    }
