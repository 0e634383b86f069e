"""Archives made to do harm: all are refused with a sentence, and nothing is written."""

import gzip
import tarfile
import tracemalloc
from pathlib import Path

import pytest
from archive_support import closed, compress, items, members, packed, raw_header, tar
from forged_archives import (
    EVIL,
    FROZEN,
    HUGE,
    NAMES,
    NOT_NEEDED,
    WHOLE,
    about,
    extra,
    forged,
    header,
    inserted,
    listing,
    manifested,
    named,
    needless,
    plan,
    replaced,
    wide,
    without,
)

from harmonica_steps.archive import container
from harmonica_steps.archive.check import check
from harmonica_steps.archive.compression import zstd
from harmonica_steps.archive.container import BLOCK, CLOSING
from harmonica_steps.archive.members import MANIFEST, PLAN, PROVENANCE
from harmonica_steps.archive.restore import restore
from harmonica_steps.errors import HarmonicaError

HOSTILE: dict[str, dict[str, bytes]] = {
    "which no archive of ours can hold": {f"name {name!r}": named(name) for name in NAMES},
    "does not need": {f"name {name!r}": needless(name) for name in NOT_NEEDED},
    "an impossible size": {
        "negative size": listing(size=-1),
        "size beyond the bound": listing(size=HUGE + 1),
        "size true": listing(size=True),
        "size a fraction": listing(size=20.0),
        "size a word": listing(size="20"),
    },
    "manifest.json in it is damaged or hostile": {
        "digest a number": listing(sha256=7),
        "an unknown key": listing(mode="4755"),
        "no JSON": manifested("{"),
        "a list": manifested("[]"),
        "empty": manifested(""),
        "deep": manifested("[" * 100_000),
        "of another version": manifested('{"schema_version": 2, "files": []}'),
        "not UTF-8": manifested(b"\xff\xfe\xff"),
        "without files": manifested('{"schema_version": 1}'),
        "with a long number": manifested('{"schema_version": ' + "9" * 5000 + "}"),
    },
    "declares more than 64 GiB": {"sum of the sizes": forged(extra("search/z", HUGE, times=65))},
    "a member twice, or not in order": {
        "a member twice in the manifest": forged(extra(FROZEN, 20)),
        "not in order": forged(extra("program/z", 4)),
    },
    "as a file and as a folder": {
        "a file that is a folder": packed(tar(items({**members(), "search/stage-1": EVIL})))
    },
    "does not name": {
        "lists nothing": manifested('{"schema_version": 1, "files": []}'),
        "no plan": without(PLAN),
        "no provenance": without(PROVENANCE),
    },
    "does not begin with a manifest.json": {
        "manifest too large": packed(raw_header(MANIFEST.encode(), 2**30) + bytes(5000)),
        "no manifest": packed(tar(items(members())[1:])),
        "a tar of nothing": packed(tar([])),
    },
    f"the tar header of {FROZEN} is damaged, or not that of a plain file": {
        "symbolic link": header(type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        "hard link": header(type=tarfile.LNKTYPE, linkname="search/plan.json"),
        "character device": header(type=tarfile.CHRTYPE, devmajor=1, devminor=3),
        "block device": header(type=tarfile.BLKTYPE),
        "pipe": header(type=tarfile.FIFOTYPE),
        "folder": header(type=tarfile.DIRTYPE),
        "sparse": header(type=tarfile.GNUTYPE_SPARSE),
        "contiguous": header(type=tarfile.CONTTYPE),
        "set-user-id": header(mode=0o4755),
        "owner": header(uid=1000),
        "name of an owner": header(uname="root"),
        "time": header(mtime=1),
        "another size in the header": header(size=3),
        "a larger size in the manifest": listing(size=21),
        "a smaller size in the manifest": listing(size=19),
    },
    "is in its place": {
        "another name in the header": header(name="../evil"),
        "absolute name in the header": header(name="/tmp/evil"),
        "pax header": inserted(raw_header(b"pax", 18, b"x"), b"18 path=../evil.x\n"),
        "global pax header": inserted(raw_header(b"pax", 18, b"g"), b"18 path=../evil.x\n"),
        "GNU long name": inserted(raw_header(b"././@LongLink", 8, b"L"), b"../evil\0"),
        "GNU long link": inserted(raw_header(b"././@LongLink", 8, b"K"), b"../evil\0"),
        "GNU sparse": inserted(raw_header(b"search/sparse", 4, b"S"), EVIL),
        "pax header of 8 GiB": inserted(
            raw_header(b"pax", 8**11 - 1, b"x"), b"18 path=../evil.x\n"
        ),
        "pax size": inserted(raw_header(b"pax", 20, b"x"), b"20 size=99999999999\n"),
        "Solaris header": inserted(raw_header(b"pax", 18, b"X"), b"18 path=../evil.x\n"),
        "volume label": inserted(raw_header(b"label", 0, b"V")),
        "continued from another volume": inserted(raw_header(b"search/x", 4, b"M"), EVIL),
        "directory dump": inserted(raw_header(b"search/", 4, b"D"), EVIL),
        "a kind that nobody knows": inserted(raw_header(b"search/x", 4, b"\xff"), EVIL),
        "a link in front": inserted(raw_header(b"search/x", 0, b"2", b"/etc")),
        "a hard link in front": inserted(raw_header(b"search/x", 0, b"1", b"/etc/passwd")),
        "a device in front": inserted(raw_header(b"search/x", 0, b"3")),
        "a second manifest": inserted(raw_header(MANIFEST.encode(), 2), b"{}"),
        "a size in base 256": inserted(b"x".ljust(124, b"\0") + b"\xff" * 12 + bytes(376)),
        "a folder entry": inserted(raw_header(b"search/", 0, b"5")),
        "a member in the middle missing": packed(tar(items(members())[:5] + items(members())[6:])),
        "two exchanged": packed(tar([*items(members())[:-2], *items(members())[:-3:-1]])),
    },
    "is missing, the archive ends before it": {
        "the last member missing": packed(tar(items(members())[:-1])),
    },
    "it holds an additional member": {
        "one more": packed(tar([*items(members()), (raw_header(b"search/x", 4), EVIL)])),
        "a member twice": packed(tar([*items(members()), items(members())[-1]])),
        "without a name": packed(tar(items(members()), b"x" * 1024)),
    },
    f"the member {FROZEN} is damaged": {"digest of something else": listing(sha256="0" * 64)},
    "the padding after": {
        "bytes in the padding": packed(WHOLE.replace(b"{}" + bytes(500), b"{}evil" + bytes(496))),
    },
    "there is something after the last member": {
        "bytes in the end": packed(WHOLE[:-1] + b"x"),
        "more after the end": packed(WHOLE + bytes(512)),
        "a bomb after the end": packed(WHOLE + bytes(2**28)),
    },
    "the archive ends before the end": {"no end": packed(WHOLE[: -len(container.END)])},
    "bytes follow the compressed stream": {
        "an empty frame behind": closed(compress(WHOLE) + zstd.compress(b"")),
        "a skippable frame behind": closed(compress(WHOLE) + CLOSING + bytes(32)),
        "two streams": closed(compress(WHOLE) + compress(b"")),
        "the stream twice": closed(compress(WHOLE) + compress(WHOLE)),
        "garbage before the closing digest": closed(compress(WHOLE) + EVIL),
    },
    "requires too much memory": {"a window of 128 MiB": closed(wide(WHOLE))},
    "Unknown frame descriptor": {
        "no Zstandard": closed(WHOLE),
        "gzip": gzip.compress(WHOLE, mtime=0),
        "a plain tar": WHOLE,
    },
    "the file is cut off": {"nothing at all": b"", "a digest of nothing": closed(b"")},
    "is not of this version of Harmonica": {
        "plan no JSON": replaced(PLAN, b"{"),
        "plan a list": replaced(PLAN, []),
        "plan deep": replaced(PLAN, b"[" * 100_000),
        "plan without parts": plan(parts=None),
        "a part outside": plan(parts=[{"part": "stage-1/../..", "trainings": 1}]),
        "a search outside": plan(search="../evil", config={"search": "../evil"}),
        "a hidden search": plan(search=".evil", config={"search": ".evil"}),
        "no search": plan(search="", config={"search": ""}),
        "no number": plan(nothing=float("nan")),
        "half a character": plan(nothing="\ud800"),
        "two searches": plan(config={"search": "other"}),
        "provenance a word": replaced(PROVENANCE, "evil"),
    },
    "cannot be archived": {
        "of an unknown stage": replaced(PROVENANCE, about("stage-7")),
        "of a number": replaced(PROVENANCE, about(1)),
    },
    "belongs to stage-1 but is missing": {
        "a trillion trainings": plan(parts=[{"part": "stage-1", "trainings": 10**12}]),
        "a record missing": without("search/stage-1/trials/0000.json"),
        "more trainings": plan(parts=[{"part": "stage-1", "trainings": 2}]),
    },
}
CASES = [(kind, why) for why, kinds in HOSTILE.items() for kind in kinds]


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 50
    assert len({HOSTILE[why][kind] for kind, why in CASES}) == len(CASES)


def test_the_archive_that_they_are_made_from_is_restored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "stage-1.tar.zst"
    path.write_bytes(packed(WHOLE))
    restore(path)
    assert (tmp_path / "results/tiny/stage-1/frozen.json").read_bytes() == members()[FROZEN]


@pytest.mark.parametrize(("kind", "why"), CASES)
def test_it_is_refused_and_writes_nothing(
    kind: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "a/b/here"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    path = folder / "hostile.tar.zst"
    path.write_bytes(HOSTILE[why][kind])
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(HarmonicaError) as error:
        restore(path)
    message = str(error.value)
    assert message.startswith(f"{path}: ")
    assert why in message
    assert len(message) < 1000
    assert message.isprintable()
    assert sorted(tmp_path.rglob("*")) == before


def test_a_large_member_is_read_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.tar.zst"
    path.write_bytes(packed(tar(items({**members(), "search/stage-1/metrics.tsv": bytes(2**28)}))))
    assert path.stat().st_size < 20_000
    tracemalloc.start()
    check(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**27


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HarmonicaError, match="is not a file"):
        restore(tmp_path)


def refused(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    with pytest.raises(HarmonicaError) as error:
        check(path)
    return str(error.value)


def test_it_is_refused_when_it_is_cut_off_at_any_block(tmp_path: Path) -> None:
    for end in range(0, len(WHOLE), BLOCK):
        assert "x.zst: " in refused(tmp_path / "x.zst", packed(WHOLE[:end]))


def test_it_is_refused_when_the_file_is_cut_off_anywhere(tmp_path: Path) -> None:
    whole = packed(WHOLE)
    for end in range(len(whole)):
        assert "x.zst: " in refused(tmp_path / "x.zst", whole[:end])


def test_it_is_refused_with_anything_in_front_or_behind(tmp_path: Path) -> None:
    skippable = (0x184D2A5F).to_bytes(4, "little") + (4).to_bytes(4, "little") + EVIL
    whole = packed(WHOLE)
    for content in (skippable + whole, whole + skippable, whole + b"\0", b"\0" + whole, whole * 2):
        assert "x.zst: " in refused(tmp_path / "x.zst", content)
    in_front = closed(skippable + compress(WHOLE))
    assert "x.zst: " in refused(tmp_path / "x.zst", in_front)


def test_it_is_refused_in_several_frames_at_whatever_place(tmp_path: Path) -> None:
    for place in range(0, len(WHOLE), BLOCK):
        frames = compress(WHOLE[:place]) + compress(WHOLE[place:])
        assert "x.zst: " in refused(tmp_path / "x.zst", closed(frames))
