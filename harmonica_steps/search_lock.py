"""One controller per search: a lock of the operating system, which ends with its process."""

import fcntl
import os
import platform
import re
from pathlib import Path
from typing import IO

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import read_text


class SearchLock:
    """The right to change the results of a search.

    Parameters
    ----------
    root
        The search's folder, which must exist when the lock is taken.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.held: IO[str] | None = None

    def is_free(self) -> bool:
        """Take the lock if it is free; it is kept until `release` or the process ends."""
        if self.held is None:
            path = self.root / ".lock"
            try:
                lock = path.open("a+", encoding="utf-8")
            except OSError as error:
                raise HarmonicaError(
                    f"{path}: cannot be locked ({error.strerror or error}). If nothing runs this "
                    "search, delete it."
                ) from error
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.close()
                return False
            self.held = lock
        return True

    def take(self) -> None:
        """Become the only controller of this search.

        Raises
        ------
        HarmonicaError
            When there is another one.
        """
        if not self.is_free() or self.held is None:
            raise HarmonicaError(
                f"{self.root}: another snakemake is running this search ({holder(self.root)}). "
                "Wait for it to finish, or stop it with Ctrl-C."
            )
        self.held.truncate(0)
        self.held.write(f"process {os.getpid()} on {platform.node()}\n")
        self.held.flush()

    def __enter__(self) -> "SearchLock":
        self.take()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def release(self) -> None:
        """Release the lock."""
        if self.held is not None:
            self.held.close()
            self.held = None


def holder(root: Path) -> str:
    """Who runs a search, or ran it last, as the lock says: ``process 4711 on host``."""
    try:
        found = re.fullmatch(r"process \d{1,9} on \S{1,255}", read_text(root / ".lock").strip())
    except HarmonicaError:
        found = None
    return found[0] if found else "unknown"
