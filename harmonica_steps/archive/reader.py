"""Reading an archive that may be damaged or hostile: everything is compared with what it must be.

The manifest comes first and gives name, size and digest of every member. So no tar header is ever
interpreted: it has to be, byte for byte, the one that a plain file of that name and size has.
"""

import hashlib
import os
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, NoReturn

from harmonica_steps.archive import manifest
from harmonica_steps.archive.compression import WINDOW_LOG, zstd
from harmonica_steps.archive.container import (
    BLOCK,
    CLOSING,
    DIGEST_SIZE,
    END,
    header,
    padding,
)
from harmonica_steps.archive.manifest import Entry
from harmonica_steps.archive.members import MANIFEST
from harmonica_steps.archive.progress import progress
from harmonica_steps.errors import HarmonicaError

STEP = 1024
"""Compressed bytes at a time: few, as each four of them can unfold to 128 KiB."""

CHECKSUM = 4
"""Bytes at the end of a Zstandard frame."""

CHUNK = 2**20

Receive = Callable[[str, Iterator[bytes]], None]
"""Is given the name and the pieces of each member; what it has left over is read all the same."""


def walk(path: Path, receive: Receive) -> list[Entry]:
    """Read an archive from end to end, in bounded memory.

    What `receive` is given is known to be right only when `walk` has returned.

    Raises
    ------
    HarmonicaError
        When a single byte is not what was written, with the member in which the damage is.
    """
    if not path.is_file():
        missing = "is not a file" if path.exists() else "there is no such file"
        raise HarmonicaError(f"{path}: {missing}; expected an archive, e.g. stage-1.tar.zst.")
    with path.open("rb") as file:
        stream = _Stream(path, file)
        entries = _manifest(stream)
        for entry in progress(entries, path.name):
            stream.member = entry.path
            block = stream.read(BLOCK)
            if block != header(entry.path, entry.size):
                stream.fail(_about_header(block, entry))
            digest = hashlib.sha256()
            pieces = stream.pieces(entry.size, digest)
            receive(entry.path, pieces)
            for _ in pieces:
                pass
            if digest.hexdigest() != entry.sha256:
                stream.fail(f"the member {entry.path} is damaged (SHA-256 mismatch)")
            stream.skip_padding(entry.size)
        stream.finish()
    return entries


class _Stream:
    """The uncompressed bytes of an archive, and the member that is being read."""

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        self.path = path
        self.member = MANIFEST
        self._file = file
        self._left = os.fstat(file.fileno()).st_size - len(CLOSING) - DIGEST_SIZE
        self._digest = hashlib.sha256()
        self._frame = zstd.ZstdDecompressor(
            options={zstd.DecompressionParameter.window_log_max: WINDOW_LOG}
        )
        self._ready = bytearray()

    def fail(self, problem: str) -> NoReturn:
        raise HarmonicaError(
            f"{self.path}: {problem}. The archive has changed since it was written: use another "
            "copy, or recreate it from the original search."
        )

    def read(self, size: int) -> bytes:
        while len(self._ready) < size:
            if self._frame.eof:
                self.fail(f"the archive ends before {self.member}")
            data = self._next()
            if not data:
                self.fail(f"the file is cut off; the stream breaks at {self.member}")
            try:
                self._ready += self._frame.decompress(data)
            except zstd.ZstdError as error:
                reason = str(error).removeprefix("Unable to decompress Zstandard data: ")
                self.fail(
                    f"the compressed stream is damaged ({reason}); it breaks in {self.member} or "
                    "soon after"
                )
        taken = bytes(self._ready[:size])
        del self._ready[:size]
        return taken

    def pieces(self, size: int, digest: "hashlib._Hash") -> Iterator[bytes]:
        for start in range(0, size, CHUNK):
            piece = self.read(min(CHUNK, size - start))
            digest.update(piece)
            yield piece

    def skip_padding(self, size: int) -> None:
        expected = padding(size)
        if self.read(len(expected)) != expected:
            self.fail(f"the padding after {self.member} is damaged")

    def finish(self) -> None:
        """Check that the tar, the frame and the file end here, and the digest over all of it."""
        self.member = "the end"
        block = self.read(BLOCK)
        if block.strip(b"\0"):
            self.fail(f"it holds an additional member, {_name_in(block)}")
        if self.read(len(END) - BLOCK).strip(b"\0") or self._ready:
            self.fail("there is something after the last member")
        while not self._frame.eof:
            data = self._next()
            try:
                if self._frame.decompress(data):
                    self.fail("there is something after the last member")
            except zstd.ZstdError:
                self.fail("checksum mismatch of the compressed stream at its end")
            if not data:
                self.fail("the file is cut off; the stream breaks at the end")
        extra = len(self._frame.unused_data) + self._left
        if extra > 0:
            self.fail(f"{extra} extra bytes follow the compressed stream")
        closing = self._file.read(len(CLOSING))
        self._digest.update(closing)
        if closing != CLOSING:
            self.fail("the head of the closing digest is damaged, or the file is cut off")
        if self._file.read() != self._digest.digest():
            self.fail(
                "the members are whole, but the closing digest or the wrapping around them is "
                "damaged"
            )

    def _next(self) -> bytes:
        # The final checksum on its own: if it fails, the members before it have been compared.
        before_checksum = self._left - CHECKSUM
        size = min(STEP, before_checksum) if before_checksum > 0 else self._left
        data = self._file.read(max(size, 0))
        self._left -= len(data)
        self._digest.update(data)
        return data


def _manifest(stream: _Stream) -> list[Entry]:
    block = stream.read(BLOCK)
    try:
        size = tarfile.TarInfo.frombuf(block, "ascii", "strict").size
    except (tarfile.TarError, ValueError):
        size = -1
    if not 0 <= size <= manifest.LARGEST_MANIFEST or block != header(MANIFEST, size):
        stream.fail(
            f"it does not begin with a {MANIFEST}: not a Harmonica archive, or a damaged one"
        )
    content = b"".join(stream.pieces(size, hashlib.sha256()))
    try:
        entries = manifest.parse(content)
    except ValueError as error:
        stream.fail(f"{MANIFEST} in it is damaged or hostile: {error}")
    stream.skip_padding(size)
    return entries


def _about_header(block: bytes, entry: Entry) -> str:
    if not block.strip(b"\0"):
        return f"the member {entry.path} is missing, the archive ends before it"
    name = _name_in(block)
    if name == repr(entry.path):
        return (
            f"the tar header of {entry.path} is damaged, or not that of a plain file as Harmonica "
            "writes it (a link, a device, another size, mode, owner or time)"
        )
    return f"the member {entry.path} is missing, or its header is damaged: {name} is in its place"


def _name_in(block: bytes) -> str:
    try:
        return repr(tarfile.TarInfo.frombuf(block, "utf-8", "replace").name)
    except (tarfile.TarError, ValueError):
        return "something without a name"
