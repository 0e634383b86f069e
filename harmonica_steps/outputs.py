"""Files that users name: an earlier product of the same command is replaced, nothing else is."""

import os
import re
from collections.abc import Callable
from pathlib import Path

from harmonica_steps.errors import HarmonicaError

_OF_A_SEARCH = re.compile(
    r"(plan|config|best|best-configuration)\.json|\.lock"
    r"|(stage-\d+|final|archive|aside|logs)(/.*)?"
)
"""Names, in the folder of a search, of what belongs to it."""

HEAD = 4096
"""Bytes in which a file is recognised."""


def check_output(path: Path, product: str, is_product: Callable[[Path], bool]) -> None:
    """Refuse to write where anything but an earlier product would be lost.

    Parameters
    ----------
    path
        The file to write.
    product
        What the command makes, for messages: "a report", "a figure".
    is_product
        Whether a file is one. It may raise whatever reading another file raises.

    Raises
    ------
    HarmonicaError
        When something else is there, or the name is one of the files of a search.
    """
    if root := _search_with(path):
        raise HarmonicaError(
            f"{path}: is the name of a file of the search in {root}, so {product} cannot be "
            "written there. Choose another --output."
        )
    if not os.path.lexists(path):
        return
    if not path.is_file():
        raise HarmonicaError(
            f"{path}: cannot be written, it is not a file. Choose another --output."
        )
    if not path.is_symlink() and path.stat().st_size == 0:
        return
    try:
        known = is_product(path)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        known = False
    if not known:
        raise HarmonicaError(
            f"{path}: already exists, and was not written (only) by Harmonica as {product}. "
            "Nothing was changed. Choose another --output, or delete the file first."
        )


def _search_with(path: Path) -> Path | None:
    """The folder of a search that has a file of this name."""
    whole = path.parent.resolve() / path.name
    for root in whole.parents:
        if _OF_A_SEARCH.fullmatch(str(whole.relative_to(root))) and (root / "plan.json").is_file():
            return root
    return None


def head(path: Path) -> bytes:
    """The first bytes of a file."""
    with path.open("rb") as file:
        return file.read(HEAD)
