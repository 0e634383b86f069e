"""The samples of a part: one line of ``samples.jsonl`` each."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NotRequired, TypedDict

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import damaged, parse_json
from harmonica_steps.records.record import Place, Untrained
from harmonica_steps.typed import Count, Seed, Value, conform

REPAIR = "Delete it and run snakemake again, which draws the same samples again."

LONGEST_LINE = 2**24
"""Bytes of a sample: a thousand parameters need a thousandth of them."""


class SampleLine(Untrained):
    """What a training is given, and where that comes from."""

    trial: Count
    seed: Seed
    candidate: int
    origin: str
    configuration: dict[str, Value]
    continues: Place | None
    """The training whose checkpoint it starts from."""
    asked: NotRequired[dict[str, Any]]
    """What the optimiser that has chosen it keeps for later rounds."""


class Skipped(TypedDict):
    """The one line of a part that is not trained."""

    skipped: str
    """Why not."""


def why_skipped(path: Path) -> str | None:
    """Why a part is not trained, by the file of its samples; None if it is, or is not drawn yet."""
    if not path.exists():
        return None
    line = next(iter(_lines(path)), b"")
    if not line.startswith(b'{"skipped":'):
        return None
    found: Skipped = conform(parse_json(line, path, REPAIR), Skipped, path, REPAIR)
    return found["skipped"]


def read_samples(path: Path, trials: int, *, exactly: bool = True) -> list[SampleLine]:
    """Read the samples of a part.

    Parameters
    ----------
    path
        The file.
    trials
        How many there are; no more are read.
    exactly
        Whether it must be as many: with another configuration they may still be those of before.

    Returns
    -------
    list of SampleLine
        Of all trials; none of a part that is skipped.

    Raises
    ------
    HarmonicaError
        When it cannot be read, or a line of it is damaged.
    """
    if why_skipped(path) is not None:
        return []
    lines = list(islice(_lines(path), trials + 1))
    if exactly and len(lines) != trials:
        found = f"more than {trials}" if len(lines) > trials else str(len(lines))
        raise damaged(path, f"has {found} samples, but the part has {trials}", REPAIR)
    return [sample_in(line, path, trial) for trial, line in enumerate(lines[:trials])]


def read_sample(path: Path, trial: int) -> SampleLine:
    """Read one of the samples of a part, see `read_samples`."""
    line = next(islice(_lines(path), trial, None), None)
    if line is None:
        raise damaged(path, f"has no sample {trial}", REPAIR)
    return sample_in(line, path, trial)


def sample_in(line: bytes, path: Path, trial: int) -> SampleLine:
    """The sample in a line, the first of which is that of trial 0."""
    name = f"{path}: line {trial + 1}"
    sample = conform(parse_json(line, name, REPAIR), SampleLine, name, REPAIR)
    if sample["trial"] != trial:
        raise damaged(name, f"trial: must be {trial}, got {sample['trial']}", REPAIR)
    return sample


def _lines(path: Path) -> Iterator[bytes]:
    try:
        if not path.is_file() and path.exists():
            raise damaged(path, "is not a file", REPAIR)
        with path.open("rb") as stream:
            while line := stream.readline(LONGEST_LINE):
                if not line.endswith(b"\n"):
                    raise damaged(
                        path, "ends within a line, or has a line that is too long", REPAIR
                    )
                yield line
    except OSError as error:
        raise HarmonicaError(f"{path}: cannot be read ({error.strerror or error}).") from error
