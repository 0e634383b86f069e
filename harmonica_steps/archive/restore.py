"""Restoring an archive, so that the search can be resumed in another folder."""

import contextlib
import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from harmonica_steps.archive.check import SEARCH_NAME, Checked, check
from harmonica_steps.archive.members import PLAN, file_of, is_of_search
from harmonica_steps.archive.trust import digest_here, shown_names, what_runs
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import json_text


def restore(path: Path, into: Path | None = None) -> str:
    """Restore the search of an archive so that Snakemake can resume it.

    Nothing is visible before all of it has been checked and written.

    Parameters
    ----------
    path
        The archive.
    into
        The folder to restore to, ``results/<search>`` by default. Another name renames the search.

    Returns
    -------
    str
        What to tell the user, with a warning if the program is not the one of the archive.

    Raises
    ------
    HarmonicaError
        When the archive is damaged, or the folder holds anything else.
    """
    found = check(path)
    root = into or Path("results", found.search)
    if not SEARCH_NAME.fullmatch(root.name):
        raise HarmonicaError(
            f"{root}: not a valid search name; use --into results/NAME, with letters, digits, "
            "dots, hyphens and underscores."
        )
    plan = {**found.plan, "search": root.name}
    plan["config"] = {**plan["config"], "search": root.name, "results": str(root.parent)}
    plan_text = json_text(plan).encode()
    if root.is_dir() and any(root.iterdir()):
        _compare(path, root, plan_text)
        same = f"{root}: already holds {found}; nothing to do."
        return f"{same}\n{what_runs(found)}{_about_program(found)}"
    free = shutil.disk_usage(_existing(root)).free
    if found.size > free:
        raise HarmonicaError(f"{path}: holds {found.size:,} bytes, {root} has room for {free:,}.")
    with _hidden(root) as folder:
        _extract(path, folder, plan_text)
        config = json.dumps(plan["config"], indent=2) + "\n"
        (folder / "config.json").write_text(config, encoding="utf-8")
        folder.rename(root)
    return (
        f"{root}: restored {found}\n{what_runs(found)}\n"
        f"Resume it with: harmonica run {root}/config.json{_about_program(found)}"
    )


def _existing(path: Path) -> Path:
    return path if path.exists() else _existing(path.absolute().parent)


@contextlib.contextmanager
def _hidden(root: Path) -> Iterator[Path]:
    """Give an empty folder next to `root`, and remove its leftovers, now or in the next run."""
    hidden = root.with_name(f".{root.name}.restoring")
    hidden.mkdir(parents=True, exist_ok=True)
    lock = os.open(hidden, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise HarmonicaError(
            f"{root}: another harmonica restore is writing it; wait for it to finish."
        ) from None
    try:
        folder = hidden / "search"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        yield folder
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
        os.close(lock)


def _extract(path: Path, folder: Path, plan: bytes) -> None:
    made: set[Path] = set()
    written = []

    def write(name: str, pieces: Iterator[bytes]) -> None:
        if not is_of_search(name):
            return
        target = file_of(folder, name)
        if target.parent not in made:
            target.parent.mkdir(parents=True, exist_ok=True)
            made.add(target.parent)
        with target.open("xb") as file:
            file.writelines([plan] if name == PLAN else pieces)
        written.append(target)

    check(path, write)
    # Snakemake compares times. All are the same: nothing is newer than what is made of it.
    now = time.time_ns()
    for target in written:
        os.utime(target, ns=(now, now))


def _compare(path: Path, root: Path, plan: bytes) -> None:
    differing = []

    def compare(name: str, pieces: Iterator[bytes]) -> None:
        if not is_of_search(name):
            return
        here = file_of(root, name)
        if not here.is_file():
            differing.append(here)
            return
        with here.open("rb") as file:
            same = all(file.read(len(p)) == p for p in ([plan] if name == PLAN else pieces))
            if not same or file.read(1):
                differing.append(here)

    check(path, compare)
    if differing:
        raise HarmonicaError(
            f"{root}: exists, and {len(differing)} of its files are not those of {path} (the first "
            f"is {differing[0]}). Nothing was changed. Move it away, or restore under another "
            "name with --into results/NAME."
        )


def _about_program(found: Checked) -> str:
    differing = [name for name, digest in found.files.items() if digest_here(name) != digest]
    if not differing:
        return ""
    names = shown_names(differing)
    return (
        "\nWARNING: these files of the training program have changed since the search was "
        f"archived: {names}. With the changed files snakemake would train everything again. The "
        "archive has "
        "copies in program/ (tar --zstd -xf FILE program)."
    )
