"""A search and its steps, disturbed in every way: killed, on failing disks, in odd situations.

    .venv/bin/python -m benchmarks.crash points [--kills 20] [--errors 5] [--only archive ...]
    .venv/bin/python -m benchmarks.crash disks [--only archive ...]
    .venv/bin/python -m benchmarks.crash searches [--kills 20] [--seed 0]
    .venv/bin/python -m benchmarks.crash situations [--only moved ...]
    .venv/bin/python -m benchmarks.crash table

`points` lets strace kill a step, or fail a system call of it, at each of its writes. `disks` runs
the steps on file systems that refuse. `searches` kills processes of a whole search at random
moments. `situations` does what people and machines do to searches. Then the same command runs
again, and the results are compared with those of an undisturbed run. `disks` and some situations
mount file systems, for which they have to be root.

Each renews its rows of results.csv, or adds to them with --add; `table` puts them into
docs/reference/crashes.md.
"""

import argparse
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from small_disk import mounted
from tiny_search import TinySearch

from benchmarks.crash.disks import ROOMY, disturbances
from benchmarks.crash.outcome import outcome
from benchmarks.crash.points import ERRORS, KILL, Point, points, strike
from benchmarks.crash.searches import VICTIMS, kill_in_search, left_over
from benchmarks.crash.situations import SITUATIONS, Scene
from benchmarks.crash.steps import STEPS
from benchmarks.crash.table import Row, read, renew, write_page
from benchmarks.crash.workshop import Ended, Workshop, finished_search, with_archive


def main() -> None:
    """Disturb, and count."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("how", choices=[*RUNS, "table"])
    parser.add_argument("--only", action="append", choices=[*STEPS, *SITUATIONS], default=[])
    parser.add_argument("--kills", type=int, default=20, help="of each step, or of each search")
    parser.add_argument("--errors", type=int, default=5, help="of each kind and step, at most")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--add", action="store_true", help="to the earlier results")
    parser.add_argument("--finished", type=Path, help="keep the undisturbed search in this folder")
    arguments = parser.parse_args()
    if arguments.how == "table":
        write_page()
        return
    before = {row[:3]: row for row in read()} if arguments.add else {}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)  # one of the disturbances is another user
        finished = arguments.finished or folder / "undisturbed"
        if not finished.exists():
            finished_search(finished)
        for row in RUNS[arguments.how](finished, folder, arguments):
            total = row.plus(before.get(row[:3]))
            print(total, flush=True)
            renew(total)


def at_points(finished: Path, folder: Path, arguments: argparse.Namespace) -> Iterator[Row]:
    """Kills, and errors of the disk, at system calls of the steps."""
    source = with_archive(finished, folder / "source")
    for step in arguments.only or STEPS:
        workshop = Workshop(source, STEPS[step], folder / "place")
        there = points(workshop)
        rows: dict[str, Row] = {}
        for fault in (KILL, *ERRORS):
            calls = [p for p in there if fault == KILL or p.call in ERRORS[fault][1]]
            rows[fault] = Row("points", step, fault)
            for point in spread(calls, arguments.kills if fault == KILL else arguments.errors):
                disturb = partial(strike, workshop, point, fault)
                rows[fault] = counted(rows[fault], workshop, disturb)
        # Not before the step is done: an archive notes which files of this clone were changed.
        yield from rows.values()


def on_disks(finished: Path, folder: Path, arguments: argparse.Namespace) -> Iterator[Row]:
    """File systems that refuse."""
    source = with_archive(finished, folder / "source")
    for step in arguments.only or STEPS:
        with mounted(folder / "place", ROOMY):
            workshop = Workshop(source, STEPS[step], folder / "place")
            rows: dict[str, Row] = {}
            for fault, (disturb, repair) in disturbances(workshop):
                row = rows.get(fault, Row("disks", step, fault))
                rows[fault] = counted(row, workshop, disturb, repair)
            yield from rows.values()


def counted(
    row: Row,
    workshop: Workshop,
    disturb: Callable[[], Ended],
    repair: Callable[[], object] = lambda: None,
) -> Row:
    """Disturb once more; what went wrong is also shown."""
    found, first, second = outcome(workshop, disturb, repair)
    if any(found):
        print(f"{row.what}, {row.fault}: {found}\n{first}\n{second}", file=sys.stderr, flush=True)
    once = Row(*row[:3], 1, int(first.status == 0), *found)
    return row.plus(once)


def spread(points: Sequence[Point], most: int) -> list[Point]:
    """So many of the points, evenly; first and last among them."""
    if len(points) <= most:
        return list(points)
    return [points[round(i * (len(points) - 1) / (most - 1))] for i in range(most)]


def in_searches(finished: Path, folder: Path, arguments: argparse.Namespace) -> Iterator[Row]:
    """Processes of one search, at random moments."""
    undisturbed = TinySearch(finished)
    (folder / "place").mkdir()
    search = TinySearch(folder / "place")
    victims, doubled = kill_in_search(
        search, arguments.kills, np.random.default_rng(arguments.seed)
    )
    for kind in VICTIMS:
        yield Row("searches", kind, KILL, times=victims[kind])
    found, wanted = search.results(), undisturbed.results()
    yield Row(
        "searches",
        "whole searches",
        "compared",
        times=1,
        lost=len(set(undisturbed.trained()) - set(search.trained())),
        doubled=doubled,
        other=sum(found.get(name) != content for name, content in wanted.items()),
        left_over=len(left_over(search)),
    )


def in_situations(finished: Path, folder: Path, arguments: argparse.Namespace) -> Iterator[Row]:
    """What people and machines do to a search."""
    for name in arguments.only or SITUATIONS:
        situation = SITUATIONS[name]
        (folder / name).mkdir()
        wrong = 0
        try:
            situation(Scene(TinySearch(finished), folder / name))
        except AssertionError:
            traceback.print_exc()
            wrong = 1
        words = (situation.__doc__ or "").rstrip(".")
        yield Row("situations", words, "tried", times=1, other=wrong)


RUNS: dict[str, Callable[[Path, Path, argparse.Namespace], Iterator[Row]]] = {
    "points": at_points,
    "disks": on_disks,
    "searches": in_searches,
    "situations": in_situations,
}

if __name__ == "__main__":
    main()
