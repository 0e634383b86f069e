"""What a finished training means: a status, a value, and a cause that a person understands."""

import itertools
import math
import signal
from pathlib import Path
from typing import NamedTuple

from harmonica_steps.objective.lines import NoMetricError
from harmonica_steps.objective.resultfile import kind
from harmonica_steps.objective.sources import Read
from harmonica_steps.results.tail import LONGEST, WIDEST, last_line, shown

LARGEST = 1e100
"""A metric beyond this has diverged, whether or not it is still a number."""

MOST_OF_A_LINE = 200
"""Characters of the names that a result has."""

ACCEPT = "objective.accept_result: true would accept it"
"""What to do about a result of a training that has ended badly."""


class Outcome(NamedTuple):
    """The end of a training."""

    status: str
    value: float | None = None
    metrics: dict[str, float] | None = None
    cause: str | None = None
    """Short, the same for the same kind of failure, so that causes can be counted."""
    error: str | None = None
    """The whole sentence, with the last line of the log."""

    def after(self, damage: str) -> "Outcome":
        """The outcome of a training that has also harmed its surroundings."""
        return self._replace(cause=f"{damage}; {self.cause}", error=f"{damage}; {self.error}")


def judge(
    returncode: int | None,
    read: Read,
    metric: str,
    log: Path,
    *,
    timeout: float = 0.0,
    accept_result: bool = False,
) -> Outcome:
    """Turn an exit status, and what a training has left, into an outcome.

    Parameters
    ----------
    returncode
        As of `subprocess.Popen`: negative for a signal; None if it was stopped.
    read
        Reads what the training has left.
    metric
        The key that it should have, a finite number.
    log
        The training's output.
    timeout
        Seconds after which it was to be stopped.
    accept_result
        Whether a good result counts however the program has ended.
    """
    bad_end = _bad_end(returncode, timeout)
    left = _read(read, metric, log)
    if bad_end is None or (accept_result and left.status == "ok"):
        return left
    status, cause = bad_end
    if left.status != "ok":
        return _failure(status, cause, log)
    there = f"{cause}, after it left {metric!r} = {left.value:g} ({ACCEPT})"
    last = last_line(log)
    return Outcome(status, cause=cause, error=f"{there}: {last}" if last else there)


def _bad_end(returncode: int | None, timeout: float) -> tuple[str, str] | None:
    if returncode is None:
        return "timeout", f"timeout after {timeout:g} s"
    if returncode < 0:
        name = _signal_name(-returncode)
        hint = " (out of memory?)" if name == "SIGKILL" else ""
        return "killed", f"died of signal {name}{hint}"
    return ("failed", f"exit status {returncode}") if returncode else None


def _read(read: Read, metric: str, log: Path) -> Outcome:
    try:
        content = read()
    except NoMetricError as problem:
        return _failure("failed", str(problem), log, line=problem.line)
    metrics = {_name(k): float(v) for k, v in content.items() if k != metric and _finite(v)}
    if metric not in content:
        names = ", ".join(map(_name, itertools.islice(content, MOST_OF_A_LINE))) or "nothing"
        inside = next((k for k, v in content.items() if isinstance(v, dict) and metric in v), None)
        hint = f" ({metric!r} is inside {_name(inside)!r})" if inside else ""
        cause = f"result has no {metric!r}, it has {names[:MOST_OF_A_LINE]}{hint}"
        return _failure("failed", cause, log, metrics)
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
    last = shown(line[:WIDEST]).strip()[:LONGEST] or last_line(log)
    return Outcome(status, None, metrics, cause, f"{cause}: {last}" if last else cause)


def _name(key: object) -> str:
    """The name of a metric, such that any file can hold it."""
    return str(key).encode("utf-8", "backslashreplace").decode()


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
