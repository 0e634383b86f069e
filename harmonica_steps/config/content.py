"""Checks before the keys of a configuration are read: it must be bounded, and plain text."""

import re
from collections.abc import Iterator
from typing import Any

from harmonica_steps.config.yaml_file import DEEPEST, MOST_NODES
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.terminal import quoted

LONGEST_TEXT = 100_000
"""Most characters of a value: about what the operating system accepts as an argument."""

LARGEST_INTEGER = 2**63

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters except tab and line breaks, which a command may have; and surrogates."""


def content_problems(content: object) -> Iterator[tuple[str, str]]:
    """Texts that no program can receive, numbers that no table can hold, keys that are not text.

    Parameters
    ----------
    content
        A configuration as plain data.

    Yields
    ------
    tuple of str
        The key, such as ``stages.2.fidelity.depth``, and what is wrong with it.

    Raises
    ------
    HarmonicaError
        When it is too large or too deep.
    """
    for visited, (place, value) in enumerate(_walk(content, ())):
        if visited > MOST_NODES:
            raise HarmonicaError(f"the configuration has more than {MOST_NODES:,} keys and values.")
        if len(place) > DEEPEST:
            raise HarmonicaError(
                f"{place[0]}: more than {DEEPEST} levels of nested lists and mappings."
            )
        for problem in _problems(value):
            yield ".".join(place), problem


def _walk(value: object, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], object]]:
    yield place, value
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value, start=1)
    for key, entry in items:
        yield from _walk(entry, (*place, key if isinstance(key, str) else quoted(key)))


def _problems(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                yield f"the key {quoted(key)} is not text; write it in quotes"
            elif found := _UNPRINTABLE.search(key):
                yield f"the key {quoted(key)} holds the control character {found[0]!a}; remove it"
    elif isinstance(value, str):
        if found := _UNPRINTABLE.search(value):
            yield f"holds the control character {found[0]!a}, got {quoted(value)}; remove it"
        elif len(value) > LONGEST_TEXT:
            yield f"is longer than {LONGEST_TEXT:,} characters; write it to a file"
    elif isinstance(value, int) and not -LARGEST_INTEGER <= value < LARGEST_INTEGER:
        yield f"must be a number of at most 64 bits, or text in quotes, got {quoted(value)}"
