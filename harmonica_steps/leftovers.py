"""Temporary files without a living writer are removed by the next writer of the same file.

Each is locked by its writer. The operating system ends a lock with its process, also on another
machine that shares the file system, while a process id may be in use again, or be another
machine's, and a clock may be wrong.
"""

import contextlib
import fcntl
import itertools
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def temporary(path: Path) -> Iterator[Path]:
    """Create a temporary sibling of `path`, and own it; the caller renames it.

    The sibling has the suffix of `path`: writers such as altair choose the format by it.
    """
    _remove_left_overs(path)
    beside, lock = next(filter(None, map(_create, _siblings(path))))
    try:
        yield beside
    finally:
        os.close(lock)


def _siblings(path: Path) -> Iterator[Path]:
    """Names to try: one is taken where processes on two machines have the same id."""
    return (path.with_name(f".{n}.{path.name}") for n in itertools.count(os.getpid()))


def _create(beside: Path) -> tuple[Path, int] | None:
    """Create a file and lock it; None if it is there, or was removed before it was locked."""
    try:
        lock = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    except FileExistsError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pass  # somebody takes it for a left-over, and is about to remove it
    except OSError:
        return beside, lock  # a file system without locks, where nothing is removed
    else:
        if beside.exists():
            return beside, lock
    os.close(lock)
    return None


def _remove_left_overs(path: Path) -> None:
    ending = f".{path.name}"
    with contextlib.suppress(OSError):  # no folder, so nothing is left over
        for name in os.listdir(path.parent):  # noqa: PTH208 (there can be thousands of records)
            if name[0] == "." and name.endswith(ending) and name[1 : -len(ending)].isdecimal():
                _remove_if_dead(path.with_name(name))


def _remove_if_dead(left_over: Path) -> None:
    """Remove a temporary file, unless its writer, who has locked it, is alive."""
    with contextlib.suppress(OSError):
        lock = os.open(left_over, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            left_over.unlink()
        finally:
            os.close(lock)
