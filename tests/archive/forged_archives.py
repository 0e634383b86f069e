"""Archives that no search has written: one member or field is not what it should be."""

import hashlib
import json
from typing import Any

from archive_support import changed, items, members, packed, raw_header, tar

from harmonica_steps.archive import manifest
from harmonica_steps.archive.compression import zstd
from harmonica_steps.archive.members import PLAN, PROVENANCE

FROZEN = "search/stage-1/frozen.json"
EVIL = b"evil"


def listing(**changes: Any) -> bytes:
    """The archive with its manifest's entry of `FROZEN` changed."""
    content = json.loads(manifest.build(members()))
    entry = next(e for e in content["files"] if e["path"] == FROZEN)
    entry.update(changes)
    return packed(tar(items(members(), json.dumps(content).encode())))


def manifested(text: str | bytes) -> bytes:
    return packed(tar(items(members(), text.encode() if isinstance(text, str) else text)))


def named(name: str) -> bytes:
    """An archive with one more member of that name, honestly listed."""
    content = members()
    files = json.loads(manifest.build(content))
    entry = [{"path": name, "size": len(EVIL), "sha256": hashlib.sha256(EVIL).hexdigest()}]
    files["files"] = sorted([*files["files"], *entry], key=lambda e: e["path"])
    pairs = items(content, json.dumps(files).encode())
    place = [e["path"] for e in files["files"]].index(name) + 1
    raw = name.encode("utf-8", "surrogateescape")[:100]
    pairs.insert(place, (raw_header(raw, len(EVIL)), EVIL))
    return packed(tar(pairs))


def header(**fields: Any) -> bytes:
    return packed(tar(changed(members(), FROZEN, **fields)))


def inserted(block: bytes, data: bytes = b"") -> bytes:
    """With something in front of the last member."""
    pairs = items(members())
    return packed(tar([*pairs[:-1], (block, data), pairs[-1]]))


def needless(name: str) -> bytes:
    """An archive with one more member, right in every way but that nobody needs it."""
    return packed(tar(items({**members(), name: EVIL})))


def replaced(name: str, content: object) -> bytes:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return packed(tar(items({**members(), name: raw})))


def plan(**changes: Any) -> bytes:
    return replaced(PLAN, {**json.loads(members()[PLAN]), **changes})


def without(name: str) -> bytes:
    return packed(tar(items({k: v for k, v in members().items() if k != name})))


def about(what: object) -> dict[str, Any]:
    return {**json.loads(members()[PROVENANCE]), "archive": what}


def extra(name: str, size: int, times: int = 1) -> list[dict[str, Any]]:
    """The manifest's entries, and further ones at their end."""
    names = [name] if times == 1 else [f"{name}{i:03d}" for i in range(times)]
    more = [{"path": n, "size": size, "sha256": "0" * 64} for n in names]
    return [*json.loads(manifest.build(members()))["files"], *more]


def forged(files: list[dict[str, Any]]) -> bytes:
    return manifested(json.dumps({"schema_version": 1, "files": files}))


def wide(content: bytes) -> bytes:
    """A stream for which a reader would need 128 MiB of memory."""
    stream = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 27})
    return stream.compress(content) + stream.flush()


WHOLE = tar(items(members()))
HUGE = manifest.LARGEST_MEMBER

NAMES = [
    "/etc/passwd",
    "../evil",
    "..",
    ".",
    "",
    "search/../../evil",
    "search/..",
    "search/./x",
    "search//x",
    "search/x/",
    "search",
    "program/../../evil",
    "results/tiny/best.json",
    "evil.json",
    "C:\\evil",
    "search/a\\b",
    "search/line\nbreak",
    "search/\u00e9",
    "search/\u202egnp.exe",
    "search/a b",
    "search/\x1b[2J",
    "~/.bashrc",
    "-rf",
    "search/" + "a" * 300,
    "search" + "/a" * 21,
    "manifest.json",
    "Search/stage-1/frozen.json",
    "search\uff0fstage-1\uff0ffrozen.json",
    "search/stage-1/frozen\u200b.json",
    "search/stage-1/\u212bngstrom",
    "search/nul\0",
    "search/tab\t",
    "search/carriage\r",
    "search/\x7f",
    "search/\udcff",
    "//search/x",
    "./search/x",
    "search/.../../x",
    "program/..",
    "program/x/../../../evil",
    "\\\\host\\share",
    "search/x:stream",
    "search/*",
    "search/$(id)",
    "search/`id`",
]

NOT_NEEDED = [
    "program/evil.py",
    "program/.snakemake/x",
    "search/.lock",
    "search/Snakefile",
    "search/config.json",
    "search/evil.sh",
    "search/stage-1/Frozen.json",
    "search/stage-1/frozen.json.bak",
    "search/stage-1/trials/0001.json",
    "search/stage-1/trials/00000.json",
    "search/stage-1/work/0000/checkpoint/weights",
    "search/stage-1/work/0000/log.txt.x",
    "search/stage-1/work/0001/log.txt",
    "search/stage-1/work/00/log.txt",
    "search/stage-2/frozen.json",
    "search/report.html",
]
