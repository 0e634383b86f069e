"""Node side: runs the pieces of one task, and writes a status file for each that has ended.

Started as ``python -IS worker.py BATCH OFFSET``: it imports a few modules of the standard library
and nothing else. What it knows is one line of the batch file.

A status is only written about what a piece did by itself. Whatever ends the task as a whole (time
limit, preemption, scancel, a lost node) leaves no status: SLURM may start the task again, and then
it goes on with the pieces that have none.
"""

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

GRACE = 20.0
"""Seconds between asking pieces to end and ending them; SLURM's own KillWait is mostly 30."""

ORPHANS_GRACE = 2.0
"""The same for processes that pieces have left behind."""

SIGNAL_LEAD = 3.0
"""SLURM's SIGTERM can reach a piece this long before it reaches the worker."""

ENDS = {signal.SIGTERM, signal.SIGHUP}
"""Signals that end the task. The terminal's Ctrl-C does not: it is the controller that cancels."""

TERMINATED = 128 + signal.SIGTERM

PR_SET_CHILD_SUBREAPER = 36
"""From the header file linux/prctl.h."""


class Signals:
    """Signals as they arrive, to be waited for like anything else."""

    def __init__(self) -> None:
        self._read, write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(write, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        for number in (signal.SIGCHLD, signal.SIGUSR2, *ENDS):
            signal.signal(number, lambda *_: None)
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)

    def wait(self, seconds: float | None) -> set[int]:
        """The signals that have arrived, after waiting for the first of them."""
        ready, _, _ = select.select([self._read], [], [], seconds)
        return set(os.read(self._read, 4096)) if ready else set()

    def wait_for_end(self, seconds: float) -> set[int]:
        """Wait for a signal that ends the task, whatever else arrives meanwhile."""
        end = time.monotonic() + seconds
        arrived: set[int] = set()
        while not arrived & ENDS and (left := end - time.monotonic()) > 0:
            arrived |= self.wait(left)
        return arrived


class Piece:
    """One rule's command, running."""

    def __init__(self, number: int, spec: dict[str, Any], folder: Path, first: bool) -> None:
        self.number = number
        self.log = folder / f"logs/{number}.log"
        self.killed = ""
        self.cpu = self.memory = 0.0
        wait_for(spec["inputs"], spec["latency"])
        if not first:
            for path in spec["outputs"]:
                remove(Path(path))
        self.started = time.time()
        self._oom_kills = oom_kills()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [spec["shell"], "-c", spec["command"]],
                cwd=spec["cwd"],
                env={**os.environ, **temporary_folder(), **own_process(spec), **spec["env"]},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=restore_signals,  # safe: this process has one thread
            )

    def has_ended(self) -> bool:
        """Whether the command has ended; what it and all that it has waited for have used."""
        if self.process.returncode is None:
            ended, status, usage = os.wait4(self.process.pid, os.WNOHANG)
            if ended:
                self.process.returncode = os.waitstatus_to_exitcode(status)
                self.cpu = usage.ru_utime + usage.ru_stime
                self.memory = usage.ru_maxrss / (1024 if LINUX else 1024**2)
        return self.process.returncode is not None

    def signal(self, number: int) -> None:
        """Send a signal to the command and all that it has started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def result(self) -> dict[str, Any]:
        """What is to be known about the end."""
        cause = self.killed or ("memory" if oom_kills() > self._oom_kills else "")
        used = {"cpu": round(self.cpu, 2), "memory": round(self.memory)}  # seconds, MiB
        return {"exit": self.process.returncode, "cause": cause, "started": self.started, **used}


class Worker:
    """The pieces of one task."""

    def __init__(self, folder: Path, task: dict[str, Any], signals: Signals) -> None:
        self.folder = folder
        self.task = task
        self.signals = signals
        self.restarts = int(os.environ.get("SLURM_RESTART_COUNT", "0"))
        self.progress = False
        self.running: list[Piece] = []
        self.waiting = [n for n in map(int, task["pieces"]) if not has_ended(folder, n)]

    def run(self) -> int:
        """Run the pieces to their end; the exit status of the task."""
        if self.restarts > self.task["restarts"]:
            for number in self.waiting:
                self.write(number, {"exit": None, "cause": "restarts", "started": time.time()})
            return 1
        failed = False
        while self.waiting or self.running:
            while self.waiting and len(self.running) < self.task["parallel"]:
                self.start(self.waiting.pop(0))
            arrived = self.signals.wait(self.until_next_limit())
            ended = [piece for piece in self.running if piece.has_ended()]
            if any(died(piece.process.returncode) for piece in ended):
                arrived |= self.signals.wait_for_end(SIGNAL_LEAD)
            if arrived & ENDS:
                self.stop()
                return TERMINATED
            if signal.SIGUSR2 in arrived:
                self.time_is_nearly_over()
            for piece in ended:
                self.running.remove(piece)
                self.write(piece.number, piece.result())
                failed |= piece.process.returncode != 0
                self.progress = True
            self.apply_limit()
        return int(failed)

    def start(self, number: int) -> None:
        """Start a piece, unless the controller has given it up meanwhile."""
        if not (self.folder / f"stop/{number}").exists():
            spec = {**self.task, **self.task["pieces"][str(number)]}
            self.running.append(Piece(number, spec, self.folder, first=self.restarts == 0))

    def until_next_limit(self) -> float | None:
        """Seconds until a piece has used up its time; None if none has a limit of its own."""
        if not self.task["limit"] or not self.running:
            return None
        oldest = min(piece.started for piece in self.running)
        left: float = oldest + self.task["limit"] - time.time()
        return max(left, 0.5)

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
        """Queue the task again, if that leads further: SLURM then ends it with SIGTERM."""
        own_id = os.environ.get("SLURM_JOB_ID")
        useful = self.progress or self.task["resumable"]
        if own_id and useful and self.restarts < self.task["restarts"]:
            subprocess.run(["scontrol", "requeue", own_id], check=False)

    def stop(self) -> None:
        """End all pieces, without a word about them."""
        for number, seconds in ((signal.SIGTERM, GRACE), (signal.SIGKILL, 1.0)):
            for piece in self.running:
                piece.signal(number)
            end = time.monotonic() + seconds
            while time.monotonic() < end and not all(p.has_ended() for p in self.running):
                self.signals.wait(0.2)

    def write(self, number: int, result: dict[str, Any]) -> None:
        """Write a status beside and rename it: readers never see half a file."""
        kind = "ok" if result["exit"] == 0 else "failed"
        where = {"host": os.environ.get("SLURMD_NODENAME") or os.uname().nodename}
        beside = self.folder / f"status/.{number}.{os.getpid()}"
        beside.write_text(json.dumps({**result, **where, "ended": time.time()}))
        beside.rename(self.folder / f"status/{number}.{kind}")


def has_ended(folder: Path, number: int) -> bool:
    """Whether an earlier start of this task has brought a piece to its end."""
    return any((folder / f"status/{number}.{kind}").exists() for kind in ("ok", "failed"))


def died(returncode: int) -> bool:
    """Whether a command, or one that the shell ran last, was ended by a signal."""
    return returncode < 0 or returncode > 128


def restore_signals() -> None:
    """In the child. SLURM's warnings are for the worker; their default action would be to die."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for number in (signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(number, signal.SIG_IGN)


def temporary_folder() -> dict[str, str]:
    """As Snakemake sets it for the commands of rules, from what the node offers."""
    named = (os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP"))
    folder = next((path for path in named if path), "/tmp")  # noqa: S108
    return dict.fromkeys(("TMPDIR", "TMP", "TEMPDIR", "TEMP"), folder)


def own_process(task: dict[str, Any]) -> dict[str, str]:
    """For what pieces of a task share: it can live as long as this process."""
    several = len(task["pieces"]) > 1
    return {"SUBMITIT_WORKER": str(os.getpid()) if several else ""}


def wait_for(paths: list[str], seconds: float) -> None:
    """Give files that were written elsewhere time to appear; the command says what it lacks."""
    end = time.monotonic() + seconds
    for path in paths:
        while not os.path.exists(path) and time.monotonic() < end:  # noqa: PTH110 (a string)
            with contextlib.suppress(OSError):
                os.listdir(os.path.dirname(path) or ".")  # noqa: PTH208, PTH120 (renews NFS's cache)
            time.sleep(0.5)


def adopt_orphans() -> None:
    """Become the parent of processes that outlive the piece which has started them."""
    if LINUX:
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_orphans() -> None:
    """End what pieces have left, and wait: SLURM counts the CPU time of what is waited for."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        for process in children():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, number)
        end = time.monotonic() + ORPHANS_GRACE
        while time.monotonic() < end:
            try:
                ended, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:  # none is left
                return
            if not ended:
                time.sleep(0.01)


def children() -> list[int]:
    """Processes whose parent is this one."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = stat.read_text(errors="replace").rpartition(")")[2].split()[1]
            if int(parent) == os.getpid():
                found.append(int(stat.parent.name))
    return found


def remove(path: Path) -> None:
    """Remove what an attempt that was cut off has left."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def oom_kills() -> int:
    """How often the kernel has killed for lack of memory in this job's control group."""
    for group in Path("/proc/self/cgroup").read_text().splitlines() if LINUX else []:
        _, controllers, path = group.split(":", 2)
        for events in (
            Path(f"/sys/fs/cgroup{path}/memory.events"),
            Path(f"/sys/fs/cgroup/memory{path}/memory.oom_control"),
        ):
            if controllers in ("", "memory") and events.is_file():
                counts = dict(line.split() for line in events.read_text().splitlines())
                return int(counts.get("oom_kill", 0))
    return 0


LINUX = sys.platform == "linux"


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
        worker.stop()  # no piece must outlive its worker, such as on a full disk
        raise
    finally:
        end_orphans()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
