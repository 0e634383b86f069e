"""Queueing a task again from within, as its time is nearly over."""

import contextlib
import os
import subprocess
import sys
import time

AGAIN = 5.0
"""Seconds until scontrol is called again if it has failed: slurmctld may be away for a moment."""


class Requeue:
    """``scontrol requeue`` for the task that this is: SLURM then ends it with SIGTERM.

    It is never waited for: what the pieces still do must not depend on it.
    """

    def __init__(self) -> None:
        self._call: subprocess.Popen[bytes] | None = None
        self._next = float("inf")

    def start(self) -> None:
        """Call scontrol."""
        self._next = time.monotonic() + AGAIN
        # It is about the cluster of this very job, whatever the user's variables say.
        env = {
            k: v
            for k, v in os.environ.items()
            if k == "SLURM_CONF" or not k.startswith(("SLURM", "SCONTROL_"))
        }
        command = ["scontrol", "requeue", os.environ["SLURM_JOB_ID"]]
        try:
            self._call = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL)
        except OSError as error:
            self._next = float("inf")
            with contextlib.suppress(OSError):  # a full disk
                what = f"submitit worker: scontrol requeue: {error.strerror}; continuing without it"
                print(what, file=sys.stderr, flush=True)

    def until_next_call(self) -> float | None:
        """Seconds; None if there is none to come, or one under way: its end is a signal."""
        under_way = self._call is not None and self._call.poll() is None
        waits = self._next < float("inf") and not under_way
        return max(self._next - time.monotonic(), 0.0) if waits else None

    def keep_trying(self) -> None:
        """Call scontrol again if it has failed."""
        if self._call is not None and self._call.poll() == 0:
            self._next = float("inf")
        elif time.monotonic() >= self._next and (self._call is None or self._call.poll()):
            self.start()
