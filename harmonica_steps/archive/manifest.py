"""The manifest: the first member of an archive, it names all others with size and SHA-256."""

import hashlib
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from harmonica_steps.archive.members import CRATE, PLAN, PROVENANCE, REQUIREMENTS, is_allowed
from harmonica_steps.files import SCHEMA_VERSION, json_text

MOST_MEMBERS = 200_000
LARGEST_MANIFEST = 2**25
"""What so many members need, with the names that those of a search have."""

LARGEST_TEXT = 2**22
"""The plan and the provenance are read into memory."""

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


def _check_size(content: bytes) -> None:
    """Check before parsing: what small text unfolds to would need a hundred times its memory."""
    if len(content) > LARGEST_MANIFEST:
        raise ValueError(f"has more than {LARGEST_MANIFEST:,} bytes")
    if content.count(b"{") > MOST_MEMBERS + 1:
        raise ValueError(f"names more than {MOST_MEMBERS:,} members")
    if content.count(b"[") > MOST_MEMBERS or content.count(b",") > 3 * (MOST_MEMBERS + 1):
        raise ValueError("is not a manifest (it holds more than names, sizes and digests)")


def parse(content: bytes) -> list[Entry]:
    """Read a manifest that may be damaged or hostile.

    Raises
    ------
    ValueError
        With what is wrong with it.
    """
    _check_size(content)
    try:
        data = json.loads(content.decode(), object_hook=_compact)
        if data["schema_version"] != SCHEMA_VERSION:
            raise ValueError(
                f"schema_version is {data['schema_version']!r:.40}, this version of Harmonica "
                f"reads {SCHEMA_VERSION}"
            )
        entries = [_entry(item) for item in data["files"]]
    except KeyError as error:
        raise ValueError(f"is not a manifest ({error!s:.200} is missing)") from None
    except UnicodeDecodeError:
        raise ValueError("is not a manifest (not UTF-8)") from None
    except (TypeError, RecursionError):
        raise ValueError("is not a manifest (it holds something else)") from None
    names = [entry.path for entry in entries]
    # Strictly ascending: so no name occurs twice, and the order is that of the archive.
    if any(a >= b for a, b in itertools.pairwise(names)):
        raise ValueError("names a member twice, or not in order")
    known = set(names)
    if both := next((folder for folder in _folders(names) if folder in known), None):
        raise ValueError(f"names {both} as a file and as a folder")
    if missing := {PROVENANCE, REQUIREMENTS, CRATE, PLAN} - known:
        raise ValueError(f"does not name {min(missing)}")
    if sum(entry.size for entry in entries) > LARGEST_TOTAL:
        raise ValueError(f"declares more than {LARGEST_TOTAL >> 30} GiB in all")
    return entries


def _compact(item: dict[str, Any]) -> dict[str, Any] | Entry:
    """An entry takes a fifth of the memory of an object."""
    return item if "files" in item else Entry(**item)


def _folders(names: Iterable[str]) -> Iterator[str]:
    """The folders above these names, those of neighbours once."""
    before = ""
    for name in names:
        folder = name.rpartition("/")[0]
        if folder != before:
            yield from (folder[:i] for i, letter in enumerate(folder) if letter == "/")
            yield folder
        before = folder


def _entry(entry: object) -> Entry:
    if not isinstance(entry, Entry):
        raise TypeError("not a member")
    if not isinstance(entry.path, str) or not is_allowed(entry.path):
        raise ValueError(f"names {str(entry.path)[:200]!r}, which no archive of ours can hold")
    largest = LARGEST_TEXT if entry.path in (PLAN, PROVENANCE) else LARGEST_MEMBER
    if type(entry.size) is not int or not 0 <= entry.size <= largest:
        raise ValueError(f"gives {entry.path} an impossible size ({str(entry.size)[:30]})")
    if not isinstance(entry.sha256, str):
        raise ValueError(f"gives {entry.path} no digest")
    return entry
