"""Node side: runs the pieces of one task, and writes a status file for each that has ended.

What it knows is one line of the batch file. It starts without the rest of the package: see
`start_worker`.

A status is only written about what a piece did on its own. Whatever ends the task as a whole (time
limit, preemption, scancel, a lost node) leaves no status: SLURM may start the task again, and then
it continues with the pieces that have none.
"""

import contextlib
import errno
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from snakemake_executor_plugin_submitit.command import Command
from snakemake_executor_plugin_submitit.processes import (
    ENDS,
    Signals,
    adopt_orphans,
    died,
    end_orphans,
)
from snakemake_executor_plugin_submitit.requeue import Requeue

GRACE = 20.0
"""Seconds between asking pieces to end and ending them; SLURM's own KillWait is mostly 30."""

SIGNAL_LEAD = 3.0
"""SLURM's SIGTERM can reach a piece this long before it reaches the worker."""

TERMINATED = 128 + signal.SIGTERM

AGAIN = 5.0
"""Seconds until what a full disk, or a file system that is away, has refused is tried again."""

PATIENCE = 900.0
"""Seconds after which such a thing is given up."""

LASTING = {errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.EPERM, errno.E2BIG, errno.ENOEXEC}
"""Reasons not to start a command that do not pass: a folder or a shell that is not there."""


class Worker:
    """The pieces of one task."""

    def __init__(self, folder: Path, task: dict[str, Any], signals: Signals) -> None:
        self.folder = folder
        self.task = task
        self.signals = signals
        self.requeue = Requeue()
        # A local task may run inside a job of SLURM that is not its own.
        self.on_slurm = task.get("place", "slurm") == "slurm"
        self.restarts = int(os.environ.get("SLURM_RESTART_COUNT") or 0) if self.on_slurm else 0
        self.progress = False
        self.failed = False
        self.running: list[Command] = []
        self.unwritten: dict[int, dict[str, Any]] = {}
        self.trouble = 0.0
        self.waiting = [n for n in map(int, task["pieces"]) if not has_ended(folder, n)]

    def run(self) -> int:
        """Run the pieces to their end; the exit status of the task."""
        if self.restarts > self.task["restarts"]:
            for number in self.waiting:
                self.failed_alone(number, "restarts")
            self.waiting.clear()
            self.write()
        while True:
            self.start_waiting()
            if not (self.waiting or self.running or self.unwritten):
                return int(self.failed)
            arrived = self.signals.wait(self.until_next_step())
            ended = [piece for piece in self.running if piece.has_ended()]
            if any(died(piece.process.returncode) for piece in ended):
                arrived |= self.signals.wait_for_end(SIGNAL_LEAD)
            if arrived & ENDS:
                self.stop()
                self.write()
                return TERMINATED
            for piece in ended:
                self.running.remove(piece)
                self.unwritten[piece.number] = piece.result()
                self.failed |= piece.process.returncode != 0
                self.progress = True
            self.write()
            if signal.SIGUSR2 in arrived:
                self.time_is_nearly_over()
            self.requeue.keep_trying()
            self.apply_limit()
            if self.unwritten and self.hopeless:
                self.stop()
                return 1

    def start_waiting(self) -> None:
        """Start as many pieces as may run side by side, none while results cannot be written."""
        while self.waiting and len(self.running) < self.task["parallel"] and not self.unwritten:
            number = self.waiting[0]
            try:
                if not (self.folder / f"stop/{number}").exists():  # wanted by the controller
                    spec = {**self.task, **self.task["pieces"][str(number)]}
                    first = self.restarts == 0
                    self.running.append(Command(number, spec, self.folder, first=first))
                    self.trouble = 0.0
            except OSError as error:
                self.note_trouble(f"piece {number} cannot be started: {error}")
                if error.errno not in LASTING and not self.hopeless:
                    return
                self.failed_alone(number, "start", str(error))
                self.write()
            self.waiting.pop(0)

    def failed_alone(self, number: int, cause: str, error: str = "") -> None:
        """Note the end of a piece that has not been started."""
        now = time.time()
        self.unwritten[number] = {"exit": None, "cause": cause, "started": now, "error": error}
        self.failed = True

    def until_next_step(self) -> float | None:
        """Seconds until something is to be done without a signal; None if nothing is."""
        steps = [self.requeue.until_next_call()]
        if self.task["limit"] and self.running:
            oldest = min(piece.started for piece in self.running)
            steps.append(max(oldest + self.task["limit"] - time.time(), 0.5))
        if self.unwritten or (self.waiting and len(self.running) < self.task["parallel"]):
            steps.append(AGAIN)
        return min((seconds for seconds in steps if seconds is not None), default=None)

    def apply_limit(self) -> None:
        """End pieces that would otherwise use up the time of those behind them."""
        for piece in self.running:
            over = time.time() - piece.started - (self.task["limit"] or float("inf"))
            if over > GRACE:
                piece.signal(signal.SIGKILL)
            elif over > 0 and not piece.killed:
                piece.signal(signal.SIGTERM)
                piece.killed = "time"

    def time_is_nearly_over(self) -> None:
        """Queue the task again, if that leads further."""
        useful = self.progress or self.task["resumable"]
        own = self.on_slurm and "SLURM_JOB_ID" in os.environ
        if own and useful and self.restarts < self.task["restarts"]:
            self.requeue.start()

    def stop(self) -> None:
        """End all pieces, without a word about them."""
        for number, seconds in ((signal.SIGTERM, GRACE), (signal.SIGKILL, 1.0)):
            for piece in self.running:
                piece.signal(number)
            end = time.monotonic() + seconds
            while time.monotonic() < end and not all(p.has_ended() for p in self.running):
                self.signals.wait(0.2)

    def write(self) -> None:
        """Write what is to be reported; what cannot be written now is kept."""
        try:
            for number, result in list(self.unwritten.items()):
                write_status(self.folder, number, result)
                del self.unwritten[number]
                self.trouble = 0.0
        except OSError as error:
            self.note_trouble(f"the status of piece {number} cannot be written: {error}")

    @property
    def hopeless(self) -> bool:
        """Whether files have been in trouble for too long, or are not there any more."""
        lasts = self.trouble and time.monotonic() - self.trouble > PATIENCE
        return bool(lasts) or not self.folder.exists()

    def note_trouble(self, what: str) -> None:
        """Say once what is in the way, in the task's own log: that disk may be full as well."""
        if not self.trouble:
            self.trouble = time.monotonic()
            with contextlib.suppress(OSError):
                print(f"submitit worker: {what}", file=sys.stderr, flush=True)


def write_status(folder: Path, number: int, result: dict[str, Any]) -> None:
    """Write a status under another name and rename it, so readers see whole files."""
    kind = "ok" if result["exit"] == 0 else "failed"
    where = {"host": os.environ.get("SLURMD_NODENAME") or os.uname().nodename}
    beside = folder / f"status/.{number}.{os.getpid()}"
    beside.write_text(json.dumps({**result, **where, "ended": time.time()}))
    beside.rename(folder / f"status/{number}.{kind}")


def has_ended(folder: Path, number: int) -> bool:
    """Whether an earlier start of this task has brought a piece to its end."""
    return any((folder / f"status/{number}.{kind}").exists() for kind in ("ok", "failed"))


def main(batch: Path, offset: int) -> int:
    """Run the task whose line starts at `offset` of the batch file."""
    with batch.open("rb") as lines:
        lines.seek(offset)
        task = json.loads(lines.readline())
    worker = Worker(batch.parent, task, Signals())
    adopt_orphans()
    try:
        return worker.run()
    except OSError:
        worker.stop()  # no piece must outlive its worker
        raise
    finally:
        end_orphans()
        signal.signal(signal.SIGUSR2, signal.SIG_IGN)  # Python's own end takes its handler away
