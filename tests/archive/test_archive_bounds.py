"""Small archives that unfold to much: refused within 500 MiB of memory and 5 s of CPU time."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from archive_support import items, members, packed, tar

from harmonica_steps.archive import manifest
from harmonica_steps.archive.members import PLAN, PROVENANCE

MEMORY = 500 * 1024
"""KiB."""

SECONDS = 20.0


def listed(names: list[str]) -> bytes:
    files = [{"path": name, "size": 0, "sha256": "0"} for name in sorted(names)]
    return json.dumps({"schema_version": 1, "files": files}, separators=(",", ":")).encode()


def deep_names() -> bytes:
    """16 MiB of names of a hundred folders each: the manifest that took 1.4 GiB."""
    return listed(["search/" + "a/" * 90 + f"{number:06d}" for number in range(70_000)])


def folders_of_their_own() -> bytes:
    """As many folders as there can be, none of them shared."""
    names = (f"search/{n:06d}" + f"/{'b' * 7}" * 18 + "/x" for n in range(130_000))
    return listed(list(names))


def most_members() -> bytes:
    names = [f"search/stage-1/trials/{number:06d}.json" for number in range(199_000)]
    return listed([*names, *members()])


def too_many_members() -> bytes:
    return listed([f"search/{number}" for number in range(250_000)])


def filled(piece: str) -> Callable[[], bytes]:
    def content() -> bytes:
        start, end = '{"schema_version": 1, "files": [', "0]}"
        count = (manifest.LARGEST_MANIFEST - len(start) - len(end)) // len(piece.encode())
        return f"{start}{piece * count}{end}".encode()

    return content


MANIFESTS: dict[str, Callable[[], bytes]] = {
    "deep names": deep_names,
    "folders of their own": folders_of_their_own,
    "as many members as there can be": most_members,
    "too many members": too_many_members,
    "lists": filled("[],"),
    "objects": filled("{},"),
    "numbers": filled("1,"),
    "long numbers": filled("123456,"),
    "texts": filled('"a",'),
    "nested lists": filled("[" * 400 + "]" * 400 + ","),
    "nested objects": filled('{"a":' * 200 + "1" + "}" * 200 + ","),
    "wide characters": filled('"' + "\U0001f600" * 10_000 + '",'),
    "entries of entries": filled('{"path":{"path":{"path":"a"}}},'),
    "a long key": filled('{"' + "k" * 2**20 + '":1},'),
    "a long version": lambda: b'{"schema_version": "' + b"v" * 2**24 + b'", "files": []}',
    "long digests": lambda: listed(list(members())).replace(
        b'"sha256":"0"', b'"sha256":"' + b"0" * 2**21 + b'"'
    ),
}
SIZE = manifest.LARGEST_TEXT

TEXTS: dict[str, bytes] = {
    "lists": b"[" + b"[]," * (SIZE // 3 - 1) + b"0]",
    "few lists": b"[" + b"[]," * (SIZE // 32) + b"0]",
    "numbers": b"[" + b"1," * (SIZE // 2 - 3) + b"1]",
    "deep chains": b"[" + (b"[" * 400 + b"]" * 400 + b",") * (SIZE // 810) + b"0]",
    "deep objects": b'{"a":' * 500 + b"1" + b"}" * 500,
    "deeper objects": b'{"a":' * 100_000,
    "a long text": b'{"a": "' + b"x" * (SIZE - 10) + b'"}',
    "UTF-16": ("[" + "[]," * (SIZE // 8) + "0]").encode("utf-16"),
    "too long": b" " * SIZE + b"{}",
}


# The maximum that the system reports of a process includes what it was forked from.
MEASURED = """
import re, sys
from pathlib import Path
from harmonica_steps.cli import main
code = main(sys.argv[1:])
status = Path("/proc/self/status").read_text()
Path("memory.txt").write_text(re.search(r"VmHWM:\\s*(\\d+)", status)[1])
sys.exit(code)
"""


def measured(command: str, path: Path, folder: Path) -> tuple[int, int, float, str]:
    """Exit status, KiB of memory, CPU seconds, and what was said."""
    said = folder / "said.txt"
    with said.open("wb") as output:
        child = os.posix_spawn(
            sys.executable,
            [sys.executable, "-c", MEASURED, command, str(path)],
            os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, output.fileno(), n) for n in (1, 2)],
        )
        _, status, usage = os.wait4(child, 0)
    code = os.waitstatus_to_exitcode(status)
    memory = int(Path("memory.txt").read_text())
    return code, memory, usage.ru_utime + usage.ru_stime, said.read_text()


def check_refusal(
    command: str, content: bytes, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By one of the two commands that read an archive, as both read it alike."""
    monkeypatch.chdir(folder)
    path = folder / "hostile.tar.zst"
    path.write_bytes(content)
    code, memory, seconds, said = measured(command, path, folder)
    assert code == 1
    assert said.startswith(f"harmonica: {path}: ")
    assert "Traceback" not in said
    assert len(said) < 1000
    assert said.replace("\n", "").isprintable()
    assert memory < MEMORY
    assert seconds < SECONDS
    assert not Path("results").exists()


@pytest.mark.parametrize("kind", MANIFESTS)
def test_a_manifest_takes_bounded_memory_and_time(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = packed(tar(items(members(), MANIFESTS[kind]())))
    assert len(content) < 2**23
    check_refusal("restore", content, tmp_path, monkeypatch)


@pytest.mark.parametrize(("name", "command"), [(PLAN, "restore"), (PROVENANCE, "verify")])
@pytest.mark.parametrize("kind", TEXTS)
def test_a_plan_takes_bounded_memory_and_time(
    kind: str, name: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_refusal(
        command, packed(tar(items({**members(), name: TEXTS[kind]}))), tmp_path, monkeypatch
    )


def test_the_manifest_of_a_large_search_is_read() -> None:
    names = [f"search/stage-1/trials/{number:06d}.json" for number in range(180_000)]
    content = dict.fromkeys([*names, *members()], b"")
    listing = manifest.build(content)
    assert len(manifest.parse(listing)) == len(content)
