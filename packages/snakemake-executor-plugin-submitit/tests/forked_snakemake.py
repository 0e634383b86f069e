"""Snakemake in processes of their own, forked from one that has imported it.

A start takes a quarter of a second of computing instead of two seconds. What follows is the same as
from the command line.
"""

import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from unittest.mock import patch


@cache
def server() -> ForkServerContext:
    """What forks, one for all tests."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["imported_by_snakemake"])
    with patch.dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)):  # Python 3.11 forgets it
        forkserver.ensure_running()
    return context


def start(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str], output: Path
) -> ForkServerProcess:
    """Run snakemake in a folder, with an environment; what it says goes to a file."""
    # A daemon for multiprocessing: ended with the tests if one of them forgets it.
    process = server().Process(
        target=_run,
        args=(list(arguments), folder, dict(environment), output, _umask()),
        daemon=True,
    )
    process.start()
    return process


def _umask() -> int:
    """That of this process, which can only be read by changing it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


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
