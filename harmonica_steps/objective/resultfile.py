"""The result file of a training: one JSON object, or words for what it is instead."""

import codecs
import json
import re
from pathlib import Path
from typing import Any

from harmonica_steps.objective.lines import NoMetricError
from harmonica_steps.results.plain import open_plain, reason

LARGEST_RESULT = 16 * 2**20
"""Bytes of a result file."""

MOST_DIGITS = 400
"""Digits of a whole number that are read: it is beyond any float then."""

_MARKS = {
    codecs.BOM_UTF8: "starts with a byte order mark; UTF-8 without one is wanted",
    codecs.BOM_UTF32_LE: "is UTF-32 text; UTF-8 is wanted",
    codecs.BOM_UTF32_BE: "is UTF-32 text; UTF-8 is wanted",
    codecs.BOM_UTF16_LE: "is UTF-16 text; UTF-8 is wanted",
    codecs.BOM_UTF16_BE: "is UTF-16 text; UTF-8 is wanted",
}

_NUMBER = r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"

_DRESSES = (
    (r"[:\[]\s*[-+]?\d+,\d+\s*[,}\]]", "has a decimal comma; JSON needs a decimal point: 0.5"),
    (r",\s*[}\]]", "has a comma before a closing bracket, which JSON does not allow"),
    (
        r"""[{,]\s*'|:\s*(?:True|False|None|nan|inf)\b|array\(|tensor\(|float\d\d\(""",
        "is written as Python prints it; write it with json.dump",
    ),
    (r"\A\s*[\[{].*(?://|/\*|#)", "has a comment, which JSON does not allow"),
    (rf"\A\s*{_NUMBER}\s*%\s*\Z", "is a percentage; a JSON object with the number is wanted"),
    (r"\A\s*[-+]?\d+,\d+\s*\Z", "has a decimal comma; a JSON object is wanted, with a point: 0.5"),
    (r"\A[^\n{\[]*[,;\t][^\n]*\n[^\n]*[,;\t]", "is a table; a JSON object is wanted"),
    (r"\A\s*[\w. -]+[:=]\s*\S", "has names and values that are not JSON; a JSON object is wanted"),
)
"""What files look like that people take for JSON."""


class _Object(dict[str, Any]):
    """A JSON object that knows which names it has twice."""

    twice: frozenset[str] = frozenset()


def read_result(path: Path, metric: str | None = None) -> dict[str, Any]:
    """What the result file of a training holds.

    Parameters
    ----------
    path
        The file.
    metric
        The name that it may not have twice.

    Raises
    ------
    NoMetricError
        When there is none, or not one JSON object.
    """
    try:
        with open_plain(path) as stream:
            data = stream.read(LARGEST_RESULT + 1)
    except FileNotFoundError:
        raise NoMetricError("wrote no result file") from None
    except OSError as error:
        raise NoMetricError(f"result file {reason(error)}") from None
    content = _content(data)
    if not isinstance(content, dict):
        raise NoMetricError(f"result is a {kind(content)}, not an object")
    if metric in getattr(content, "twice", ()):
        raise NoMetricError(f"result has {metric!r} more than once")
    return content


def parse_json(text: str) -> Any:
    """Read JSON; a whole number of any length is one that can be compared.

    Raises
    ------
    ValueError, RecursionError
        When it is not JSON, or nested too deeply.
    """
    return json.loads(text, parse_int=_whole, object_pairs_hook=_object)


def kind(value: object) -> str:
    """What a value of JSON is, in words."""
    names = {str: "string", list: "list", dict: "mapping", bool: "truth value", type(None): "null"}
    return names.get(dict if isinstance(value, dict) else type(value), "number")


def _content(data: bytes) -> Any:
    if len(data) > LARGEST_RESULT:
        most = f"{LARGEST_RESULT // 2**20} MiB"
        raise NoMetricError(f"result file is larger than {most}; an object of numbers is wanted")
    if not data.strip(b" \t\r\n\0"):
        raise NoMetricError("result file is empty; a JSON object is wanted")
    for mark, words in _MARKS.items():
        if data.startswith(mark):
            raise NoMetricError(f"result file {words}")
    if b"\0" in data:
        raise NoMetricError("result file is binary or UTF-16; JSON as UTF-8 text is wanted")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise NoMetricError("result file is not UTF-8 text; JSON as UTF-8 text is wanted") from None
    try:
        return parse_json(text)
    except RecursionError:
        words = "is nested too deeply; an object of numbers is wanted"
    except ValueError:
        words = _dress(text)
    raise NoMetricError(f"result file {words}")


def _dress(text: str) -> str:
    if _has_several(text):
        return "has several JSON values, e.g. one per line; a single object is wanted"
    head = text[:10_000]
    looks = (words for pattern, words in _DRESSES if re.search(pattern, head, re.DOTALL))
    return next(looks, "is not valid JSON")


def _has_several(text: str) -> bool:
    """Whether the text begins with a whole value, and another begins after it."""
    try:
        _, end = json.JSONDecoder().raw_decode(text.lstrip())
    except (ValueError, RecursionError):
        return False
    rest = text.lstrip()[end:].strip()
    return (
        rest.startswith(("{", "[")) or re.match(rf"{_NUMBER}\s*$", rest, re.MULTILINE) is not None
    )


def _whole(digits: str) -> int:
    return int(digits[:MOST_DIGITS])


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = _Object(pairs)
    if len(content) < len(pairs):
        seen: set[str] = set()
        content.twice = frozenset(n for n, _ in pairs if n in seen or seen.add(n))  # type: ignore[func-returns-value]
    return content
