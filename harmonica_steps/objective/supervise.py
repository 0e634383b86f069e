"""The training's parent process: limits, signals, and an outcome that is always recorded."""

import contextlib
import os
import signal
import subprocess
import time
from typing import IO

from harmonica_steps.objective.child import Child, Start
from harmonica_steps.objective.family import Family, name_of

GRACE = 5.0
"""Seconds between asking a training to end and killing it."""

SIGNAL_LEAD = 3.0
"""What ends a whole job can reach the training this long before it reaches this process."""

FROM_OUTSIDE = {-signal.SIGTERM, -signal.SIGKILL, -signal.SIGINT, -signal.SIGHUP}
"""Exit statuses of a training that was ended, mostly by another process; a shell gives 128 more."""

ROUND = 1.0
"""Seconds between two checks of processes that the training has left to this one."""

MOST_NAMES = 5
"""Processes that the log names."""


def supervise(start: Start, log: IO[bytes], lock: IO[str], timeout: float) -> int | None:
    """Run a training to its end, whatever that is.

    Parameters
    ----------
    start
        Starts it.
    log
        For its output.
    lock
        Of its directory; inherited by the training, so that the directory stays owned while any
        part of it lives.
    timeout
        Seconds after which it is stopped.

    Returns
    -------
    int or None
        Its exit status, negative for a signal; None if it was stopped.

    Raises
    ------
    HarmonicaError
        When it cannot be started at all.
    KeyboardInterrupt
        When this process is ended as well, at the latest `SIGNAL_LEAD` after the training.
    """
    with Family() as family:
        child = start(log, lock)
        try:
            returncode = _wait(child, family, timeout)
            if returncode in FROM_OUTSIDE or 128 - (returncode or 0) in FROM_OUTSIDE:
                # If the job ends as a whole (preempted, cancelled) that is not a result of the
                # training.
                time.sleep(SIGNAL_LEAD)
        finally:
            _stop(child, family)
            if left := family.members():
                names = ", ".join(map(name_of, left[:MOST_NAMES]))
                log.write(f"\nharmonica: cannot end {len(left)} processes: {names}\n".encode())
    return returncode


def _wait(child: Child, family: Family, timeout: float) -> int | None:
    deadline = time.monotonic() + timeout
    while (left := deadline - time.monotonic()) > 0:
        try:
            return child.wait(min(left, ROUND))
        except subprocess.TimeoutExpired:
            family.reap(child.pid)
    return child.poll()


def _stop(child: Child, family: Family) -> None:
    """End the training and everything that it has started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + GRACE
        while True:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, number)
            family.send(number)
            while child.poll() is None and time.monotonic() < deadline:
                time.sleep(0.02)
            family.reap(child.pid)
            # Some start others faster than they are found.
            if number == signal.SIGTERM or time.monotonic() > deadline or not family.members():
                break
            time.sleep(0.01)
