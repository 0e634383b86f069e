"""Real file systems that refuse: full, without inodes, read-only, or without permission."""

import contextlib
import os
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks.crash.workshop import Ended, Workshop

NOBODY = 65534
PAGE = 4096
ROOMY = "rw,size=128m,nr_inodes=100k"

Disturbance = tuple[str, Callable[[], Ended], Callable[[], object]]
"""Its name, a run of the step with it, and its end."""


@contextlib.contextmanager
def mounted(folder: Path) -> Iterator[None]:
    """Put a small file system in memory at `folder`, which only root can."""
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", ROOMY, "tmpfs", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


def disturbances(workshop: Workshop) -> Iterator[Disturbance]:
    """All that are tried with a step whose place is a file system of its own."""
    place = workshop.place

    def remounted(
        options: Callable[[int, int], str],
    ) -> tuple[Callable[[], Ended], Callable[[], object]]:
        def disturb() -> Ended:
            about = os.statvfs(place)
            used = (about.f_blocks - about.f_bfree) * about.f_frsize
            inodes = about.f_files - about.f_ffree
            _remount(place, options(used, inodes))
            return workshop.run()

        return disturb, lambda: _remount(place, ROOMY)

    for pages in (0, 1, 2, 4, 8, 16):
        yield "disk full", *remounted(partial(_room, pages))
    for more in (0, 1, 2, 3, 5):
        yield "no inodes left", *remounted(partial(_inodes, more))
    yield "read-only", *remounted(lambda *_: "ro")
    yield "no permission", lambda: _without_permission(workshop), lambda: None
    for name in workshop.step.makes:
        if Path(name).suffix:
            yield "a folder in its place", *_in_its_place(workshop, place / name)


def _room(pages: int, used: int, _: int) -> str:
    return f"size={used + pages * PAGE}"


def _inodes(more: int, _: int, used: int) -> str:
    return f"nr_inodes={used + more}"


def _remount(place: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", place], check=True)


def _without_permission(workshop: Workshop) -> Ended:
    """As another user, who may read everything and write nothing; root may always."""
    return workshop.run(user=NOBODY)


def _in_its_place(
    workshop: Workshop, path: Path
) -> tuple[Callable[[], Ended], Callable[[], object]]:
    def disturb() -> Ended:
        path.mkdir(parents=True)
        return workshop.run()

    return disturb, path.rmdir
