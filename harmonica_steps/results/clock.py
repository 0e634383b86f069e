"""Files from the future, as a clock that was set back leaves them.

Snakemake fails every job whose output is older than its input, and removes the output: trainings
would run again and again, and all of their records would be lost.
"""

import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from harmonica_steps.errors import HarmonicaError

NOT_COMPARED = {"work", "aside"}
"""Folders whose files Snakemake does not know."""


def bring_to_now(root: Path) -> None:
    """Set the times of a search's files from the future to now, in the order that they have."""
    now = time.time_ns()
    times = {path: path.stat().st_mtime_ns for path in _files(root)}
    future = sorted({changed for changed in times.values() if changed > now})
    # A nanosecond apart: jobs that start now end later.
    brought = {changed: now + rank for rank, changed in enumerate(future)}
    for path, changed in times.items():
        if changed in brought:
            os.utime(path, ns=(brought[changed], brought[changed]))


def check_not_from_future(paths: Iterable[str]) -> None:
    """Refuse files of the user from the future.

    Raises
    ------
    HarmonicaError
        When one was changed later than now.
    """
    for path in map(Path, paths):
        if path.exists() and (ahead := path.stat().st_mtime - time.time()) > 0:
            raise HarmonicaError(
                f"{path}: was changed {ahead:,.0f} s in the future, according to its file system; "
                "a clock is wrong, or was set back. No training was started: Snakemake would "
                "remove its "
                f"result, as older than this file. Correct the clock, or run: touch {path}"
            )


def _files(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in NOT_COMPARED]
        yield from (Path(folder, name) for name in names)
