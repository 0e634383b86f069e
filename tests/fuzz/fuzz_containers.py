"""Mutations of files that are no text: Parquet tables, SQLite databases, archives."""

import io
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from fuzz_trees import VALUES, json_trees, texts
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).parents[1] / "archive"))
from archive_support import closed, compress, packed, raw_header, tar

from harmonica_steps.archive import manifest
from harmonica_steps.archive.compression import zstd
from harmonica_steps.archive.container import BLOCK, header
from harmonica_steps.archive.members import MANIFEST

_COLUMNS: list[tuple[str, Any]] = [
    ("null", lambda n: pa.nulls(n)),
    ("text", lambda n: pa.array(["x\x1b[31m"] * n)),
    ("long text", lambda n: pa.array(["x" * 10_000] * n)),
    ("digits", lambda n: pa.array(["1"] * n)),
    ("nan", lambda n: pa.array([float("nan")] * n)),
    ("infinity", lambda n: pa.array([float("-inf")] * n)),
    ("large", lambda n: pa.array([1.7e308, -1.7e308] * n)[:n]),
    ("whole", lambda n: pa.array([2**63 - 1] * n)),
    ("negative", lambda n: pa.array([-1] * n)),
    ("bool", lambda n: pa.array([True] * n)),
    ("list", lambda n: pa.array([[1, 2]] * n)),
    ("struct", lambda n: pa.array([{"a": 1}] * n)),
    ("bytes", lambda n: pa.array([b"\xff"] * n)),
    ("time", lambda n: pa.array([0] * n, pa.timestamp("ns"))),
    ("decimal", lambda n: pa.array([1] * n, pa.decimal128(20, 2))),
    ("factor", lambda n: pa.array(["a"] * n).dictionary_encode()),
    ("gaps", lambda n: pa.array(([1.0, None] * n)[:n])),
]


@st.composite
def tables(draw: st.DrawFn, content: bytes) -> bytes:
    """A well-formed table with other columns, types or rows."""
    table = pq.read_table(io.BytesIO(content))
    for _ in range(draw(st.integers(1, 3))):
        table = _changed(draw, table)
    with io.BytesIO() as stream:
        pq.write_table(table, stream)
        return stream.getvalue()


def _changed(draw: st.DrawFn, table: pa.Table) -> pa.Table:
    rows = table.num_rows
    kind = draw(st.sampled_from(["drop", "other", "rename", "again", "rows", "schema"]))
    if kind == "schema":  # what pandas has noted of its own
        return table.replace_schema_metadata(draw(st.sampled_from([None, {"pandas": "{"}])))
    if kind == "rows" or not table.num_columns:
        places = draw(st.lists(st.integers(0, max(rows - 1, 0)), max_size=2 * rows))
        columns = [column.to_pylist() for column in table.columns]  # `take` refuses some types
        chosen = [
            pa.array([column[place] for place in places if rows], kind)
            for column, kind in zip(columns, table.schema.types, strict=True)
        ]
        return pa.Table.from_arrays(chosen, names=table.column_names)
    place = draw(st.integers(0, table.num_columns - 1))
    name = table.column_names[place]
    if kind == "drop":
        return table.remove_column(place)
    if kind == "other":
        _, column = draw(st.sampled_from(_COLUMNS))
        return table.set_column(place, name, column(rows))
    names = st.sampled_from([*table.column_names, "", "status", "other.x", "\x1b[31m", "a" * 5000])
    if kind == "rename":
        renamed = list(table.column_names)
        renamed[place] = draw(names)
        return table.rename_columns(renamed)
    return table.append_column(draw(names), table.column(place))


@st.composite
def databases(draw: st.DrawFn, content: bytes) -> bytes:
    """An SQLite database with other values, rows, columns or tables."""
    with sqlite3.connect(":memory:") as base:
        base.deserialize(content)
        for _ in range(draw(st.integers(1, 3))):
            base.execute("pragma foreign_keys = off")
            tables = [
                n
                for (n,) in base.execute(
                    "select name from sqlite_master where type = 'table' order by name"
                )
            ]
            filled = [t for t in tables if base.execute(f"select 1 from {t}").fetchone()]
            if not filled:
                break
            _change_database(draw, base, draw(st.sampled_from(filled)))
        base.commit()
        found = base.serialize()
    base.close()
    return found


_CELLS = [v for v in VALUES if isinstance(v, str | int | float | None) and v == v]


def _change_database(draw: st.DrawFn, base: sqlite3.Connection, table: str) -> None:
    columns = [row[1] for row in base.execute(f"pragma table_info({table})")]
    rows = [row for (row,) in base.execute(f"select rowid from {table}")]
    row, column = draw(st.sampled_from(rows)), draw(st.sampled_from(columns))
    kind = draw(st.sampled_from(["set", "set", "delete", "drop", "column"]))
    try:
        if kind == "set":
            value = draw(st.sampled_from([b"\xff\0", *_CELLS]))
            base.execute(f"update {table} set {column} = ? where rowid = ?", (value, row))
        elif kind == "delete":
            base.execute(f"delete from {table} where rowid = ?", (row,))
        elif kind == "drop":
            base.execute(f"drop table {table}")
        else:
            base.execute(f"alter table {table} rename column {column} to other")
    except (sqlite3.Error, OverflowError, UnicodeEncodeError):
        pass  # the constraints of the table; it is as it was


Member = tuple[bytes, bytes]
"""A tar header and the content after it."""


def members(content: bytes) -> dict[str, bytes]:
    """The members of an archive of ours."""
    stream = zstd.decompress(content[:-40])
    found, place = {}, 0
    while name := stream[place : place + 100].rstrip(b"\0"):
        size = int(stream[place + 124 : place + 136].rstrip(b"\0 "), 8)
        found[name.decode()] = stream[place + BLOCK : place + BLOCK + size]
        place += BLOCK + -(-size // BLOCK) * BLOCK
    return found


_NAMES = [
    "../evil", "../../evil", "/tmp/evil", "search/../../evil", "search/./plan.json", "a" * 100, "",
    "search/stage-1", "search/plan.json", "program/train.sh", "search/stage-1/trials/9999.json",
    "search/.lock", "search/evil.py", "program/../evil", "\x1b[31m", "search//plan.json", "évil",
]  # fmt: skip


@st.composite
def archives(draw: st.DrawFn, content: bytes) -> bytes:
    """An archive that is rightly wrapped, of other members."""
    found = members(content)
    listing = found.pop(MANIFEST)
    if draw(st.booleans()):
        name = draw(st.sampled_from(sorted(found)))
        found[name] = draw(
            json_trees(found[name]) if name.endswith(".json") else texts(found[name])
        )
    if draw(st.integers(0, 3)) == 3:
        name = draw(st.sampled_from(_NAMES))
        found[name] = b"evil"
    if draw(st.integers(0, 3)) == 3:
        del found[draw(st.sampled_from(sorted(found)))]
    honest = draw(st.booleans())
    listing = manifest.build(found) if honest else listing
    if draw(st.integers(0, 3)) == 3:
        listing = draw(json_trees(listing) | texts(listing))
    pairs = [(_header(name, len(data)), data) for name, data in sorted(found.items())]
    pairs.insert(0, (_header(MANIFEST, len(listing)), listing))
    if draw(st.booleans()):
        pairs = _disordered(draw, pairs)
    return draw(wrapped(tar(pairs)))


def _header(name: str, size: int) -> bytes:
    try:
        return header(name, size)
    except Exception:
        return raw_header(name.encode()[:100], size)


def _disordered(draw: st.DrawFn, pairs: list[Member]) -> list[Member]:
    place = draw(st.integers(0, len(pairs) - 1))
    kind = draw(st.sampled_from(["double", "move", "kind", "name", "size"]))
    name, data = pairs[place][0][:100].rstrip(b"\0"), pairs[place][1]
    changed = list(pairs)
    if kind == "double":
        changed.insert(draw(st.integers(0, len(pairs))), pairs[place])
    elif kind == "move":
        changed.insert(draw(st.integers(0, len(pairs) - 1)), changed.pop(place))
    elif kind == "kind":
        link = draw(st.sampled_from([b"/etc/passwd", b"../evil", b"search/plan.json", b""]))
        letter = draw(st.sampled_from([bytes([n]) for n in b"1234567xgLKS\0A"]))
        changed[place] = (raw_header(name, len(data), letter, link), data)
    elif kind == "name":
        other = draw(st.sampled_from(_NAMES))
        changed[place] = (raw_header(other.encode()[:100], len(data)), data)
    else:
        size = draw(st.sampled_from([0, len(data) + 1, 2**20, 8**11 - 1]))
        changed[place] = (raw_header(name, size), data)
    return changed


@st.composite
def wrapped(draw: st.DrawFn, stream: bytes) -> bytes:
    """A tar compressed and closed as it should be, or otherwise."""
    kind = draw(st.sampled_from(["ours"] * 6 + ["zeros", "frames", "window", "plain", "open"]))
    if kind == "zeros":
        return packed(stream + bytes(2**27))
    if kind == "frames":
        return closed(compress(stream[: len(stream) // 2]) + compress(stream[len(stream) // 2 :]))
    if kind == "window":
        large = {zstd.CompressionParameter.window_log: 27}
        return closed(zstd.compress(stream, options=large))
    if kind == "plain":
        return stream
    return compress(stream) if kind == "open" else packed(stream)
