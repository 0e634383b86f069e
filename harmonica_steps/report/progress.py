"""``harmonica status``: how far searches are, in the terminal."""

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.report.console import console, duration
from harmonica_steps.report.failures import Cause
from harmonica_steps.report.so_far import Damaged, PartStatus, SearchStatus
from harmonica_steps.report.status import Reader
from harmonica_steps.results.paths import SearchFolder

MOST_CAUSES = 6

Look = Callable[[], tuple[RenderableType, bool]]


def show_status(folders: Sequence[Path], every: float | None = None) -> None:
    """Print how far each search is.

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
            "results/ holds no search yet; start one with harmonica run CONFIG, or give its folder."
        )
    reader = Reader(again=every is not None)
    screen = console()

    def look() -> tuple[RenderableType, bool]:
        found = [_read(reader, folder) for folder in folders]
        return Group(*map(render, found)), all(search.finished for search in found)

    shown, finished = look()
    if every is None:
        screen.print(shown)
    elif screen.is_terminal:
        with Live(shown, console=screen, auto_refresh=False) as live:
            while not finished:
                time.sleep(every)
                shown, finished = look()
                live.update(shown, refresh=True)
    else:
        _print_changes(screen, look, every)


def _read(reader: Reader, folder: Path) -> SearchStatus | Damaged:
    """The status of a search; one that is damaged does not keep others from being shown."""
    try:
        return reader.read(folder)
    except HarmonicaError as error:
        if not os.path.lexists(SearchFolder(folder).plan):
            raise
        return Damaged(str(error))


def _print_changes(screen: Console, look: Look, every: float) -> None:
    """For logs: again only where something has changed."""
    before = ""
    while True:
        shown, finished = look()
        with screen.capture() as capture:
            screen.print(shown)
        if capture.get() != before:
            before = capture.get()
            screen.out(before, end="")
        if finished:
            return
        time.sleep(every)


def render(search: SearchStatus | Damaged) -> RenderableType:
    """A search's parts, failures and what is left."""
    if isinstance(search, Damaged):
        return Text(f"\nDamaged: {search.problem}", style="red")
    table = Table(box=None, padding=(0, 1), header_style="bold")
    for name in ("part", "", "done"):
        table.add_column(name)
    for name in ("ok", "failed", "running", "waiting", "best", "each"):
        table.add_column(name, justify="right")
    for part in search.parts:
        table.add_row(*_row(part))
    head = Text(f"\n{search.name}: {search.direction} {search.metric}", style="bold")
    causes = [cause for part in search.parts for cause in part.causes]
    return Group(head, table, *_failures(causes), *_damaged(search), *_end(search))


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


def _failures(causes: list[Cause]) -> list[Text]:
    lines = [Text("Failures", style="bold")] if causes else []
    for cause in causes[:MOST_CAUSES]:
        trials = ", ".join(map(str, cause.trials[:6])) + (", ..." if len(cause.trials) > 6 else "")
        lines.append(
            Text(
                f"  {len(cause.trials)} x {cause.status} in {cause.part}: {cause.cause} "
                f"(trials {trials})",
                style="red",
            )
        )
        if cause.error != cause.cause:
            lines.append(Text(f"      {cause.error}"))
        lines.append(Text(f"      log: {cause.log}"))
    if len(causes) > MOST_CAUSES:
        lines.append(Text(f"  and {len(causes) - MOST_CAUSES} more causes"))
    return lines


def _damaged(search: SearchStatus) -> list[Text]:
    lines = []
    for part in search.parts:
        if count := len(part.damaged):
            records = "1 record is" if count == 1 else f"{count} records are"
            first = "" if count == 1 else " The first:"
            lines.append(Text(f"Damaged: {records} damaged in {part.name}.{first}", style="red"))
            lines.append(Text(f"      {part.damaged[0]}"))
    return lines


def _end(search: SearchStatus) -> list[Text]:
    lines = []
    if search.best:
        what = f"Best {search.metric}" + ("" if search.finished else " so far")
        part = search.best.first.part
        lines.append(Text(f"{what}: {search.best.value:.4g} ({part}, {search.ranking.chosen})"))
    if search.finished:
        return [*lines, Text("Finished.", style="bold green")]
    left = search.seconds_left()
    lines.append(
        Text(
            "Time left: unknown until the first training has ended."
            if left is None
            else f"Time left: about {duration(left)}, as long as trainings take what they took."
        )
    )
    if search.controller:
        return [*lines, Text(f"Run by {search.controller}.")]
    running = sum(part.running for part in search.parts)
    were = "training was" if running == 1 else "trainings were"
    interrupted = f": {running} {were} interrupted, or run elsewhere" if running else ""
    text = f"No snakemake runs it on this machine{interrupted}. To go on type the same command."
    return [*lines, Text(text, style="yellow")]
