"""What a stage has recovered, as ``psr.json`` has it."""

from pathlib import Path
from typing import Literal, NotRequired, TypedDict

from harmonica_steps.config import Transform
from harmonica_steps.files import damaged, json_in, read_bytes
from harmonica_steps.search.restriction import CANDIDATE
from harmonica_steps.space import Space
from harmonica_steps.typed import Count, Value, conform

REPAIR = "Delete it and run snakemake again, which rewrites it, and frozen.json next to it."


class End(TypedDict):
    """An interval of values."""

    low: float
    high: float


class PsrTerm(TypedDict):
    """A term of the polynomial."""

    parameters: list[str]
    weight: float
    standard_error: float
    signed: bool
    share: float
    p_value: float
    stability: float | None
    prefers: dict[str, Value | End]


class Leaning(TypedDict):
    """A parameter that is in no term, and its probable best setting."""

    parameter: str
    towards: Value | End
    probability: float


class Small(TypedDict):
    """The main effects of what is in no term, together."""

    p_value: float
    held_out_r2: float
    leaning: list[Leaning]


class PsrParameter(TypedDict):
    """Why a parameter is frozen or free."""

    status: Literal["frozen", "free"]
    reason: str


class Psr(TypedDict):
    """What a stage has recovered; `search.explain` says what the keys mean."""

    stage: Count
    message: str
    skipped: NotRequired[bool]
    samples: Count
    transform: Transform
    products: int
    incumbent: NotRequired[bool]
    finding: Literal["terms", "small effects", "terms and small effects", "nothing"]
    r2: float
    held_out_r2: float | None
    terms: list[PsrTerm]
    rejected: list[PsrTerm]
    small_effects: NotRequired[Small | None]
    parameters: dict[str, PsrParameter]


def read_psr(path: Path, space: Space, stage: int) -> Psr:
    """Read what a stage has recovered.

    Raises
    ------
    HarmonicaError
        When it cannot be read, is damaged, or is of another stage or another space.
    """
    return psr_in(read_bytes(path, repair=REPAIR), path, space, stage)


def psr_in(content: bytes, path: Path, space: Space, stage: int) -> Psr:
    """What a stage has recovered, in a file, see `read_psr`."""
    psr = conform(json_in(content, path, REPAIR), Psr, path, REPAIR)
    if psr["stage"] != stage:
        raise damaged(path, f"stage: must be {stage}, got {psr['stage']}", REPAIR)
    if "small effects" in psr["finding"] and psr.get("small_effects") is None:
        raise damaged(path, f"small_effects: is null, but finding is {psr['finding']!r}", REPAIR)
    known = {*space.names, CANDIDATE}
    for key, terms in (("terms", psr["terms"]), ("rejected", psr["rejected"])):
        for number, term in enumerate(terms, start=1):
            for name in {*term["parameters"], *term["prefers"]} - known:
                what = f"{key}.{number}: {name[:60]!r} is not a parameter of this search"
                raise damaged(path, what, REPAIR)
    return psr
