"""Tables: Parquet with fixed types for programs, TSV beside it for people."""

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from harmonica_steps.files import replacing, write_text
from harmonica_steps.results.statuses import SKIPPED
from harmonica_steps.search.draw import Sample
from harmonica_steps.search.samples import Samples
from harmonica_steps.space import Space, Value

POINT = "point:"
"""Prefix of the columns with the coordinates."""


def sample_table(space: Space, samples: Iterable[Sample]) -> pd.DataFrame:
    """One row a sample: trial, seed, candidate, origin, value and coordinate of every parameter.

    The value of a parameter that is withheld from the training is missing, its coordinate is not:
    it was drawn all the same, and counts in the regression.
    """
    rows = list(samples)
    table = {
        "trial": pd.array([s.trial for s in rows], dtype="int32"),
        "seed": pd.array([s.seed for s in rows], dtype="int64"),
        "candidate": pd.array([s.candidate for s in rows], dtype="int32"),
        "origin": pd.array([s.origin for s in rows], dtype="string"),
    }
    active = [space.active(s.configuration) for s in rows]
    for name in space.names:
        table[name] = _typed([a.get(name) for a in active], space.grids[name])
    for column, name in enumerate(space.names):
        table[POINT + name] = pd.array([s.point[column] for s in rows], dtype="float64")
    return pd.DataFrame(table)


def _typed(values: list[Value | None], grid: tuple[Value, ...]) -> pd.api.extensions.ExtensionArray:
    kinds = {type(value) for value in grid}
    if kinds == {bool}:
        return pd.array(values, dtype="boolean")
    if kinds == {int}:
        return pd.array(values, dtype="Int64")
    if kinds <= {int, float}:
        return pd.array(values, dtype="Float64")
    if kinds == {str}:
        return pd.array(values, dtype="string")
    return pd.array([None if v is None else json.dumps(v) for v in values], dtype="string")


def samples_in(table: pd.DataFrame, space: Space, scores: np.ndarray) -> Samples:
    """The samples of a part's table, with these scores."""
    return Samples(
        table["candidate"].to_numpy(dtype=np.int64),
        table[[POINT + name for name in space.names]].to_numpy(dtype=float),
        scores,
        table["origin"].to_numpy(dtype=object),
    )


def write_table(path: Path, table: pd.DataFrame, *, twin: bool = False) -> None:
    """Write Parquet and, with `twin`, the same as TSV without the coordinates."""
    with replacing(path) as beside:
        table.to_parquet(beside, index=False, compression="zstd")
    if twin:
        shown = table[[name for name in table.columns if not name.startswith(POINT)]]
        write_text(path.with_suffix(".tsv"), shown.to_csv(sep="\t", index=False))


def read_table(path: Path) -> pd.DataFrame:
    """Read what `write_table` wrote."""
    return pd.read_parquet(path)


def was_skipped(table: pd.DataFrame) -> bool:
    """Whether the part of a table was not trained, as its stage was not needed."""
    return bool((table["status"] == SKIPPED).all())
