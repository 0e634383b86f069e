"""All trainings of a search that have ended, with what they were drawn as."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.records.record import Record
from harmonica_steps.records.sample import SampleLine
from harmonica_steps.results.curve import Point
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.search.plan import Part
from harmonica_steps.space import Value


@dataclass(frozen=True)
class Training:
    """A finished training."""

    part: Part
    trial: int
    path: str
    """Path of its record, relative to the search's folder."""
    candidate: int
    origin: str
    """How its sample was chosen."""
    parameters: dict[str, Value]
    """Parameters that the training was given, without inactive ones."""
    fidelity: dict[str, Value]
    seed: int
    status: str
    value: float | None
    cause: str | None
    error: str | None
    metrics: dict[str, float]
    curve: list[Point]
    """Its learning curve; empty without one."""
    started: float
    seconds: float
    continues: tuple[str, int] | None
    """Part and trial of the training whose checkpoint it started from."""


def trainings(search: SearchRun) -> list[Training]:
    """All of a search that have ended, part by part, in the order of their trials.

    Raises
    ------
    HarmonicaError
        When there is none yet, or a record is damaged.
    """
    found = [training for part in search.parts for training in _of_part(search, part)]
    if not found:
        raise HarmonicaError(
            f"{search.folder.root}: no training has finished yet, so there is nothing to export. "
            "Run snakemake first."
        )
    return found


def _of_part(search: SearchRun, part: Part) -> Iterator[Training]:
    for trial, sample in enumerate(search.drawn(part.name)):
        path = search.folder.record(part.name, trial)
        if not path.exists():
            continue
        record = search.record(part.name, trial)
        # A record of another draw is about to be trained again: it does not belong to this search.
        drawn = (sample["configuration"], sample["seed"])
        if (record["configuration"], record["seed"]) == drawn:
            yield _training(search, part, trial, path, sample, record)


def _training(
    search: SearchRun, part: Part, trial: int, path: Path, sample: SampleLine, record: Record
) -> Training:
    configuration = record["configuration"]
    names = search.space.names
    before = sample["continues"]
    return Training(
        part=part,
        trial=trial,
        path=str(path.relative_to(search.folder.root)),
        candidate=sample["candidate"],
        origin=sample["origin"],
        parameters={name: configuration[name] for name in names if name in configuration},
        fidelity={name: v for name, v in configuration.items() if name not in names},
        seed=record["seed"],
        status=record["status"],
        value=None if record["value"] is None else float(record["value"]),
        cause=record["cause"],
        error=record["error"],
        metrics={name: float(value) for name, value in record["metrics"].items()},
        curve=[(step, value) for step, value in record.get("curve", [])],
        started=float(record["run"]["started"]),
        seconds=float(record["run"]["seconds"]),
        continues=(before["part"], before["trial"]) if before else None,
    )
