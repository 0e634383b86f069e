"""Files as a protocol: written under a temporary name and renamed, so readers see whole files."""

import contextlib
import hashlib
import json
import math
import os
import stat
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from harmonica_steps.errors import KEPT, HarmonicaError
from harmonica_steps.leftovers import temporary

SCHEMA_VERSION = 1

LARGEST_JSON = 2**24
"""Most bytes of a JSON file: a search of a thousand parameters needs a tenth of them."""

MOST_NESTED = 64
"""Most lists and objects within one another."""

MOST_DIGITS = 300
"""Most digits of a whole number: any such number is also a float."""


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary sibling of `path` to write to, and rename it over `path` at the end.

    Leftovers of a killed writer of `path` are removed.

    Raises
    ------
    HarmonicaError
        When the file system refuses (full, read only, no permission); `path` is then untouched.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary(path) as beside:
            try:
                yield beside
                with beside.open("rb") as written:
                    os.fsync(written.fileno())
                beside.replace(path)
            except BaseException:
                with contextlib.suppress(OSError):
                    beside.unlink()
                raise
    except OSError as error:
        raise HarmonicaError(
            f"{path}: cannot be written ({error.strerror or error}). {KEPT}"
        ) from error


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path` as UTF-8, all or nothing."""
    with replacing(path) as beside:
        beside.write_text(text, encoding="utf-8")


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write `content` with the schema version in front, indented for people."""
    write_text(path, json_text(content))


def json_text(content: dict[str, Any]) -> str:
    """What `write_json` writes."""
    versioned = {"schema_version": SCHEMA_VERSION, **content}
    return json.dumps(versioned, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def read_bytes(path: Path, most: int = LARGEST_JSON, repair: str = "") -> bytes:
    """The content of a plain file of this project; nothing else is waited for, or read.

    Parameters
    ----------
    path
        The file; it may be a link to one.
    most
        Bytes that it may have.
    repair
        What to do about a file that is not one of ours, in a sentence.

    Raises
    ------
    HarmonicaError
        When it cannot be read, is not a file, or is larger.
    """
    try:
        # Without O_NONBLOCK, opening a pipe would wait for somebody to write to it.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise HarmonicaError(f"{path}: cannot be read ({error.strerror or error}).") from error
    try:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode):
            raise damaged(path, "is not a file", repair)
        if about.st_size > most:
            raise damaged(path, f"has {about.st_size:,} bytes, at most {most:,} are read", repair)
        found = b""
        while len(found) <= most and (block := os.read(handle, max(about.st_size, 2**12) + 1)):
            found += block
        return found
    except OSError as error:
        raise HarmonicaError(f"{path}: cannot be read ({error.strerror or error}).") from error
    finally:
        os.close(handle)


def read_text(path: Path, repair: str = "") -> str:
    """The text in a plain file, see `read_bytes`; what is not UTF-8 in it is replaced."""
    return read_bytes(path, repair=repair).decode("utf-8", "replace")


def read_json(path: Path, repair: str = "") -> dict[str, Any]:
    """Read one of this project's JSON files.

    Raises
    ------
    HarmonicaError
        When it cannot be read, see `read_bytes`, or is not one, see `json_in`.
    """
    return json_in(read_bytes(path, repair=repair), path, repair)


def json_in(content: bytes, name: object, repair: str = "") -> dict[str, Any]:
    """The JSON object, of our schema version, in a file.

    Parameters
    ----------
    content
        Of the file.
    name
        Of the file, for messages.
    repair
        What to do about a file that is not one of ours, in a sentence.

    Raises
    ------
    HarmonicaError
        When it is not a JSON object, or has another schema version.
    """
    found = parse_json(content, name, repair)
    if not isinstance(found, dict):
        raise damaged(name, f"must hold a JSON object, not {type(found).__name__}", repair)
    if (version := found.get("schema_version")) != SCHEMA_VERSION:
        shown = repr(version)[:40]
        raise damaged(
            name,
            f"schema_version is {shown}, this version of Harmonica reads {SCHEMA_VERSION}",
            repair,
        )
    return found


def parse_json(content: bytes, name: object, repair: str = "") -> object:
    """What is in a JSON text that anybody may have written.

    Raises
    ------
    HarmonicaError
        When it is not valid, names a key twice, or holds a number that is not finite or a nesting
        that no file of ours has.
    """
    try:
        # People's editors may have put a byte order mark in front.
        text = content.decode("utf-8-sig")
        found = _DECODER.decode(text)
    except RecursionError:
        raise damaged(name, "is not valid JSON (nested too deeply)", repair) from None
    except ValueError as error:
        raise damaged(name, f"is not valid JSON ({str(error)[:200]})", repair) from None
    # Counted first, as hardly any file has so many brackets.
    if text.count("[") + text.count("{") > MOST_NESTED and _depth(found) > MOST_NESTED:
        raise damaged(name, "is not valid JSON (nested too deeply)", repair)
    return found


def damaged(name: object, problem: str, repair: str = "") -> HarmonicaError:
    """The error about a file that is not as this project writes it."""
    return HarmonicaError(f"{name}: {problem}. {repair}".rstrip())


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice, _ = Counter(key for key, _ in pairs).most_common(1)[0]
        raise ValueError(f"duplicate key {twice[:60]!r}")
    return found


def _integer(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"a number has {len(digits)} digits")
    return int(digits)


def _number(digits: str) -> float:
    found = float(digits)
    if not math.isfinite(found):
        raise ValueError(f"the number {digits[:40]} is too large")
    return found


def _not_finite(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a number")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_number, parse_constant=_not_finite
)


def _depth(content: object) -> int:
    """How deeply lists and objects are nested."""
    depth, level = 0, [content]
    while level := [entry for entry in level if isinstance(entry, dict | list)]:
        depth += 1
        level = [
            inner
            for entry in level
            for inner in (entry.values() if isinstance(entry, dict) else entry)
        ]
    return depth


def digest(content: object) -> str:
    """SHA-256 of `content` as canonical JSON."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
