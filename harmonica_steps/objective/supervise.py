"""The training's parent process: limits, signals, and an end that is always told."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.objective.outcome import Outcome, judge, last_line
from harmonica_steps.objective.workdir import WorkDirectory

GRACE = 5.0
"""Seconds between asking a training to end and ending it."""
_PR_SET_PDEATHSIG = 1


def supervise(
    argv: list[str],
    environment: Mapping[str, str],
    work: WorkDirectory,
    lock: IO[str],
    metric: str,
    timeout: float,
) -> Outcome:
    """Run a training to its end, whatever that is.

    Parameters
    ----------
    argv
        The command.
    environment
        Variables to add.
    work
        Its directory, owned through `lock`.
    lock
        Inherited by the training, so that the directory stays owned while any part of it lives.
    metric
        What the result should hold.
    timeout
        Seconds after which it is stopped.

    Raises
    ------
    HarmonicaError
        When the command cannot be started at all.
    """
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None

    def die_with_parent() -> None:
        if libc is not None:
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

    # The environment that runs Harmonica also runs `python` in a command, activated or not.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    with work.log.open("ab") as log:
        try:
            child = subprocess.Popen(
                argv,
                env={**os.environ, "PYTHONHASHSEED": "0", "PATH": path, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=(lock.fileno(),),
                preexec_fn=die_with_parent,  # safe: this process has one thread
            )
        except OSError as error:
            raise HarmonicaError(
                f"objective.command: {argv[0]!r} cannot be started ({error.strerror})."
            ) from error
        try:
            returncode = child.wait(timeout)
        except subprocess.TimeoutExpired:
            _stop(child)
            cause = f"timeout after {timeout:g} s"
            last = last_line(work.log)
            return Outcome("timeout", cause=cause, error=f"{cause}: {last}" if last else cause)
        finally:
            _stop(child)
    return judge(returncode, work.result, metric, work.log)


def _stop(child: subprocess.Popen[bytes]) -> None:
    """End the training and everything that it has started."""
    for kill in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, kill)
        deadline = time.monotonic() + GRACE
        while child.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
