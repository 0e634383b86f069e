"""The manifest: the first member of an archive, it names all others with size and SHA-256."""

import hashlib
import itertools
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from harmonica_steps.archive.members import CRATE, PLAN, PROVENANCE, REQUIREMENTS, is_allowed
from harmonica_steps.files import SCHEMA_VERSION, json_text

LARGEST_MANIFEST = 2**26
"""Some 400,000 members."""

LARGEST_MEMBER = 2**30
LARGEST_TOTAL = 2**36
"""Bounds for what is believed of a file from elsewhere: one gigabyte a member, 64 in all."""


class Entry(NamedTuple):
    """What the manifest says of one member."""

    path: str
    size: int
    sha256: str


def build(members: Mapping[str, bytes]) -> bytes:
    """The manifest of these members, in the order of their names."""
    entries = [
        Entry(name, len(content), hashlib.sha256(content).hexdigest())._asdict()
        for name, content in sorted(members.items())
    ]
    return json_text({"files": entries}).encode()


def parse(content: bytes) -> list[Entry]:
    """Read a manifest that may be damaged or hostile.

    Raises
    ------
    ValueError
        With what is wrong with it.
    """
    if len(content) > LARGEST_MANIFEST:
        raise ValueError(f"has more than {LARGEST_MANIFEST:,} bytes")
    try:
        data = json.loads(content)
        if data["schema_version"] != SCHEMA_VERSION:
            raise ValueError(
                f"schema_version is {data['schema_version']!r}, this version of Harmonica reads "
                f"{SCHEMA_VERSION}"
            )
        entries = [_entry(item) for item in data["files"]]
    except (KeyError, TypeError, RecursionError, UnicodeDecodeError) as error:
        raise ValueError(f"is no manifest ({type(error).__name__}: {error})") from None
    names = [entry.path for entry in entries]
    # Strictly ascending: so nothing is there twice, and the order is the archive's.
    if any(a >= b for a, b in itertools.pairwise(names)):
        raise ValueError("names a member twice, or not in order")
    folders = {name[:i] for name in names for i, letter in enumerate(name) if letter == "/"}
    if both := folders.intersection(names):
        raise ValueError(f"names {min(both)} as a file and as a folder")
    if missing := {PROVENANCE, REQUIREMENTS, CRATE, PLAN} - set(names):
        raise ValueError(f"does not name {min(missing)}")
    if sum(entry.size for entry in entries) > LARGEST_TOTAL:
        raise ValueError(f"declares more than {LARGEST_TOTAL >> 30} GiB in all")
    return entries


def _entry(item: dict[str, Any]) -> Entry:
    entry = Entry(**item)
    if not isinstance(entry.path, str) or not is_allowed(entry.path):
        raise ValueError(f"names {str(entry.path)[:200]!r}, which no archive of ours can hold")
    if type(entry.size) is not int or not 0 <= entry.size <= LARGEST_MEMBER:
        raise ValueError(f"gives {entry.path} an impossible size ({str(entry.size)[:30]})")
    if not isinstance(entry.sha256, str):
        raise ValueError(f"gives {entry.path} no digest")
    return entry
