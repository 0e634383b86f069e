"""One controller a search: a lock of the operating system, which ends with its process."""

import fcntl
import os
import platform
from pathlib import Path
from typing import IO

from harmonica_steps.errors import HarmonicaError


class Claim:
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
        """Take the lock if nobody else has it; it is kept until `release` or the process ends."""
        if self.held is None:
            lock = (self.root / ".lock").open("a+", encoding="utf-8")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                self.holder = lock.read().strip()
                lock.close()
                return False
            self.held = lock
        return True

    def take(self) -> None:
        """Be the only controller of this search.

        Raises
        ------
        HarmonicaError
            When there is another one.
        """
        if not self.is_free() or self.held is None:
            raise HarmonicaError(
                f"{self.root}: another snakemake is running this search ({self.holder}). Wait for "
                "it to finish, or stop it with Ctrl-C."
            )
        self.held.truncate(0)
        self.held.write(f"process {os.getpid()} on {platform.node()}\n")
        self.held.flush()

    def __enter__(self) -> "Claim":
        self.take()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def release(self) -> None:
        """Release the lock."""
        if self.held is not None:
            self.held.close()
            self.held = None
