"""The metric from a log that a training writes: CSV, TSV, or a JSON object per line."""

import csv
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any

from harmonica_steps.objective.lines import LONGEST, NoMetricError, lines_from_the_end
from harmonica_steps.objective.resultfile import parse_json
from harmonica_steps.results.plain import open_plain, reason

State = tuple[int, int, int]


def state(path: Path) -> State | None:
    """What changes when a file is written; None without a file."""
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_ino, about.st_mtime_ns, about.st_size


def last_row(path: Path, metric: str, before: State | None) -> dict[str, Any]:
    """The last row of a log that has the metric: a value for each name.

    Parameters
    ----------
    path
        The log.
    metric
        The column, or key, that must have a value.
    before
        The `state` of the log before the training.

    Raises
    ------
    NoMetricError
        When there is no such row, or the log cannot be read.
    """
    now = state(path)
    if now is None:
        raise NoMetricError(f"wrote no {path.name} (objective.metric_file) in its work folder")
    if now == before:
        raise NoMetricError(f"wrote nothing new to {path.name}")
    try:
        return _last_object(path, metric) if path.suffix == ".jsonl" else _last_of(path, metric)
    except OSError as error:
        raise NoMetricError(f"{path.name} {reason(error)}") from None


def _last_object(path: Path, metric: str) -> dict[str, Any]:
    names: dict[str, None] = {}
    for line in lines_from_the_end(path):
        try:
            row: Any = parse_json(line.removeprefix("\ufeff"))
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict):
            raise NoMetricError(f"{path.name} has a line that is not a JSON object", line)
        if metric in row:
            return row
        names |= dict.fromkeys(row)
    raise NoMetricError(_without(path, metric, list(names)))


def _last_of(path: Path, metric: str) -> dict[str, Any]:
    delimiter = "\t" if path.suffix == ".tsv" else ","
    last = None
    with TextIOWrapper(open_plain(path), "utf-8-sig", "replace", newline="") as stream:
        rows = csv.reader(_lines(stream, path.name), delimiter=delimiter, skipinitialspace=True)
        try:
            names = [name.strip() for name in next(rows, [])]
            if metric not in names:
                raise NoMetricError(_without(path, metric, names))
            column = names.index(metric)
            for row in rows:
                if len(row) > column and row[column].strip():
                    last = row
        except csv.Error as error:
            raise NoMetricError(f"{path.name} cannot be read ({error})") from None
    if last is None:
        raise NoMetricError(f"{path.name} has no value of {metric!r}")
    return {name: _number(cell) for name, cell in zip(names, last, strict=False)}


def _lines(stream: IO[str], name: str) -> Iterator[str]:
    while line := stream.readline(LONGEST):
        if len(line) == LONGEST:
            raise NoMetricError(f"{name} has a line of more than {LONGEST:,} characters")
        yield line


def _number(cell: str) -> float | str:
    try:
        return float(cell)
    except ValueError:
        return cell.strip()


def _without(path: Path, metric: str, names: list[str]) -> str:
    return f"{path.name} has no {metric!r}, it has {', '.join(names)[:200] or 'nothing'}"
