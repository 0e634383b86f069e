"""One rule's command, running on a node."""

import contextlib
import os
import subprocess
import time
from pathlib import Path
from typing import Any

from snakemake_executor_plugin_submitit.processes import LINUX, oom_kills, reset_signals

SUBMITITS = ("SUBMITIT_EXECUTOR", "SUBMITIT_FOLDER", "SUBMITIT_LOCAL_", "SUBMITIT_STDERR_TO_STDOUT")
"""Variables of submitit's own. A command that uses submitit itself is not one of its jobs."""


class Command:
    """A piece's command.

    Parameters
    ----------
    number
        The piece's number in its batch.
    spec
        What is known about it: see `direct`.
    folder
        The batch's folder.
    first
        Whether this is the first start of its task.

    Raises
    ------
    OSError
        When it cannot be started.
    """

    def __init__(self, number: int, spec: dict[str, Any], folder: Path, first: bool) -> None:
        self.number = number
        self.killed = ""
        self.cpu = self.memory = 0.0
        wait_for(spec["inputs"], spec["latency"])
        if not first:
            for path in spec["outputs"]:
                remove(Path(path))
        self.started = time.time()
        self._oom_kills = oom_kills()
        with (folder / f"logs/{number}.log").open("ab") as log:
            self.process = subprocess.Popen(
                [spec["shell"], "-c", spec["command"]],
                cwd=spec["cwd"],
                env={**inherited(), **temporary_folder(), **own_process(spec), **spec["env"]},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=reset_signals,  # safe: this process has one thread
            )

    def has_ended(self) -> bool:
        """Whether the command has ended; what it and all that it has waited for have used."""
        if self.process.returncode is None:
            ended, status, usage = os.wait4(self.process.pid, os.WNOHANG)
            if ended:
                self.process.returncode = os.waitstatus_to_exitcode(status)
                self.cpu = usage.ru_utime + usage.ru_stime
                self.memory = usage.ru_maxrss / (1024 if LINUX else 1024**2)
        return self.process.returncode is not None

    def signal(self, number: int) -> None:
        """Send a signal to the command and all that it has started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def result(self) -> dict[str, Any]:
        """What is to be known about the end."""
        cause = self.killed or ("memory" if oom_kills() > self._oom_kills else "")
        used = {"cpu": round(self.cpu, 2), "memory": round(self.memory)}  # seconds, MiB
        return {"exit": self.process.returncode, "cause": cause, "started": self.started, **used}


def inherited() -> dict[str, str]:
    """The task's environment, without what submitit has put there."""
    return {k: v for k, v in os.environ.items() if not k.startswith(SUBMITITS)}


def temporary_folder() -> dict[str, str]:
    """The folder as Snakemake sets it for the commands of rules, from what the node offers."""
    named = [os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP")]
    usable = (path for path in named if path and os.access(path, os.W_OK | os.X_OK))
    folder = next(usable, "/tmp")  # noqa: S108
    return dict.fromkeys(("TMPDIR", "TMP", "TEMPDIR", "TEMP"), folder)


def own_process(task: dict[str, Any]) -> dict[str, str]:
    """A variable for what the pieces of a task share: it can live as long as this process."""
    several = len(task["pieces"]) > 1
    return {"SUBMITIT_WORKER": str(os.getpid()) if several else ""}


def wait_for(paths: list[str], seconds: float) -> None:
    """Give files that were written elsewhere time to appear; the command says what it lacks."""
    end = time.monotonic() + seconds
    for path in paths:
        while not os.path.exists(path) and time.monotonic() < end:  # noqa: PTH110 (a string)
            with contextlib.suppress(OSError):
                os.listdir(os.path.dirname(path) or ".")  # noqa: PTH208, PTH120 (renews NFS's cache)
            time.sleep(0.5)


def remove(path: Path) -> None:
    """Remove what an attempt that was cut off has left."""
    if path.is_dir() and not path.is_symlink():
        import shutil  # it loads all compressions

        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
