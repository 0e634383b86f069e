"""The fork server of a task: imports once what its trainings share, and forks one for each.

Started by the first training of the task (see `forkclient`) and lives as long as its owner and the
trainings that it has forked. As in the ``forkserver`` of Python's multiprocessing no thread runs
here, so that forking is safe.

It pays for trainings of seconds that import something heavy, such as PyTorch, and does nothing for
trainings of minutes. It must leave each fork as good as a new process, which is subtle: do not
extend it.
"""

import contextlib
import gc
import os
import selectors
import signal
import socket
import sys
from pathlib import Path
from typing import NamedTuple

from harmonica_steps.errors import exit_status
from harmonica_steps.objective.family import die_with_parent
from harmonica_steps.objective.forkclient import CREDENTIALS
from harmonica_steps.objective.preload import own_files, preload
from harmonica_steps.objective.program import program_files
from harmonica_steps.objective.sharing import note
from harmonica_steps.objective.trial import train
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.results.planned import read_plan


class Request(NamedTuple):
    """What a client wants to be trained, and where the output goes."""

    part: str
    trial: int
    output: list[int]
    """File descriptors of stdout and stderr."""


class ForkServer:
    """Listens, forks, and tells each client the process and then the exit status of its training.

    Parameters
    ----------
    listener
        A listening socket.
    owner
        Id of the process without which there is nothing more to serve.
    files
        Those of the program, in addition to the loaded modules.
    """

    def __init__(self, listener: socket.socket, owner: int, files: list[str]) -> None:
        self._listener = listener
        self._more = files
        self._files = own_files(files)
        self._selector = selectors.DefaultSelector()
        self._children: dict[socket.socket, tuple[int, int]] = {}
        self._listening = True
        self._selector.register(listener, selectors.EVENT_READ, self._accept)
        self._owner = os.pidfd_open(owner)
        self._selector.register(self._owner, selectors.EVENT_READ, self._close)

    def serve(self) -> Request | None:
        """Serve to the end; returns a request in each forked child, and None in the server."""
        while self._listening or self._children:
            for key, _ in self._selector.select():
                if self._selector.get_map().get(key.fd) is not key:
                    continue  # closed by what came before it
                request: Request | None = key.data(key.fileobj)
                if request is not None:
                    return request
        return None

    def _accept(self, listener: socket.socket) -> None:
        connection, _ = listener.accept()
        who = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS)
        if int.from_bytes(who[4:8], sys.byteorder) != os.getuid():
            connection.close()  # any user of the machine can find the socket
            return
        self._selector.register(connection, selectors.EVENT_READ, self._answer)

    def _answer(self, connection: socket.socket) -> Request | None:
        with contextlib.suppress(OSError, ValueError):
            message, output, _, _ = socket.recv_fds(connection, 4096, 2)
            if message:
                part, trial = message.decode().split("\0")
                return self._fork(connection, Request(part, int(trial), output))
        # The client is dead; its training ends cleanly.
        self._selector.unregister(connection)
        if connection in self._children:
            os.kill(self._children[connection][0], signal.SIGTERM)
        else:
            connection.close()
        return None

    def _fork(self, connection: socket.socket, request: Request) -> Request | None:
        child = 0
        if self._files == own_files(self._more):
            child = os.fork()
            if not child:
                self._leave()
                return request
        for number in request.output:
            os.close(number)
        if not child:  # what was imported has changed: the next client starts another server
            self._close()
            self._selector.unregister(connection)
            connection.close()
            return None
        handle = os.pidfd_open(child)
        self._children[connection] = (child, handle)
        self._selector.register(handle, selectors.EVENT_READ, lambda _: self._ended(connection))
        with contextlib.suppress(OSError):
            connection.send(str(child).encode())
        return None

    def _ended(self, connection: socket.socket) -> None:
        child, handle = self._children.pop(connection)
        _, status = os.waitpid(child, 0)
        self._selector.unregister(handle)
        os.close(handle)
        code = os.waitstatus_to_exitcode(status)
        with contextlib.suppress(OSError):
            connection.send(str(code if code >= 0 else 128 - code).encode())
        with contextlib.suppress(KeyError):
            self._selector.unregister(connection)
        connection.close()

    def _close(self, _: object = None) -> None:
        """Take no more requests."""
        if self._listening:
            self._listening = False
            self._selector.unregister(self._listener)
            self._selector.unregister(self._owner)
            self._listener.close()

    def _leave(self) -> None:
        """Close in a child what is the server's: clients notice the end of the server by it."""
        for key in list(self._selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
            else:
                os.close(key.fd)
        self._selector.close()


def main(number: int, owner: int, root: Path) -> int:
    """Serve on the listening socket `number` the trainings of a search."""
    listener = socket.socket(fileno=number)
    folder = SearchFolder(root)
    objective = read_plan(folder)["config"]["objective"]
    preloaded = preload(objective)
    note(folder, preloaded.why)
    gc.freeze()
    request = ForkServer(listener, owner, program_files(objective)).serve()
    if request is None:
        return 0
    die_with_parent()
    for mine, given in zip((1, 2), request.output, strict=True):
        os.dup2(given, mine)
        os.close(given)
    status = exit_status(
        lambda: train(folder, request.part, request.trial, forked=preloaded.shared)
    )
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # what the server has loaded need not be unloaded here


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
