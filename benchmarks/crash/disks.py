"""Real file systems that refuse: full, without inodes, read-only, or without permission."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from small_disk import remount

from benchmarks.crash.workshop import Ended, Workshop

NOBODY = 65534
PAGE = 4096
ROOMY = "rw,size=128m,nr_inodes=100k"

Pair = tuple[Callable[[], Ended], Callable[[], object]]
"""A run of a step on a disk that refuses, and the end of that."""


def disturbances(workshop: Workshop) -> Iterator[tuple[str, Pair]]:
    """All that are tried with a step whose place is a file system of its own, with their names."""
    for pages in (0, 1, 2, 4, 8, 16):
        yield "disk full", _full(workshop, pages)
    for inodes in (0, 1, 2, 3, 5):
        yield "no inodes left", _without_inodes(workshop, inodes)
    yield "read-only", _remounted(workshop, lambda: "ro")
    # Another user may read everything and write nothing; root may always.
    yield "no permission", (lambda: workshop.run(user=NOBODY), lambda: None)
    for name in workshop.step.makes:
        if Path(name).suffix:
            yield "a folder in its place", _in_its_place(workshop, workshop.place / name)


def _full(workshop: Workshop, pages: int) -> Pair:
    def options() -> str:
        about = os.statvfs(workshop.place)
        return f"size={(about.f_blocks - about.f_bfree) * about.f_frsize + pages * PAGE}"

    return _remounted(workshop, options)


def _without_inodes(workshop: Workshop, left: int) -> Pair:
    def options() -> str:
        about = os.statvfs(workshop.place)
        return f"nr_inodes={about.f_files - about.f_ffree + left}"

    return _remounted(workshop, options)


def _remounted(workshop: Workshop, options: Callable[[], str]) -> Pair:
    def disturb() -> Ended:
        remount(workshop.place, options())
        return workshop.run()

    return disturb, lambda: remount(workshop.place, ROOMY)


def _in_its_place(workshop: Workshop, path: Path) -> Pair:
    def disturb() -> Ended:
        path.mkdir(parents=True)
        return workshop.run()

    return disturb, path.rmdir
