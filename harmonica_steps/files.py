"""Files as a protocol: written beside and renamed, so that no reader ever sees half a file."""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.leftovers import temporary

SCHEMA_VERSION = 1


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary sibling of `path` to write to, and rename it over `path` at the end.

    What a killed writer of `path` has left is removed.

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
            f"{path}: cannot be written ({error.strerror or error}). Nothing computed so far is "
            "lost; mend it and run the same command again."
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


def read_json(path: Path) -> dict[str, Any]:
    """Read one of this project's JSON files.

    Raises
    ------
    HarmonicaError
        When it is missing, is no JSON object, or has another schema version.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise HarmonicaError(f"{path}: cannot be read ({error.strerror or error}).") from error
    except ValueError as error:
        raise HarmonicaError(f"{path}: is not valid JSON ({error}).") from error
    if not isinstance(content, dict):
        raise HarmonicaError(f"{path}: must hold a JSON object, not {type(content).__name__}.")
    if content.get("schema_version") != SCHEMA_VERSION:
        raise HarmonicaError(
            f"{path}: schema_version is {content.get('schema_version')!r}, this version of "
            f"Harmonica reads {SCHEMA_VERSION}."
        )
    return content


def digest(content: object) -> str:
    """SHA-256 of `content` as canonical JSON."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
