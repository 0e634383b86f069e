"""The processes that a training has started, whatever they have done to get away."""

import contextlib
import ctypes
import os
import signal
import sys
from pathlib import Path
from types import TracebackType

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36

_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class Family:
    """The descendants of this process, less those that were there before; empty outside Linux.

    While it is entered, a process whose parent has ended becomes a child of this one. So daemons,
    which leave their session and their parent, are still found.
    """

    def __init__(self) -> None:
        self._others = set(_children().get(os.getpid(), ())) if _has_children() else set()

    def __enter__(self) -> "Family":
        _adopt_orphans(True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _adopt_orphans(False)

    def members(self) -> list[int]:
        """Ids of those that live."""
        if _LIBC is None or not _has_children():
            return []  # the usual case, without a look at all processes
        children = _children()
        found: list[int] = []
        unseen = [pid for pid in children.get(os.getpid(), ()) if pid not in self._others]
        while unseen:
            found.append(unseen.pop())
            unseen += children.get(found[-1], ())
        return found

    def send(self, number: int) -> None:
        """Send a signal to all of them."""
        for pid in self.members():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)

    def reap(self, child: int) -> None:
        """Take note of the ends of those that were adopted, or they would stay as zombies.

        Parameters
        ----------
        child
            The training's first process, whose end is for another to note.
        """
        with contextlib.suppress(ChildProcessError):
            while found := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                if found.si_pid == child or found.si_pid in self._others:
                    break
                os.waitpid(found.si_pid, 0)


def name_of(pid: int) -> str:
    """A process for people: its id and the beginning of its command."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes()[:200].replace(b"\0", b" ")
    except OSError:
        words = b""
    return f"{pid} ({words.decode('utf-8', 'replace').strip()[:60] or 'unknown'})"


def _adopt_orphans(whether: bool) -> None:
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, int(whether), 0, 0, 0)


def _has_children() -> bool:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _children() -> dict[int, list[int]]:
    """The living children of each process."""
    found: dict[int, list[int]] = {}
    for process in os.scandir("/proc") if _LIBC is not None else ():
        if process.name.isdecimal():
            with contextlib.suppress(OSError):
                stat = Path(process.path, "stat").read_bytes()
                state, parent = stat.rpartition(b")")[2].split()[:2]
                if state not in b"ZX":
                    found.setdefault(int(parent), []).append(int(process.name))
    return found
