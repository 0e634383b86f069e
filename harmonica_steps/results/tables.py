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

LEVEL = "level:"
"""Prefix of the columns with the level indices."""


def sample_table(space: Space, samples: Iterable[Sample]) -> pd.DataFrame:
    """One row a sample: trial, seed, candidate, value and level of every parameter.

    The value of a parameter that is withheld from the training is missing, its level is not: it
    was drawn all the same, and counts in the regression.
    """
    rows = list(samples)
    table = {
        "trial": pd.array([s.trial for s in rows], dtype="int32"),
        "seed": pd.array([s.seed for s in rows], dtype="int64"),
        "candidate": pd.array([s.candidate for s in rows], dtype="int32"),
    }
    active = [space.active(s.configuration) for s in rows]
    for name in space.names:
        table[name] = _typed([a.get(name) for a in active], space.grids[name])
    for column, name in enumerate(space.names):
        table[LEVEL + name] = pd.array([s.levels[column] for s in rows], dtype="int16")
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


def level_matrix(table: pd.DataFrame, space: Space) -> np.ndarray:
    """Level indices, shape ``(samples, parameters)``."""
    return np.asarray(table[[LEVEL + name for name in space.names]], dtype=np.int64)


def samples_in(table: pd.DataFrame, space: Space, scores: np.ndarray) -> Samples:
    """The samples of a stage's table, with these scores."""
    candidate = table["candidate"].to_numpy(dtype=np.int64)
    return Samples(candidate, level_matrix(table, space), scores)


def write_table(path: Path, table: pd.DataFrame, *, twin: bool = False) -> None:
    """Write Parquet and, with `twin`, the same as TSV without the level columns."""
    with replacing(path) as beside:
        table.to_parquet(beside, index=False, compression="zstd")
    if twin:
        shown = table[[name for name in table.columns if not name.startswith(LEVEL)]]
        write_text(path.with_suffix(".tsv"), shown.to_csv(sep="\t", index=False))


def read_table(path: Path) -> pd.DataFrame:
    """Read what `write_table` wrote."""
    return pd.read_parquet(path)


def was_skipped(table: pd.DataFrame) -> bool:
    """Whether the part of a table was not trained, as its stage was not needed."""
    return bool((table["status"] == SKIPPED).all())
