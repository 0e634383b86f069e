"""Signals, and the processes of this job."""

import contextlib
import os
import select
import signal
import sys
import time
from pathlib import Path

ENDS = {signal.SIGTERM, signal.SIGHUP}
"""Signals that end the task. The terminal's Ctrl-C does not: it is the controller that cancels."""

ORPHANS_GRACE = 2.0
"""Seconds between asking processes that pieces have left behind to end, and ending them."""

PR_SET_CHILD_SUBREAPER = 36
"""Value from the header file linux/prctl.h."""

LINUX = sys.platform == "linux"


class Signals:
    """Signals as they arrive, to be waited for like anything else."""

    def __init__(self) -> None:
        self._read, write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(write, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        awaited = {signal.SIGCHLD, signal.SIGUSR1, signal.SIGUSR2, *ENDS}
        signal.pthread_sigmask(signal.SIG_UNBLOCK, awaited)
        for number in awaited:
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup
                signal.signal(number, lambda *_: None)

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


def reset_signals() -> None:
    """In a child, undo what was ignored or blocked: a shell could not trap those signals.

    SLURM's warnings are for the worker, and do not reach commands: each has a session of its own.
    """
    for number in signal.valid_signals():
        if signal.getsignal(number) not in (signal.SIG_DFL, None):
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def died(returncode: int) -> bool:
    """Whether a command, or one that the shell ran last, was ended by a signal."""
    return returncode < 0 or returncode > 128


def adopt_orphans() -> None:
    """Become the parent of processes that outlive the piece which has started them."""
    if LINUX:
        with contextlib.suppress(ImportError, OSError, AttributeError):  # not in every Python
            import ctypes

            ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_orphans() -> None:
    """End what pieces have left, and wait: SLURM counts the CPU time of what is waited for."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        for process in children():
            with contextlib.suppress(OSError):
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
    with contextlib.suppress(OSError):
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError, ValueError, IndexError):
                parent = stat.read_text(errors="replace").rpartition(")")[2].split()[1]
                if int(parent) == os.getpid():
                    found.append(int(stat.parent.name))
    return found


def oom_kills() -> int:
    """How often the kernel has killed for lack of memory in this job's control group."""
    with contextlib.suppress(OSError, ValueError):  # unreadable, or of a form unknown here
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
