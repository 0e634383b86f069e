"""How archives are compressed: Zstandard, from Python itself (3.14 on) or a backport of that."""

import sys

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["LEVEL", "WINDOW_LOG", "zstd"]

LEVEL = 9
"""Beyond it, records take several times as long for a few per cent of the size."""

WINDOW_LOG = 23
"""Two to this is the most memory that reading a frame may ask for; `LEVEL` asks for half."""
