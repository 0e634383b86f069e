"""Every changed byte is found, and any reader of tar and zstd opens an archive."""

import random
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from archive_support import members

from harmonica_steps.archive.check import check, verify
from harmonica_steps.archive.compression import zstd
from harmonica_steps.archive.container import CLOSING, DIGEST_SIZE, write
from harmonica_steps.errors import HarmonicaError

CLOSED = len(CLOSING) + DIGEST_SIZE


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "stage-1.tar.zst"
    write(path, members())
    return path


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """Several blocks of the compressed stream a member, stored as they are."""
    path = tmp_path / "large.tar.zst"
    write(path, members(noise=300_000))
    return path


def problem(path: Path, content: bytes | bytearray) -> str:
    path.write_bytes(content)
    with pytest.raises(HarmonicaError) as error:
        check(path)
    message = str(error.value)
    assert message.startswith(f"{path}: ")
    return message


def test_a_whole_archive_is_described(small: Path) -> None:
    found = check(small)
    assert (found.what, found.search, found.members) == ("stage-1", "tiny", 12)


def test_every_flipped_byte_of_an_archive_is_found(small: Path) -> None:
    whole = small.read_bytes()
    assert len(whole) > 1000
    chance = random.Random(1)
    for position in range(len(whole)):
        flipped = bytearray(whole)
        flipped[position] ^= 1 << chance.randrange(8)
        problem(small, flipped)


def test_every_flipped_bit_of_the_wrapping_is_found(small: Path) -> None:
    whole = small.read_bytes()
    content_checksum = range(len(whole) - CLOSED - 4, len(whole) - CLOSED)
    for position in [*range(16), *content_checksum, *range(len(whole) - CLOSED, len(whole))]:
        for bit in range(8):
            flipped = bytearray(whole)
            flipped[position] ^= 1 << bit
            problem(small, flipped)


def test_the_damaged_member_is_named(large: Path) -> None:
    whole = large.read_bytes()
    chance = random.Random(2)
    for name, content in members(noise=300_000).items():
        if len(content) < 300_000:
            continue
        place = whole.index(content[1000:1100]) + chance.randrange(100)
        flipped = bytearray(whole)
        flipped[place] ^= 255
        assert f"the member {name} is damaged" in problem(large, flipped)


def test_a_truncated_file_is_found_and_the_member_named(large: Path, small: Path) -> None:
    whole = small.read_bytes()
    for length in range(len(whole)):
        problem(small, whole[:length])
    whole = large.read_bytes()
    assert "cut off; the stream breaks at search/stage-1/" in problem(large, whole[:900_000])


@pytest.mark.parametrize("garbage", [b"\0", b"\n", b"garbage" * 100, CLOSING + bytes(32)])
def test_appended_garbage_is_found(small: Path, garbage: bytes) -> None:
    assert f"{len(garbage)} extra bytes follow" in problem(small, small.read_bytes() + garbage)


def test_an_archive_twice_in_a_row_is_found(small: Path) -> None:
    problem(small, small.read_bytes() * 2)


def test_verify_goes_on_to_the_other_files(small: Path, large: Path) -> None:
    damaged = small.with_name("damaged.tar.zst")
    damaged.write_bytes(small.read_bytes()[:-1])
    lost = small.with_name("lost.tar.zst")
    lines = verify([damaged, small, lost, large])
    assert "stage-1.tar.zst: whole (stage-1 of tiny, 12 members" in next(lines)
    assert "large.tar.zst: whole" in next(lines)
    with pytest.raises(HarmonicaError) as error:
        next(lines)
    assert re.search(r"damaged\.tar\.zst: .*\n.*lost\.tar\.zst: there is no", str(error.value))


def test_pythons_tar_reader_opens_it(small: Path) -> None:
    with zstd.open(small) as file, tarfile.open(fileobj=file, mode="r|") as opened:
        found = {info.name: opened.extractfile(info).read() for info in opened}
    assert found.pop("manifest.json")
    assert found == members()


@pytest.mark.skipif(not shutil.which("zstd"), reason="there is no zstd command here")
def test_the_tar_command_opens_it(small: Path) -> None:
    folder = small.parent / "opened"
    folder.mkdir()
    subprocess.run(["tar", "--zstd", "-xf", small, "-C", folder], check=True)
    subprocess.run(["zstd", "--quiet", "--test", small], check=True)
    for name, content in members().items():
        assert (folder / name).read_bytes() == content
