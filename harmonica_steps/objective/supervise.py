"""The training's parent process: limits, signals, and an end that is always told."""

import contextlib
import os
import signal
import subprocess
import time
from typing import IO

from harmonica_steps.objective.child import Child, Start
from harmonica_steps.objective.outcome import Outcome, judge, last_line
from harmonica_steps.objective.workdir import WorkDirectory

GRACE = 5.0
"""Seconds between asking a training to end and ending it."""


def supervise(
    start: Start, work: WorkDirectory, lock: IO[str], metric: str, timeout: float
) -> Outcome:
    """Run a training to its end, whatever that is.

    Parameters
    ----------
    start
        Starts it.
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
        When it cannot be started at all.
    """
    with work.log.open("ab") as log:
        child = start(log, lock)
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


def _stop(child: Child) -> None:
    """End the training and everything that it has started."""
    for kill in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, kill)
        deadline = time.monotonic() + GRACE
        while child.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
