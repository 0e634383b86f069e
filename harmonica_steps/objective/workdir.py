"""A training's own directory: one owner at a time, and a memory of starts that never ended."""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from harmonica_steps.terminal import warn

OWNER = ".owner"
STARTED = ".started"


class WorkDirectory:
    """The directory of one training: configuration, result, log, checkpoint.

    Parameters
    ----------
    path
        Created when it is owned for the first time.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config = path / "config.json"
        self.result = path / "result.json"
        self.log = path / "log.txt"
        self.checkpoint = path / "checkpoint"

    @contextlib.contextmanager
    def owned(self) -> Iterator[IO[str]]:
        """Own the directory; wait for an earlier copy of the training that is still alive.

        The lock belongs to the process and to children that inherit the file, so that it is free
        when, and only when, all of them are gone.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / OWNER).open("a") as lock:
            waited = 0
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if waited % 300 == 0:
                        warn(
                            f"{self.path}: an earlier copy of this training is still running; "
                            "waiting for it to exit."
                        )
                    if waited % 25 == 0:
                        _end_orphans(self.path / OWNER)
                    waited += 1
                    time.sleep(0.2)
            yield lock

    def deaths(self, key: str) -> int | None:
        """How many times the training `key` was started and killed; None if it is not under way."""
        try:
            started = json.loads((self.path / STARTED).read_text())
        except (OSError, ValueError):
            return None
        return int(started["deaths"]) if started.get("key") == key else None

    def started(self) -> float | None:
        """When the training that is under way, or was killed, has started; None without one."""
        try:
            return (self.path / STARTED).stat().st_mtime
        except OSError:
            return None

    def is_in_use(self) -> bool:
        """Whether a training owns the directory now."""
        try:
            with (self.path / OWNER).open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def mark_started(self, key: str, deaths: int) -> None:
        """Note that a training is under way, and how many times it has died if it dies now."""
        beside = self.path / f"{STARTED}.new"
        beside.write_text(json.dumps({"key": key, "deaths": deaths}))
        beside.replace(self.path / STARTED)

    def mark_ended(self) -> None:
        """Note that the training has ended."""
        (self.path / STARTED).unlink(missing_ok=True)

    def check_room(self) -> None:
        """Raise `OSError` if not even a megabyte can be written (full disk, quota)."""
        probe = self.path / ".room"
        try:
            probe.write_bytes(bytes(2**20))
        finally:
            probe.unlink(missing_ok=True)

    def clear(self, inherit: Path | None) -> None:
        """Empty the directory, and start from a copy of another training's checkpoint.

        A copy, because the other training may have to be continued once more in just the same way.
        """
        for entry in self.path.iterdir():
            if entry.name == OWNER:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
        if inherit is not None and inherit.is_dir():
            shutil.copytree(inherit, self.checkpoint, symlinks=True)
        else:
            self.checkpoint.mkdir()


def _end_orphans(lock: Path) -> None:
    """Kill what a supervisor that was killed has left running: nobody would judge its result.

    Linux tells which processes hold the lock, and which one took it: the supervisor. A copy on
    another machine is not seen here; there is nothing to do but wait for it.
    """
    path = str(lock.resolve())
    supervisor, holders = 0, set()
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with contextlib.suppress(OSError):
            if os.readlink(link) != path:  # noqa: PTH115 (of thousands)
                continue
            about = (link.parents[1] / "fdinfo" / link.name).read_text()
            for line in about.splitlines():
                if line.startswith("lock:") and "FLOCK" in line:
                    supervisor = int(line.split()[5])
                    holders.add(int(link.parts[2]))
    if supervisor not in holders:
        for process in holders:
            with contextlib.suppress(OSError):
                os.kill(process, signal.SIGKILL)
