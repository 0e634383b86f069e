"""The record of a training: its input and its outcome."""

from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from harmonica_steps.files import damaged, json_in, read_bytes
from harmonica_steps.typed import Budget, Count, Metric, Seed, Value, Within, conform

REPAIR = "Delete it and run snakemake again, which retrains it."

Seconds = Annotated[float, Within(-1e10, 1e10)]
"""A clock that was set back leaves negative ones."""


class Run(TypedDict):
    """What may differ between two runs of the same training."""

    seconds: Seconds
    cpu_seconds: Seconds
    started: Annotated[float, Within(0, 1e11)]
    """Time of the start, in seconds since 1970."""
    memory_mb: NotRequired[float]
    host: NotRequired[str]
    job: NotRequired[str | None]
    deaths: NotRequired[Count]


class Place(TypedDict):
    """The part and trial of a training."""

    part: str
    trial: Count


class ImportedTrial(TypedDict):
    """The trial of a study that a sample is."""

    study: str
    trial: int
    status: Literal["ok", "failed", "diverged"]
    value: Metric | None
    cause: str | None


class Copied(Place):
    """The training that a sample is a copy of."""

    value: Metric | None


class Untrained(TypedDict):
    """What a sample says that needs no training, and its record repeats."""

    imported: NotRequired[ImportedTrial]
    copied: NotRequired[Copied]


Point = list[Annotated[float, Within(-1e100, 1e100)]]
"""One point of a learning curve: a step, and the metric after it."""


class Record(Untrained):
    """A training that has ended."""

    part: str
    trial: Count
    key: str
    configuration: dict[str, Value]
    seed: Seed
    budget: Budget
    status: Literal["ok", "failed", "diverged", "timeout", "killed"]
    value: Metric | None
    """None unless the status is ``ok``."""
    metrics: dict[str, Metric]
    curve: NotRequired[list[Point]]
    """The learning curve as the training has reported it; see `results.curve`."""
    cause: str | None
    error: str | None
    log: str
    run: Run


def read_record(path: Path) -> Record:
    """Read the record of a training.

    Raises
    ------
    HarmonicaError
        When it cannot be read, is damaged, or is that of another training.
    """
    return record_in(read_bytes(path, repair=REPAIR), path)


def record_in(content: bytes, path: Path) -> Record:
    """The record in a file, see `read_record`."""
    record = conform(json_in(content, path, REPAIR), Record, path, REPAIR)
    if not str(path).endswith(f"{record['part']}/trials/{record['trial']:04d}.json"):
        what = f"is the record of {record['part'][:60]}, trial {record['trial']}"
        raise damaged(path, what, REPAIR)
    if (record["status"] == "ok") != (record["value"] is not None):
        value: Any = record["value"]
        what = f"value: is {'null' if value is None else value}, with the status"
        raise damaged(path, f"{what} {record['status']!r}", REPAIR)
    if any(len(point) != 2 for point in record.get("curve", [])):
        raise damaged(path, "curve: must be pairs of a step and a value", REPAIR)
    return record
