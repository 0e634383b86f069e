"""Tables: Parquet with fixed types for programs, a TSV next to it for people."""

import json
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
from pyarrow import parquet

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import damaged, read_bytes, replacing, write_text
from harmonica_steps.records.record import Record
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.results.statuses import FAILURES
from harmonica_steps.search.draw import Sample
from harmonica_steps.search.samples import Samples
from harmonica_steps.space import Region, Space, Value

POINT = "point:"
"""Prefix of the columns with the coordinates."""

OUTCOME = {"status": "string", "cause": "string", "value": "float64", "score": "float64"}
"""The columns that a part's table has beyond those of its samples."""

TIMES = {"started": "float64", "seconds": "float64", "cpu_seconds": "float64"}
"""The columns of ``runtime.parquet`` that are read."""

LARGEST = 2**30
"""Bytes of a table."""

MOST_CELLS = 10**8
"""Rows times columns of a table: a few bytes can stand for any number of equal ones."""

REPAIR = "Delete it and run snakemake again, which writes it again."


def sample_table(space: Space, samples: Iterable[Sample]) -> pd.DataFrame:
    """One row per sample: trial, seed, candidate, origin, value and coordinate of every parameter.

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


def metrics_table(
    drawn: pd.DataFrame, records: Sequence[Record], scores: np.ndarray
) -> pd.DataFrame:
    """The samples of a part, as `sample_table` has them, with what became of each."""
    values = [record["value"] for record in records]
    return drawn.assign(
        status=pd.array([record["status"] for record in records], dtype="string"),
        cause=pd.array([record["cause"] for record in records], dtype="string"),
        value=np.array([np.nan if v is None else v for v in values], dtype=float),
        score=scores,
    )


def runtime_table(records: Sequence[Record]) -> pd.DataFrame:
    """What may differ between runs, and the other metrics, which may be times as well."""
    if not records:
        return pd.DataFrame(columns=["trial", *TIMES]).astype({"trial": "int64", **TIMES})
    runs = pd.DataFrame([{"trial": r["trial"], **r["run"]} for r in records])
    runs = runs.astype(TIMES)
    runs["job"] = runs["job"].astype("string")
    names = sorted({name for record in records for name in record["metrics"]})
    for name in names:
        values = [record["metrics"].get(name) for record in records]
        runs[f"metric:{name}"] = np.array([np.nan if v is None else v for v in values], dtype=float)
    return runs


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


def read_drawn(search: SearchRun, name: str) -> pd.DataFrame:
    """The samples of a part, as `sample_table` has them.

    Raises
    ------
    HarmonicaError
        When the table cannot be read, or is not one of this search.
    """
    path, trials = search.folder.samples(name).with_suffix(".parquet"), search.trainings(name)
    table = drawn_in(read_bytes(path, LARGEST, REPAIR), path, search.space)
    if len(table) != trials:
        raise damaged(path, f"has {len(table)} rows, but the part has {trials} samples", REPAIR)
    return table


def read_metrics(search: SearchRun, name: str) -> pd.DataFrame:
    """What `steps.collect` has made of the records of a part; see `read_drawn`.

    With another configuration its samples may still be those of before, see `is_current`.
    """
    path = search.folder.metrics(name)
    return metrics_in(read_bytes(path, LARGEST, REPAIR), path, search.space)


def read_collected(search: SearchRun, name: str) -> pd.DataFrame:
    """What `read_metrics` reads, known to be of the samples that are drawn now."""
    table = read_metrics(search, name)
    if not is_current(search, name, table):
        what = f"is not of the samples in {search.folder.samples(name).with_suffix('.parquet')}"
        raise damaged(search.folder.metrics(name), what, REPAIR)
    return table


def is_current(search: SearchRun, name: str, table: pd.DataFrame) -> bool:
    """Whether what was collected is of the samples that are drawn now."""
    path = search.folder.samples(name).with_suffix(".parquet")
    if not path.exists() or len(table) != search.trainings(name):
        return False
    drawn = read_drawn(search, name)
    return bool(table[drawn.columns].equals(drawn))


def read_runtime(search: SearchRun, name: str) -> pd.DataFrame:
    """The times of a part, which may differ between runs; see `read_drawn`."""
    path = search.folder.runtime(name)
    return runtime_in(read_bytes(path, LARGEST, REPAIR), path)


def read_table(path: Path) -> pd.DataFrame:
    """Any table that `write_table` wrote.

    Raises
    ------
    HarmonicaError
        When it cannot be read, is not a table, or is too large.
    """
    return table_in(read_bytes(path, LARGEST, REPAIR), path)


def drawn_in(content: bytes, path: Path, space: Space) -> pd.DataFrame:
    """The samples in a file, see `read_drawn`."""
    kinds = {str(name): dtype.name for name, dtype in sample_table(space, []).dtypes.items()}
    table = _table(content, path, kinds)
    points = table[[POINT + name for name in space.names]].to_numpy(dtype=float)
    if not Region.whole(space).contains(points).all():
        raise damaged(path, "has coordinates that are not in the space", REPAIR)
    for column in ("seed", "candidate", "origin"):
        if table[column].isna().any():
            raise damaged(path, f"column {column}: has no value in some rows", REPAIR)
    return table


def metrics_in(content: bytes, path: Path, space: Space) -> pd.DataFrame:
    """The results of the samples in a file, see `read_metrics`."""
    table = drawn_in(content, path, space)
    _check_columns(table, path, OUTCOME)
    statuses = table["status"]
    if unknown := set(statuses.dropna()) - {"ok", *FAILURES}:
        raise damaged(path, f"column status: {min(unknown)[:40]!r} is unknown", REPAIR)
    if statuses.isna().any() or ((statuses == "ok") != np.isfinite(table["value"])).any():
        raise damaged(path, "column value: does not agree with the column status", REPAIR)
    return table


def runtime_in(content: bytes, path: Path) -> pd.DataFrame:
    """The times in a file, see `read_runtime`."""
    table = _table(content, path, {"trial": "int64", **TIMES})
    if not np.isfinite(table[list(TIMES)].to_numpy(dtype=float)).all():
        raise damaged(path, "has times that are not finite", REPAIR)
    return table


def table_in(content: bytes, path: Path) -> pd.DataFrame:
    """The table in a file, see `read_table`."""
    try:
        about = parquet.read_metadata(BytesIO(content))
        if about.num_rows * about.num_columns > MOST_CELLS:
            size = f"{about.num_rows:,} rows and {about.num_columns:,} columns"
            raise damaged(path, f"is too large, with {size}", REPAIR)
        table = pd.read_parquet(BytesIO(content))
        if not table.columns.is_unique:
            raise damaged(path, "has two columns of the same name", REPAIR)
        return table
    # Whatever pyarrow and pandas raise for a damaged file: errors of arrow, OSError, KeyError, ...
    except HarmonicaError:
        raise
    except Exception as error:
        raise damaged(path, "is not a Parquet table, or is damaged", REPAIR) from error


def _table(content: bytes, path: Path, kinds: Mapping[str, str]) -> pd.DataFrame:
    """A table with one row per training, and columns of these types."""
    table = table_in(content, path)
    _check_columns(table, path, kinds)
    if table["trial"].tolist() != list(range(len(table))):
        raise damaged(path, "column trial: must count the rows from 0", REPAIR)
    return table


def _check_columns(table: pd.DataFrame, path: Path, kinds: Mapping[str, str]) -> None:
    for column, kind in kinds.items():
        if column not in table.columns:
            raise damaged(path, f"column {column[:60]}: is missing", REPAIR)
        # pandas has two kinds of text; either may be in a table that a user has edited.
        found = table[column].dtype.name.replace("string", "str")
        if found != kind.replace("string", "str"):
            raise damaged(path, f"column {column[:60]}: must be {kind}, is {found}", REPAIR)
