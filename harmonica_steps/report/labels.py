"""Names that are too long for their place, cut so that they still differ."""

from collections.abc import Sequence
from itertools import pairwise, takewhile


def one_line(text: str) -> str:
    """A name without line separators, which no label has room for."""
    return " ".join(text.splitlines())


def cut(text: str, longest: int = 30) -> str:
    """A name without its middle, if it is long."""
    text = one_line(text)
    half = longest // 2
    return text if len(text) <= longest else f"{text[:half]}…{text[half + 1 - longest :]}"


def labels(names: Sequence[str], longest: int = 30) -> list[str]:
    """Names that stand side by side, all different.

    Those that are alike once their middle is cut out keep the place where they differ; what is
    alike even so is numbered.
    """
    lines = [one_line(name) for name in names]
    found = [cut(line, longest) for line in lines]
    place = _differing(lines)
    found = [
        _around(line, place[line], longest)
        if found.count(label) > 1 and len(line) > longest
        else label
        for line, label in zip(lines, found, strict=True)
    ]
    return _numbered(found, names)


def _differing(lines: Sequence[str]) -> dict[str, int]:
    """Where each line first differs from the line most like it."""
    ordered = sorted(set(lines))
    shared = [0, *(_in_common(*pair) for pair in pairwise(ordered)), 0]
    return {line: max(shared[i], shared[i + 1]) for i, line in enumerate(ordered)}


def _in_common(one: str, other: str) -> int:
    """How many letters the beginnings of two lines have in common."""
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return sum(1 for _ in alike)


def _around(line: str, place: int, longest: int) -> str:
    """A line without what is before and after a place."""
    end = longest // 4
    middle = longest - 2 * end - 2
    start = max(place - middle // 2, end)
    if start + middle + end >= len(line):
        return f"{line[:end]}…{line[end + 1 - longest :]}"
    return f"{line[:end]}…{line[start : start + middle]}…{line[-end:]}"


def _numbered(found: Sequence[str], names: Sequence[str]) -> list[str]:
    """Labels that are alike, numbered in the order of their names."""
    seen: dict[str, int] = {}
    numbered = list(found)
    for i in sorted(range(len(found)), key=lambda i: names[i]):
        seen[found[i]] = seen.get(found[i], 0) + 1
        if found.count(found[i]) > 1:
            numbered[i] = f"{found[i]} ({seen[found[i]]})"
    return numbered
