"""Read a file that a training has left, which may be anything but a file."""

import errno
import os
import stat
from pathlib import Path
from typing import IO

KINDS = {
    stat.S_IFDIR: "folder",
    stat.S_IFIFO: "named pipe (FIFO)",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "device",
    stat.S_IFBLK: "device",
}


def open_plain(path: Path) -> IO[bytes]:
    """Open a file to read bytes from, and nothing that could block or never end.

    Raises
    ------
    OSError
        When it cannot be read or, with words for it in ``strerror``, when it is not a file.
    """
    _check(path, os.stat(path))  # noqa: PTH116 (opening a device may have effects)
    stream = open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")  # noqa: SIM115, PTH123
    try:
        _check(path, os.fstat(stream.fileno()))
    except OSError:
        stream.close()
        raise
    return stream


def reason(error: OSError) -> str:
    """Why a file could not be read, to be put after its name."""
    why = error.strerror or str(error)
    return why if error.errno == errno.EINVAL else f"cannot be read ({why})"


def _check(path: Path, about: os.stat_result) -> None:
    kind = stat.S_IFMT(about.st_mode)
    if kind != stat.S_IFREG:
        words = f"is a {KINDS.get(kind, 'special file')}, not a file"
        raise OSError(errno.EINVAL, words, str(path))
