"""The first trainings of a part: whether all of them have failed, and in the same way."""

import threading
import time
from pathlib import Path
from typing import NamedTuple

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.objective.workdir import WorkDirectory
from harmonica_steps.records.record import Record, read_record
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.results.statuses import FAILURES


class Failed(NamedTuple):
    """Trainings of a part that have all failed alike."""

    part: str
    failures: int
    trial: int
    """The first of them."""
    status: str
    error: str
    """Its cause, with the last line of its log."""
    log: str


class FirstTrainings:
    """Looks at the trainings of a part as they end, until one succeeds.

    It reads one record for each training that ends, and all records of the part at most once. After
    the first success, or two failures of different kinds, it reads nothing more.

    Parameters
    ----------
    folder
        The search's folder.
    part
        The stage or rung.
    stop_after
        How many failures are enough; 0 for never.
    """

    def __init__(self, folder: SearchFolder, part: str, stop_after: int) -> None:
        self._folder = folder
        self._part = part
        self._stop_after = stop_after
        self._began = time.time()
        self._failed: dict[int, Record] = {}
        self._settled = stop_after == 0
        self._running: WorkDirectory | None = None
        self._lock = threading.Lock()

    def ended(self, trial: int) -> Failed | None:
        """Take note of a training that has ended.

        Returns
        -------
        Failed or None
            When it is clear that the trainings of this run fail alike. It is not while a training
            runs that has outlasted each of the failures: trainings that fail are often the first
            ones to end.
        """
        with self._lock:
            if self._settled:
                return None
            record = _read(self._folder.record(self._part, trial))
            if record is None:
                return None
            self._settled = _shows_success(record)
            # One from an earlier run: the program may have been fixed since.
            if record["status"] not in FAILURES or record["run"]["started"] < self._began:
                return None
            self._failed[trial] = record
            first = self._failed[min(self._failed)]
            if _kind(record) != _kind(first):
                self._settled = True
            if self._settled or len(self._failed) < self._stop_after or self._one_outlasts_all():
                return None
            self._settled = True
            if self._has_succeeded_before():
                return None
            count = len(self._failed)
            return Failed(
                self._part,
                count,
                first["trial"],
                first["status"],
                first["error"] or first["status"],
                first["log"],
            )

    def _one_outlasts_all(self) -> bool:
        longest = max(record["run"]["seconds"] for record in self._failed.values())

        def outlasts(work: WorkDirectory) -> bool:
            started = work.started()
            age = 0.0 if started is None else time.time() - started
            return age > longest and work.is_in_use()

        if self._running is None or not outlasts(self._running):
            folders = self._folder.work(self._part, 0).parent.iterdir()
            self._running = next(filter(outlasts, map(WorkDirectory, folders)), None)
        return self._running is not None

    def _has_succeeded_before(self) -> bool:
        records = map(_read, self._folder.record(self._part, 0).parent.glob("*.json"))
        return any(_shows_success(record) for record in records if record)


def _read(path: Path) -> Record | None:
    try:
        return read_record(path)
    except HarmonicaError:
        return None


def _shows_success(record: Record) -> bool:
    """Whether the program has succeeded here; that it did in an imported study says nothing."""
    return record["status"] == "ok" and "imported" not in record


def _kind(record: Record) -> tuple[str, str | None]:
    return record["status"], record["cause"]
