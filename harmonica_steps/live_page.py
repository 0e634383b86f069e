"""The page of a running search, updated as trainings end."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path

from harmonica_steps.results.paths import SearchFolder

EVERY = 60.0
"""Seconds between two pages, at least."""
SHARE = 1 / 30
"""Largest fraction of the time that is spent on writing pages."""


def follow(
    folder: SearchFolder, parts: Iterable[str], every: float = EVERY, share: float = SHARE
) -> None:
    """Update the page while this process lives, whenever trainings have ended since.

    It is written by processes of their own, so that this one stays small. What goes wrong in them
    is left to the rules that write the page after each part.

    Parameters
    ----------
    folder
        The search's.
    parts
        Their names.
    every
        Seconds between two pages, at least.
    share
        Largest fraction of the time that is spent on writing them.
    """
    folder = SearchFolder(folder.root.absolute())  # whatever the working directory is later
    records = [folder.record(part, 0).parent for part in parts]
    command = [sys.executable, "-P", "-m", "harmonica_steps.report.renew", str(folder.root)]

    def keep() -> None:
        seen, pause = _changes(records), every
        while True:
            time.sleep(pause)
            found = _changes(records)
            if found == seen:
                continue
            seen, begin = found, time.monotonic()
            subprocess.run(
                command,
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            pause = max(every, (time.monotonic() - begin) / share)

    threading.Thread(target=keep, daemon=True).start()


def _changes(records: Iterable[Path]) -> list[int]:
    """When a record was last added to each part; 0 where there is none yet."""
    found = []
    for folder in records:
        try:
            found.append(folder.stat().st_mtime_ns)
        except OSError:
            found.append(0)
    return found
