"""A training as a request to the fork server of its task, which has loaded everything already.

The first training of a task starts the server. Without a task there is none, and none is needed.
This module is loaded once per training, so it imports next to nothing: `socket` and `signal` take
longer to load than Python to start, the modules in C beneath them take no time.
"""

import _signal as signal  # type: ignore[import-not-found]
import _socket as socket
import os
import sys
import zlib

OWNERS = ("HARMONICA_OWNER", "SUBMITIT_WORKER")
"""Variables with the id of a process that lives as long as there are trainings of the task."""

ENDS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
"""Signals that end a training."""

KILLED = 128 + 9
"""Exit status of a training whose server is gone."""

CREDENTIALS = 12
"""Bytes: process, user and group of the other side."""


def train_in_server(arguments: list[str]) -> int | None:
    """Have a training done by a fork of the task's server.

    Parameters
    ----------
    arguments
        Folder of the search, part, trial.

    Returns
    -------
    int or None
        The exit status; None when there is no server, and the training is to be done here.
    """
    owner = next(filter(None, map(os.environ.get, OWNERS)), None)
    if owner is None or sys.platform != "linux" or len(arguments) != 3:
        return None
    root, part, trial = arguments
    relay = _Relay()
    before = {number: signal.signal(number, relay) for number in ENDS}
    try:
        status = _ask(_connect(owner, root), f"{part}\0{trial}", relay)
    except OSError:
        status = KILLED if relay.child else None
    if status is None:
        for number, handler in before.items():
            signal.signal(number, handler)
    return status


class _Relay:
    """Passes a signal on to the training; before it is known, the server notices our end."""

    child = 0

    def __call__(self, number: int, _: object) -> None:
        if not self.child:
            os._exit(128 + number)
        os.kill(self.child, number)


def _ask(connection: socket.socket, training: str, relay: _Relay) -> int | None:
    """Send the training's name with our output; receive the fork's process, then its status.

    None, where the server does not fork.
    """
    output = b"".join(number.to_bytes(4, sys.byteorder) for number in (1, 2))
    rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, output)
    connection.sendmsg([training.encode()], [rights])
    relay.child = int(connection.recv(64) or 0)
    return int(connection.recv(64) or KILLED) if relay.child else None


def _connect(owner: str, root: str) -> socket.socket:
    address = _address(owner, root)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        listener.bind(address)
    except OSError:
        pass  # there is a server
    else:
        listener.listen(1000)
        _start(listener, owner, root)
    finally:
        listener.close()
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    connection.connect(address)
    who = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS)
    if int.from_bytes(who[4:8], sys.byteorder) != os.getuid():
        raise PermissionError("another user listens there")
    return connection


def _address(owner: str, root: str) -> str:
    """One server for all trainings that would be the same process but for what they train.

    In Linux's abstract namespace: there is no file that could be left behind.
    """
    same = sorted(item for item in os.environ.items() if item[0] != "_")
    about = repr((sys.prefix, os.getcwd(), root, same))  # noqa: PTH109 (pathlib is slow to load)
    return f"\0harmonica-{os.getuid()}-{owner}-{zlib.crc32(about.encode()):08x}"


def _start(listener: socket.socket, owner: str, root: str) -> None:
    import subprocess

    number = listener.fileno()
    module = "harmonica_steps.objective.forkserver"
    subprocess.Popen(
        [sys.executable, "-P", "-m", module, str(number), owner, root],
        env={**os.environ, "PYTHONHASHSEED": "0"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        pass_fds=[number],
    )
