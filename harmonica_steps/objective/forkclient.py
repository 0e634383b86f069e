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
    child = 0

    def pass_on(number: int, _: object) -> None:
        if not child:
            os._exit(128 + number)  # the server notices
        os.kill(child, number)

    ends = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = [signal.signal(number, pass_on) for number in ends]
    try:
        connection = _connect(owner, root)
        output = b"".join(number.to_bytes(4, sys.byteorder) for number in (1, 2))
        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, output)
        connection.sendmsg([f"{part}\0{trial}".encode()], [rights])
        child = int(connection.recv(64) or 0)
        if child:
            return int(connection.recv(64) or KILLED)
    except OSError:
        if child:
            return KILLED
    for number, handler in zip(ends, before, strict=True):
        signal.signal(number, handler)
    return None


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
