"""Files and folders that a training must leave alone, and may not."""

import contextlib
import os
import shutil
import stat
import subprocess
from pathlib import Path


class Surroundings:
    """Folders of a search, as they are before a training.

    Parameters
    ----------
    root
        The folder of the search.
    record
        Of the training.
    work
        Its directory.
    """

    def __init__(self, root: Path, record: Path, work: Path) -> None:
        self._work = work
        above = [*reversed(record.parents), *reversed(work.parents), work]
        self._before: dict[Path, tuple[int, int] | None] = {}
        for folder in above:
            if folder.is_relative_to(root):
                folder.mkdir(parents=True, exist_ok=True)
                self._before[folder] = _identity(folder)

    def restore(self) -> str | None:
        """Put the folders back: a link or a file in the place of one would mislead later trainings.

        Returns
        -------
        str or None
            What the training has done to them, for people.
        """
        for_people = None
        for folder, before in self._before.items():
            if damage := _restored(folder, before):
                which = "its work folder" if folder == self._work else f"the folder {folder.name}"
                for_people = for_people or f"{which} was {damage}"
        return for_people


def _restored(folder: Path, before: tuple[int, int] | None) -> str | None:
    if folder.is_symlink() and _identity(folder) != before:
        damage = "replaced by a link"
    elif not os.path.lexists(folder):
        damage = "removed or renamed"
    elif not folder.is_dir():
        damage = "replaced by a file"
    else:  # a new folder of the same name does as well
        return None if make_usable(folder) else "made unreadable or read-only"
    folder.unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    return damage


def make_usable(path: Path) -> bool:
    """Whether a file or folder can be read and written to; make it so if not."""
    is_folder = path.is_dir()
    if os.access(path, os.R_OK | os.W_OK | (os.X_OK if is_folder else 0)):
        return True
    with contextlib.suppress(OSError):
        path.chmod(
            path.stat().st_mode | (stat.S_IRWXU if is_folder else stat.S_IRUSR | stat.S_IWUSR)
        )
    return False


def remove(path: Path) -> None:
    """Remove whatever is there, also folders that are read only or very deep, and no link's target.

    Raises
    ------
    OSError
        When it cannot be removed.
    """
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
        return
    try:
        shutil.rmtree(path)
    except (OSError, RecursionError):
        _remove_tree(path)


def _remove_tree(path: Path) -> None:
    """Use programs that can handle any depth; they do not follow links."""
    for program in (["chmod", "-R", "u+rwX"], ["rm", "-rf"]):
        subprocess.run([*program, "--", path], check=False, stderr=subprocess.DEVNULL)
    if os.path.lexists(path):
        shutil.rmtree(path)  # says why


def open_own(path: Path, flags: int) -> int:
    """Open a file for writing; anything else that a training has put in its place is removed.

    Parameters
    ----------
    path
        The file, made where it is missing.
    flags
        Of `os.open`, in addition to those that keep it from following links and from waiting.

    Returns
    -------
    int
        A file descriptor.
    """
    flags |= os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with contextlib.suppress(OSError):
        number = os.open(path, flags, 0o666)
        if stat.S_ISREG(os.fstat(number).st_mode):
            return number
        os.close(number)
    if os.path.lexists(path):
        remove(path)
    return os.open(path, flags, 0o666)


def put(path: Path, text: str) -> None:
    """Write a file, all or nothing, whatever is in its place."""
    beside = path.with_name(f"{path.name}.new")
    with open(open_own(beside, os.O_WRONLY | os.O_TRUNC), "w", encoding="utf-8") as stream:
        stream.write(text)
    if path.is_dir() and not path.is_symlink():
        remove(path)
    beside.replace(path)


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        about = folder.stat()
    except OSError:
        return None
    return (about.st_dev, about.st_ino) if stat.S_ISDIR(about.st_mode) else None
