"""``harmonica try``, from its options to what it prints."""

import shutil
import tempfile
from pathlib import Path

from harmonica_steps.config import Search
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.objective.outcome import ACCEPT
from harmonica_steps.objective.sharing import noted
from harmonica_steps.report.console import console
from harmonica_steps.report.failures import excerpt
from harmonica_steps.report.plan_view import Machine
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.terminal import say, warn
from harmonica_steps.tryout.advice import advice
from harmonica_steps.tryout.choice import Choice
from harmonica_steps.tryout.scratch import Scratch
from harmonica_steps.tryout.show import show_choice, show_command, show_cost, show_record


def try_out(
    search: Search,
    choice: Choice,
    source: SearchRun | None,
    machine: Machine,
    output: Path | None = None,
    *,
    keep: bool = False,
) -> None:
    """Train once and show everything about it.

    Parameters
    ----------
    search
        The configuration.
    choice
        The training.
    source
        The search that it is taken from.
    machine
        What the whole search is to run on.
    output
        Folder to train in. Default: a temporary one, which stays if the training fails.
    keep
        Whether it stays in any case.

    Raises
    ------
    HarmonicaError
        When the training fails: the cause, and what to change.
    KeyboardInterrupt
        After Ctrl-C, when the training has ended.
    """
    root = output or Path(tempfile.mkdtemp(prefix=f"harmonica-try-{search.search}-"))
    stays = keep or output is not None
    try:
        scratch = Scratch(root, search, choice)
    except HarmonicaError:
        _remove(root, stays)
        raise
    if source and choice.continues:
        scratch.take_checkpoint(source.folder, choice.continues)
    try:
        _train(search, choice, scratch, machine)
    except KeyboardInterrupt:
        warn("\nInterrupted: the training was stopped.")
        _remove(root, stays)
        raise
    except HarmonicaError:
        say(f"Files: {root}")
        raise
    except BrokenPipeError:  # there is no reader left
        _remove(root, stays)
        raise
    say(f"Files: {root}" if stays else "Files: removed (--keep keeps them)")
    _remove(root, stays)


def _train(search: Search, choice: Choice, scratch: Scratch, machine: Machine) -> None:
    objective = search.objective.model_dump()
    screen = console()
    show_choice(screen, choice, scratch.identity["configuration"])
    show_command(screen, *scratch.command())
    last = [""]

    def show(text: str) -> None:
        last[0] = text[-1:] or last[0]
        say(text.replace("\r\n", "\n").replace("\r", "\n"), end="")  # bars become lines

    record = scratch.train(show)
    if record is None:
        raise HarmonicaError("the training could not be started, see above.")
    if last[0] not in ("", "\n"):
        say()
    show_record(screen, record, search.objective.metric)
    if why := noted(scratch.folder):
        say(why)
    if record["status"] != "ok":
        hint = advice(record, objective, excerpt(record["log"]))
        if ACCEPT in (record["error"] or ""):
            hint = f"{hint} It had left a metric: {ACCEPT}."
        raise HarmonicaError(f"the training failed: {record['cause']}. {hint}")
    show_cost(screen, search, choice, record["run"]["seconds"], machine)


def _remove(root: Path, stays: bool) -> None:
    if not stays:
        shutil.rmtree(root, ignore_errors=True)
