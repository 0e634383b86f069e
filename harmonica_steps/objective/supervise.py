"""The training's parent process: limits, signals, and an end that is always told."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from typing import IO

from harmonica_steps.objective.child import Child, Start
from harmonica_steps.objective.outcome import Outcome, last_line
from harmonica_steps.objective.workdir import WorkDirectory

GRACE = 5.0
"""Seconds between asking a training to end and ending it."""

SIGNAL_LEAD = 3.0
"""What ends a whole job can reach the training this long before it reaches this process."""

FROM_OUTSIDE = {-signal.SIGTERM, -signal.SIGKILL, -signal.SIGINT, -signal.SIGHUP}
"""Exit statuses of a training that was ended, mostly by another process; a shell gives 128 more."""


def supervise(
    start: Start,
    work: WorkDirectory,
    lock: IO[str],
    judge: Callable[[int], Outcome],
    timeout: float,
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
    judge
        Turns its exit status into an outcome.
    timeout
        Seconds after which it is stopped.

    Raises
    ------
    HarmonicaError
        When it cannot be started at all.
    KeyboardInterrupt
        When this process is ended as well, at the latest `SIGNAL_LEAD` after the training.
    """
    with work.log.open("ab") as log:
        child = start(log, lock)
        try:
            returncode = child.wait(timeout)
            if returncode in FROM_OUTSIDE or 128 - returncode in FROM_OUTSIDE:
                # If the job ends as a whole (preempted, cancelled) it is no result of the training.
                time.sleep(SIGNAL_LEAD)
        except subprocess.TimeoutExpired:
            _stop(child)
            cause = f"timeout after {timeout:g} s"
            last = last_line(work.log)
            return Outcome("timeout", cause=cause, error=f"{cause}: {last}" if last else cause)
        finally:
            _stop(child)
    return judge(returncode)


def _stop(child: Child) -> None:
    """End the training and everything that it has started."""
    for kill in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, kill)
        deadline = time.monotonic() + GRACE
        while child.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
