"""How archives are compressed: Zstandard, from Python itself (3.14 on) or a backport of that."""

import sys

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["LEVEL", "WINDOW_LOG", "zstd"]

LEVEL = 9
"""Level of compression; a higher one takes several times as long to save a few per cent."""

WINDOW_LOG = 23
"""Reading a frame may ask for at most 2 to this many bytes of memory; `LEVEL` asks for half."""
