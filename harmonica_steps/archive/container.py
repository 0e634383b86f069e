"""The file format: a canonical tar in one Zstandard frame, closed by a digest of all before it.

The digest is in a skippable frame, which ``zstd`` and ``tar --zstd`` pass over. It makes any change
of any byte visible, whatever the version of the library that reads it.
"""

import hashlib
import tarfile
from collections.abc import Mapping
from pathlib import Path

from harmonica_steps.archive import manifest
from harmonica_steps.archive.compression import LEVEL, zstd
from harmonica_steps.archive.members import MANIFEST
from harmonica_steps.archive.progress import progress
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import replacing

BLOCK = tarfile.BLOCKSIZE
END = bytes(2 * BLOCK)
"""Two empty blocks end a tar."""

DIGEST_SIZE = 32
CLOSING = (0x184D2A50).to_bytes(4, "little") + DIGEST_SIZE.to_bytes(4, "little")
"""Head of a skippable frame with room for the digest, which follows."""


def header(name: str, size: int) -> bytes:
    """The only tar header that a member of this name and size can have."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o644
    try:
        return info.tobuf(tarfile.USTAR_FORMAT, "ascii", "strict")
    except ValueError as error:
        raise HarmonicaError(f"{name}: cannot be archived ({error}).") from None


def padding(size: int) -> bytes:
    """What fills a member up to whole blocks."""
    return bytes(-size % BLOCK)


def write(path: Path, members: Mapping[str, bytes]) -> None:
    """Write an archive, all or nothing: the manifest, then the members by name.

    The same members give the same bytes: names are sorted, times and owners are zero, level and
    number of threads are fixed.

    Raises
    ------
    HarmonicaError
        When a name or a size is one that a reader would refuse.
    """
    listing = manifest.build(members)
    try:
        manifest.parse(listing)
    except ValueError as error:
        raise HarmonicaError(f"{path}: cannot be written, its manifest {error}.") from None
    ordered = {MANIFEST: listing, **dict(sorted(members.items()))}
    whole = sum(BLOCK + len(c) + len(padding(len(c))) for c in ordered.values()) + len(END)
    compressor = zstd.ZstdCompressor(
        options={
            zstd.CompressionParameter.compression_level: LEVEL,
            zstd.CompressionParameter.checksum_flag: True,
        }
    )
    compressor.set_pledged_input_size(whole)
    digest = hashlib.sha256()
    with replacing(path) as beside, beside.open("wb") as file:

        def put(data: bytes) -> None:
            digest.update(data)
            file.write(data)

        for name, content in progress(list(ordered.items()), f"Writing {path.name}"):
            size = len(content)
            put(compressor.compress(header(name, size) + content + padding(size)))
        put(compressor.compress(END))
        put(compressor.flush())
        put(CLOSING)
        file.write(digest.digest())
