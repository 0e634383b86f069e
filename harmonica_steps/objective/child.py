"""The process of a training: a program that is started, or a fork that calls what is loaded."""

import atexit
import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from typing import IO, NoReturn, Protocol

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.objective.family import die_with_parent

Start = Callable[[IO[bytes], IO[str]], "Child"]
"""Starts a training with its output in a log, and with a lock that it and its children inherit."""


class Child(Protocol):
    """What supervision needs of `subprocess.Popen`."""

    pid: int
    """Id of its process and of its process group."""

    def poll(self) -> int | None:
        """The exit status, negative for a signal; None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """The exit status; raises `subprocess.TimeoutExpired` after so many seconds."""


def spawn(
    argv: list[str], environment: Mapping[str, str], log: IO[bytes], lock: IO[str]
) -> subprocess.Popen[bytes]:
    """Start a program.

    Parameters
    ----------
    argv
        The command.
    environment
        Variables to add.
    log
        For its output.
    lock
        Inherited, so that it is held while any part of the program lives.

    Raises
    ------
    HarmonicaError
        When it cannot be started at all.
    """
    try:
        return subprocess.Popen(
            argv,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=(lock.fileno(),),
            preexec_fn=die_with_parent,  # safe: this process has one thread
        )
    except (OSError, ValueError) as error:  # the latter for a word with a null byte
        why = error.strerror if isinstance(error, OSError) else error
        raise HarmonicaError(
            f"objective.command: {argv[0]!r} cannot be started ({why})."
        ) from error


class Fork:
    """A child that calls a function as if it were a program of its own; Linux only.

    Parameters
    ----------
    program
        What it does. Its end, `SystemExit` and exceptions become an exit status as in a program.
    environment, log, lock
        As of `spawn`.
    """

    def __init__(
        self,
        program: Callable[[], None],
        environment: Mapping[str, str],
        log: IO[bytes],
        lock: IO[str],
    ) -> None:
        self._status: int | None = None
        ends = {signal.SIGTERM, signal.SIGINT}
        # Until the child has its own, this process's handlers must not run there.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, ends)
        self.pid = os.fork()
        if not self.pid:
            _become(program, environment, log, lock, before)
        # Here and there, so that the group exists for both.
        with contextlib.suppress(OSError):
            os.setpgid(self.pid, self.pid)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        self._handle = os.pidfd_open(self.pid)

    def poll(self) -> int | None:
        """See `Child.poll`."""
        if self._status is None:
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            if ended:
                self._status = os.waitstatus_to_exitcode(status)
                os.close(self._handle)
        return self._status

    def wait(self, timeout: float | None = None) -> int:
        """See `Child.wait`."""
        if self._status is None:
            select.select([self._handle], [], [], timeout)
        status = self.poll()
        if status is None:
            raise subprocess.TimeoutExpired("the training", timeout or 0)
        return status


def _become(
    program: Callable[[], None],
    environment: Mapping[str, str],
    log: IO[bytes],
    lock: IO[str],
    signals: set[int | signal.Signals],
) -> NoReturn:
    """Be a program from here to the end of the process, and never return."""
    code = 1
    try:
        os.setpgid(0, 0)
        die_with_parent()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, signals)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for given, number in ((nothing, 0), (log.fileno(), 1), (log.fileno(), 2)):
            os.dup2(given, number)
        os.set_inheritable(lock.fileno(), True)
        os.environ.update(environment)
        _forget_random_state()
        code = _call(program)
    finally:
        os._exit(code)


def _forget_random_state() -> None:
    """Have no random numbers in common with other forks; Python's own module sees to its own."""
    if random := sys.modules.get("numpy.random"):
        random.seed()


def _call(program: Callable[[], None]) -> int:
    """Call as the interpreter calls a program, with all that it does at the end."""
    code: object = None
    try:
        program()
    except SystemExit as end:
        code = end.code
        if code is not None and not isinstance(code, int):
            print(code, file=sys.stderr)
            code = 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    return int(code or 0) & 0xFF  # type: ignore[call-overload, no-any-return]
