"""What a finished training means: a status, a value, and a cause that a person understands."""

import math
import signal
from pathlib import Path
from typing import NamedTuple

from harmonica_steps.objective.lines import NoMetricError
from harmonica_steps.objective.sources import Read, kind

LARGEST = 1e100
"""A metric beyond this has diverged, whether or not it is still a number."""

MOST_OF_A_LINE = 300
"""Characters of a line that an error quotes."""


class Outcome(NamedTuple):
    """The end of a training."""

    status: str
    value: float | None = None
    metrics: dict[str, float] | None = None
    cause: str | None = None
    """Short, the same for the same kind of failure, so that causes can be counted."""
    error: str | None = None
    """The whole sentence, with the last line of the log."""


def judge(returncode: int, read: Read, metric: str, log: Path) -> Outcome:
    """Turn an exit status, and what a training has left, into an outcome.

    Parameters
    ----------
    returncode
        As of `subprocess.Popen`: negative for a signal.
    read
        Reads what the training has left.
    metric
        The key that it should have, a finite number.
    log
        The training's output.
    """
    if returncode < 0:
        name = _signal_name(-returncode)
        hint = " (out of memory?)" if name == "SIGKILL" else ""
        return _failure("killed", f"died of signal {name}{hint}", log)
    if returncode > 0:
        return _failure("failed", f"exit status {returncode}", log)
    try:
        content = read()
    except NoMetricError as problem:
        return _failure("failed", str(problem), log, line=problem.line)
    metrics = {str(k): float(v) for k, v in content.items() if k != metric and _finite(v)}
    if metric not in content:
        names = ", ".join(map(str, content)) or "nothing"
        return _failure("failed", f"result has no {metric!r}, it has {names}", log, metrics)
    value = content[metric]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _failure("failed", f"{metric!r} is a {kind(value)}, not a number", log, metrics)
    if not _finite(value):
        how = "not finite" if isinstance(value, float) and not math.isfinite(value) else "too large"
        return _failure("diverged", f"{metric!r} is {how}", log, metrics)
    return Outcome("ok", float(value), metrics)


def _failure(
    status: str,
    cause: str,
    log: Path,
    metrics: dict[str, float] | None = None,
    line: str = "",
) -> Outcome:
    last = line[:MOST_OF_A_LINE] or last_line(log)
    return Outcome(status, None, metrics, cause, f"{cause}: {last}" if last else cause)


def last_line(log: Path) -> str:
    """The last line of a log that says something, shortened; empty without one."""
    try:
        with log.open("rb") as stream:
            stream.seek(max(log.stat().st_size - 4096, 0))
            lines = stream.read().decode("utf-8", "replace").split("\n")
    except OSError:
        return ""
    return next((line.strip()[:MOST_OF_A_LINE] for line in reversed(lines) if line.strip()), "")


def _finite(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return abs(float(value)) <= LARGEST
    except OverflowError:
        return False


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)  # a real-time signal
