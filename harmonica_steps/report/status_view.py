"""``harmonica status``: the progress of searches, in the terminal."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.styled import Styled
from rich.table import Table

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.report.console import console, duration
from harmonica_steps.report.failures import Cause
from harmonica_steps.report.so_far import Damaged, PartStatus, SearchStatus
from harmonica_steps.report.status import Reader
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.terminal import brief

MOST_CAUSES = 6

MOST_REACHED = 3
"""Running trainings that are shown."""

Look = Callable[[], list[SearchStatus | Damaged]]


def show_status(folders: Sequence[Path], every: float | None = None) -> None:
    """Print the progress of each search.

    Parameters
    ----------
    folders
        Of the searches; none for all in ``results/``.
    every
        Print again after as many seconds, until all searches are finished.

    Raises
    ------
    HarmonicaError
        When there is no search.
    """
    folders = folders or [plan.parent for plan in sorted(Path("results").glob("*/plan.json"))]
    if not folders:
        raise HarmonicaError(
            "results/ holds no search yet; start one with harmonica run CONFIG, or name the folder "
            "of one."
        )
    reader = Reader(again=every is not None)
    screen = console()

    def look() -> list[SearchStatus | Damaged]:
        return [_read(reader, folder) for folder in folders]

    if every is None:
        screen.print(_all(look()))
    elif screen.is_terminal and not screen.is_dumb_terminal:
        found = look()
        with Live(_all(found), console=screen, auto_refresh=False) as live:
            while not _finished(found):
                time.sleep(every)
                found = look()
                live.update(_all(found), refresh=True)
    else:
        _print_changes(screen, look, every)


def _all(found: Sequence[SearchStatus | Damaged]) -> RenderableType:
    return Group(*map(render, found))


def _finished(found: Sequence[SearchStatus | Damaged]) -> bool:
    return all(search.finished for search in found)


def _read(reader: Reader, folder: Path) -> SearchStatus | Damaged:
    """The status of a search; one that is damaged does not keep others from being shown."""
    try:
        return reader.read(folder)
    except HarmonicaError as error:
        if not os.path.lexists(SearchFolder(folder).plan):
            raise
        return Damaged(str(error))


def _print_changes(screen: Console, look: Look, every: float) -> None:
    """Print for logs: again only if more than the progress of trainings has changed."""
    before = ""
    while True:
        found = look()
        with screen.capture() as capture:
            screen.print(_all([_without_steps(search) for search in found]))
        if capture.get() != before:
            before = capture.get()
            screen.print(_all(found))
        if _finished(found):
            return
        time.sleep(every)


def _without_steps(search: SearchStatus | Damaged) -> SearchStatus | Damaged:
    """A search without what changes every time."""
    return search if isinstance(search, Damaged) else replace(search, under_way=None)


def render(search: SearchStatus | Damaged) -> RenderableType:
    """A search's parts, failures and what is left."""
    if isinstance(search, Damaged):
        return Styled(f"\nDamaged: {search.problem}", "red")
    table = Table(box=None, padding=(0, 1), header_style="bold")
    for name in ("part", "", "done"):
        table.add_column(name)
    for name in ("ok", "failed", "running", "waiting", "best", "each"):
        table.add_column(name, justify="right")
    for part in search.parts:
        table.add_row(*_row(part))
    head = Styled(f"\n{brief(search.name)}: {search.direction} {brief(search.metric)}", "bold")
    causes = [cause for part in search.parts for cause in part.causes]
    after = (*_under_way(search), *_failures(causes), *_damaged(search), *_end(search))
    return Group(head, table, *after)


def _row(part: PartStatus) -> list[RenderableType]:
    bar = ProgressBar(
        total=part.trainings,
        completed=part.done,
        width=24,
        complete_style="yellow" if part.failed else "green",
        finished_style="yellow" if part.failed else "green",
    )
    return [
        part.name + (" (skipped)" if part.skipped else ""),
        bar,
        f"{part.done}/{part.trainings}",
        str(part.counts.get("ok", 0)),
        str(part.failed),
        str(part.running),
        str(part.waiting),
        "" if part.best is None else f"{part.best:.4g}",
        duration(part.times.mean) if part.times else "",
    ]


def _under_way(search: SearchStatus) -> list[RenderableType]:
    """The progress of the running trainings that have a learning curve: the best of them."""
    if search.under_way is None:
        return []
    part, running, looked, found = search.under_way
    which = f"{running}" if looked == running else f"the first {looked} of {running}"
    metric = brief(search.metric)
    return [
        f"{len(found)} of {which} running trainings of {part} report a curve. Best now:",
        *(
            f"  trial {trial}: step {step:.10g}, {metric} {value:.4g}"
            for trial, step, value in found[:MOST_REACHED]
        ),
    ]


def _failures(causes: list[Cause]) -> list[RenderableType]:
    lines: list[RenderableType] = [Styled("Failures", "bold")] if causes else []
    for cause in causes[:MOST_CAUSES]:
        trials = ", ".join(map(str, cause.trials[:6])) + (", ..." if len(cause.trials) > 6 else "")
        text = (
            f"  {len(cause.trials)} x {brief(cause.status)} in {cause.part}: {brief(cause.cause)} "
            f"(trials {trials})"
        )
        lines.append(Styled(text, "red"))
        if cause.error != cause.cause:
            lines.append(f"      {brief(cause.error)}")
        lines.append(f"      log: {brief(cause.log)}")
    if len(causes) > MOST_CAUSES:
        lines.append(f"  and {len(causes) - MOST_CAUSES} more causes")
    return lines


def _damaged(search: SearchStatus) -> list[RenderableType]:
    lines: list[RenderableType] = []
    for part in search.parts:
        if count := len(part.damaged):
            records = "1 record is" if count == 1 else f"{count} records are"
            first = "" if count == 1 else " The first:"
            lines.append(Styled(f"Damaged: {records} damaged in {part.name}.{first}", "red"))
            lines.append(f"      {part.damaged[0]}")
    return lines


def _end(search: SearchStatus) -> list[RenderableType]:
    *lines, last = outlook(search)
    alarming = not (search.finished or search.controller)
    style = "bold green" if search.finished else "yellow" if alarming else ""
    return [*lines, Styled(last, style)]


def outlook(search: SearchStatus) -> list[str]:
    """The best so far, the time left, and what runs the search, a sentence each."""
    lines = []
    if search.best:
        what = f"Best {brief(search.metric)}" + ("" if search.finished else " so far")
        part = search.best.first.part
        lines.append(f"{what}: {search.best.value:.4g} ({part}, {search.ranking.chosen})")
    if search.finished:
        return [*lines, "Finished."]
    left = search.seconds_left()
    lines.append(
        "Time left: unknown until the first training has finished."
        if left is None
        else f"Time left: about {duration(left)} at the current pace."
    )
    if search.controller:
        return [*lines, f"Run by {brief(search.controller)}."]
    running = sum(part.running for part in search.parts)
    were = "training was" if running == 1 else "trainings were"
    interrupted = f": {running} {were} interrupted, or run elsewhere" if running else ""
    return [
        *lines,
        f"No snakemake process is running this search here{interrupted}. Rerun the same command "
        "to resume.",
    ]
