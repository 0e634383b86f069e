"""A training's own directory: one owner at a time, and a memory of starts that never ended."""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import stat
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from harmonica_steps.objective.surroundings import make_usable, open_own, put, remove
from harmonica_steps.results.paths import WorkFolder
from harmonica_steps.results.plain import open_plain
from harmonica_steps.terminal import warn

OWNER = ".owner"

SMALL = 2**16
"""Bytes beyond which a file of this module is not its own."""


class WorkDirectory:
    """The directory of one training: configuration, result, log, checkpoint.

    Parameters
    ----------
    path
        Created when it is owned for the first time.
    """

    def __init__(self, path: Path) -> None:
        self.path, files = path, WorkFolder(path)
        self.config, self.result, self.log = files.config, files.result, files.log
        self.checkpoint, self.curve_file = files.checkpoint, files.curve
        self._started = files.started

    @contextlib.contextmanager
    def owned(self) -> Iterator[IO[str]]:
        """Own the directory; wait for an earlier copy of the training that is still alive.

        The lock belongs to the process and to children that inherit the file, so that it is free
        when, and only when, all of them are gone.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.path.is_symlink() or (self.path.exists() and not self.path.is_dir()):
            remove(self.path)  # of an earlier training
        self.path.mkdir(exist_ok=True)
        make_usable(self.path)
        with open(open_own(self.path / OWNER, os.O_RDWR), "r+") as lock:  # noqa: PTH123
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
            with open_plain(self._started) as stream:
                started = json.loads(stream.read(SMALL))
            return int(started["deaths"]) if started["key"] == key else None
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            return None

    def started(self) -> float | None:
        """When the training that is under way, or was killed, started; None without one."""
        try:
            return self._started.stat().st_mtime
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
        put(self._started, json.dumps({"key": key, "deaths": deaths}))

    def mark_ended(self) -> None:
        """Note that the training has ended."""
        remove(self._started)

    def write_config(self, configuration: Mapping[str, Any]) -> None:
        """Write what the training is given."""
        put(self.config, json.dumps(configuration))

    def open_log(self) -> IO[bytes]:
        """The log, to be written to at its end."""
        return open(open_own(self.log, os.O_RDWR | os.O_APPEND), "r+b", buffering=0)  # noqa: PTH123

    def keep_log(self, log: IO[bytes]) -> None:
        """Have the log in its place, whatever the training has done to that."""
        with contextlib.suppress(OSError):
            if os.path.samestat(self.log.lstat(), os.fstat(log.fileno())):
                make_usable(self.log)
                return
            remove(self.log)
        log.seek(0)
        with self.open_log() as kept:
            shutil.copyfileobj(log, kept)

    def check_room(self) -> None:
        """Raise `OSError` if not even a megabyte can be written (full disk, quota)."""
        probe = self.path / ".room"
        try:
            with open(open_own(probe, os.O_WRONLY), "wb") as stream:  # noqa: PTH123
                stream.write(bytes(2**20))
        finally:
            probe.unlink(missing_ok=True)

    def clear(self, inherit: Path | None) -> None:
        """Empty the directory, and start from a copy of another training's checkpoint.

        A copy, because the other training may have to be continued again in just the same way.
        """
        for entry in self.path.iterdir():
            if entry.name != OWNER:
                remove(entry)
        if inherit is not None and inherit.is_dir():
            shutil.copytree(inherit, self.checkpoint, symlinks=True, ignore=_special)
        else:
            self.checkpoint.mkdir()


def _special(folder: str, names: list[str]) -> list[str]:
    """The entries of a folder that cannot be copied, such as sockets."""
    kinds = {name: Path(folder, name).lstat().st_mode for name in names}
    copied = (stat.S_ISREG, stat.S_ISDIR, stat.S_ISLNK)
    return [name for name, mode in kinds.items() if not any(kind(mode) for kind in copied)]


def _end_orphans(lock: Path) -> None:
    """Kill what a supervisor that was killed has left running: its result would be lost.

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
