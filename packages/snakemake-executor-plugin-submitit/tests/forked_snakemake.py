"""Snakemake in processes of their own, forked from one that has imported it.

A start takes a quarter of a second of computing instead of two seconds. What follows is the same as
from the command line.
"""

import atexit
import multiprocessing
import os
import re
import signal
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from multiprocessing import connection, forkserver
from multiprocessing.context import ForkServerContext
from pathlib import Path
from threading import Lock
from unittest.mock import patch

LOCK = Lock()
"""multiprocessing reads a process's exit status once, be it at the start of another one."""


@cache
def server() -> ForkServerContext:
    """What forks, one for all tests."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["imported_by_snakemake"])
    with patch.dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)):  # Python 3.11 forgets it
        forkserver.ensure_running()
    return context


class ForkedSnakemake:
    """Snakemake in a folder, with an environment; what it says goes to a file."""

    def __init__(
        self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str], output: Path
    ) -> None:
        given = (list(arguments), folder, dict(environment), output, umask())
        with LOCK:
            self._process = server().Process(target=_run, args=given)
            self._process.start()
            assert self._process.pid is not None
            self.pid = self._process.pid
        atexit.register(self.kill)  # before multiprocessing waits for it

    def kill(self) -> None:
        with LOCK:
            self._process.kill()

    def wait(self, seconds: float | None = None) -> int | None:
        """The exit status; None if it still runs after so many seconds."""
        connection.wait([self._process.sentinel], seconds)
        with LOCK:
            return self._process.exitcode


def umask() -> int:
    """That of this process, without the change that os.umask makes."""
    return int(re.findall(r"Umask:\s*(\d+)", Path("/proc/self/status").read_text())[0], 8)


def _run(
    arguments: list[str], folder: Path, environment: dict[str, str], output: Path, mask: int
) -> None:
    from snakemake import cli

    os.setsid()
    os.chdir(folder)
    os.umask(mask)
    os.environ.clear()
    os.environ.update(environment)
    for path, descriptors, flags in (
        (os.devnull, [0], os.O_RDONLY),
        (output, [1, 2], os.O_WRONLY | os.O_CREAT | os.O_APPEND),
    ):
        opened = os.open(path, flags)
        for descriptor in descriptors:
            os.dup2(opened, descriptor)
        os.close(opened)
    # Also where the tests themselves run in the background, with the signal ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = ["snakemake", *arguments]
    cli.main()
