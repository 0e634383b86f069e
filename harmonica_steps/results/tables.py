"""Tables: Parquet with fixed types for programs, TSV beside it for people."""

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from harmonica_steps.files import replacing, write_text
from harmonica_steps.results.statuses import FAILURES, SKIPPED
from harmonica_steps.search.draw import Sample
from harmonica_steps.search.samples import Samples
from harmonica_steps.space import Space, Value

POINT = "point:"
"""Prefix of the columns with the coordinates."""


def sample_table(space: Space, samples: Iterable[Sample]) -> pa.Table:
    """One row a sample: trial, seed, candidate, origin, value and coordinate of every parameter.

    The value of a parameter that is withheld from the training is missing, its coordinate is not:
    it was drawn all the same, and counts in the regression.
    """
    rows = list(samples)
    table = {
        "trial": pa.array([s.trial for s in rows], pa.int32()),
        "seed": pa.array([s.seed for s in rows], pa.int64()),
        "candidate": pa.array([s.candidate for s in rows], pa.int32()),
        "origin": pa.array([s.origin for s in rows], pa.string()),
    }
    active = [space.active(s.configuration) for s in rows]
    for name in space.names:
        table[name] = _typed([a.get(name) for a in active], space.grids[name])
    for column, name in enumerate(space.names):
        table[POINT + name] = pa.array([s.point[column] for s in rows], pa.float64())
    return pa.table(table)


def _typed(values: list[Value | None], grid: tuple[Value, ...]) -> pa.Array:
    kinds = {type(value) for value in grid}
    if kinds == {bool}:
        return pa.array(values, pa.bool_())
    if kinds == {int}:
        return pa.array(values, pa.int64())
    if kinds <= {int, float}:
        return pa.array([None if v is None else float(v) for v in values], pa.float64())
    if kinds == {str}:
        return pa.array(values, pa.string())
    return pa.array([None if v is None else json.dumps(v) for v in values], pa.string())


def samples_in(table: pa.Table, space: Space, scores: np.ndarray) -> Samples:
    """The samples of a part's table, with these scores."""
    return Samples(
        table["candidate"].to_numpy().astype(np.int64),
        np.array([numbers(table, POINT + name) for name in space.names]).T,
        scores,
        np.array(table["origin"].to_pylist(), dtype=object),
    )


def numbers(table: pa.Table, name: str) -> np.ndarray:
    """A column as floating-point numbers; NaN where there is none."""
    return np.asarray(pc.cast(table[name], pa.float64()).to_numpy())


def with_column(table: pa.Table, name: str, column: Any) -> pa.Table:
    """A table whose column of this name is another, or a further one."""
    if name in table.column_names:
        return table.set_column(table.column_names.index(name), name, column)
    return table.append_column(name, column)


def joined(tables: Iterable[pa.Table]) -> pa.Table:
    """The rows of several tables; what only some of them have is missing in the others."""
    return pa.concat_tables(tables, promote_options="permissive")


def write_table(path: Path, table: pa.Table, *, twin: bool = False) -> None:
    """Write Parquet and, with `twin`, the same as TSV without the coordinates."""
    with replacing(path) as beside:
        pq.write_table(table, beside, compression="zstd")
    if twin:
        write_text(path.with_suffix(".tsv"), _as_tsv(table))


def _as_tsv(table: pa.Table) -> str:
    names = [name for name in table.column_names if not name.startswith(POINT)]
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t", lineterminator="\n")
    writer.writerow(names)
    columns = [table[name].to_pylist() for name in names]
    for row in zip(*columns, strict=True):
        writer.writerow([None if value != value else value for value in row])
    return text.getvalue()


def read_table(path: Path) -> pa.Table:
    """Read what `write_table` wrote."""
    with pq.ParquetFile(path) as file:
        return file.read().replace_schema_metadata()


def was_skipped(table: pa.Table) -> bool:
    """Whether the part of a table was not trained, as its stage was not needed."""
    return all(status == SKIPPED for status in table["status"].to_pylist())


def failures_in(table: pa.Table) -> int:
    """How many trainings of a part's table gave no usable metric."""
    return sum(status in FAILURES for status in table["status"].to_pylist())


def without_skipped(table: pa.Table) -> pa.Table:
    """The rows that were trained."""
    return table.filter(pc.not_equal(table["status"], SKIPPED))
