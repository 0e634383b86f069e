"""YAML and JSON files that people write: what is read is what they wrote, or they get an error.

Snakemake reads a configuration file itself, as JSON or by the rules of YAML 1.1. What these make of
a word or a number that looks like something else is refused here, so that all readers agree.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from harmonica_steps.errors import HarmonicaError
from harmonica_steps.terminal import quoted

MOST_BYTES = 2**20
"""Size of the largest file that is read."""

MOST_NODES = 100_000
"""Most keys and values of a file, aliases unfolded."""

DEEPEST = 40
"""Most lists and mappings inside each other."""

MOST_PROBLEMS = 10
"""Most problems that a message lists."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_AS_WRITTEN = re.compile(
    r"[-+]?(0|[1-9]\d*)|0x[\da-fA-F]+|[-+]?(\.\d+|\d+\.\d*)([eE][-+]?\d+)?"
    r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)|true|True|TRUE|false|False|FALSE|~|null|Null|NULL|"
)
"""What is the same number, boolean or null in YAML 1.1 and 1.2."""

_LONGEST_NUMBER = 400

_TAG = "tag:yaml.org,2002:"
_KINDS = {"bool": "a boolean", "int": "a number", "float": "a number", "null": "null"}
_KINDS |= {"timestamp": "a date", "value": "a special value", "merge": "a merge"}


def load_own(path: Path) -> Any:
    """Read a file of this project: a configuration, or one with known settings.

    Raises
    ------
    HarmonicaError
        When it cannot be read, is too large, or YAML would make something else of what is written.
    """
    text = _text(path)
    found = _json(text, path)
    return found if isinstance(found, dict) else _yaml(text, path, own=True)


def load_foreign(path: Path) -> Any:
    """Read a JSON or YAML file of another program, with words such as ``off`` as PyYAML reads them.

    Dates stay text.

    Raises
    ------
    HarmonicaError
        When it cannot be read, is too large, or is not plain data.
    """
    text = _text(path)
    found = _json(text, path)
    return found if isinstance(found, dict) else _yaml(text, path, own=False)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
        text = content.decode("utf-8")
    except OSError as error:
        raise HarmonicaError(f"{path}: cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise HarmonicaError(f"{path}: is not UTF-8 text ({error}).") from error
    if len(content) > MOST_BYTES:
        raise HarmonicaError(f"{path}: is larger than {MOST_BYTES:,} bytes; is it the right file?")
    return text


def _json(text: str, path: Path) -> Any:
    """The content of a JSON file, None if it is not one."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                raise HarmonicaError(f"{path}: duplicate key {quoted(key)}.")
            found[key] = value
        return found

    try:
        return json.loads(text, object_pairs_hook=once)
    except ValueError:
        return None
    except RecursionError:
        raise _too_deep(path) from None


def _yaml(text: str, path: Path, *, own: bool) -> Any:
    try:
        _check_depth(text, path)
        loader = _LOADER(text)
        try:
            node = loader.get_single_node()
            if node is None:
                return None
            _refuse(path, _Nodes(loader, path, own=own).problems(node, (), 0))
            return loader.construct_document(node)
        finally:
            loader.dispose()
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise HarmonicaError(f"{path}: {_sentence(error)}") from None


def _check_depth(text: str, path: Path) -> None:
    # By the parser, which does not recurse; everything after it is.
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            mark = event.start_mark
            raise _too_deep(path, f"line {mark.line + 1}: " if mark else "")


def _too_deep(path: Path, line: str = "") -> HarmonicaError:
    return HarmonicaError(f"{path}: {line}more than {DEEPEST} levels of nested lists and mappings.")


def _sentence(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    line = f"line {mark.line + 1}: " if mark else ""
    reason = getattr(error, "problem", None) or getattr(error, "reason", None) or error
    return f"{line}is not valid YAML ({str(reason).splitlines()[0][:150]})."


def _refuse(path: Path, problems: Iterator[str]) -> None:
    # An alias repeats the problems of what it stands for.
    found = list(dict.fromkeys(problems))
    if len(found) == 1:
        raise HarmonicaError(f"{path}: {found[0]}.")
    if found:
        more = len(found) - MOST_PROBLEMS
        lines = [f"{path}: {len(found)} problems", *(f"{p}." for p in found[:MOST_PROBLEMS])]
        raise HarmonicaError("\n  - ".join([*lines, *([f"and {more} more"] if more > 0 else [])]))


class _Nodes:
    """A walk over the nodes of a document, aliases unfolded."""

    def __init__(self, loader: Any, path: Path, *, own: bool) -> None:
        self._loader = loader
        self._path = path
        self._own = own
        self._visited = 0

    def problems(self, node: yaml.Node, place: tuple[str, ...], depth: int) -> Iterator[str]:
        self._visited += 1
        if self._visited > MOST_NODES:
            raise HarmonicaError(
                f"{self._path}: has more than {MOST_NODES:,} keys and values, aliases unfolded."
            )
        if depth > DEEPEST:
            raise _too_deep(self._path)
        if isinstance(node, yaml.ScalarNode):
            if problem := self._scalar(node):
                yield _at(node, place, problem)
        elif node.tag not in (f"{_TAG}map", f"{_TAG}seq"):
            yield _at(node, place, f"the tag {quoted(node.tag)} is not known; leave it out")
        elif isinstance(node, yaml.MappingNode):
            yield from self._mapping(node, place, depth)
        else:
            for number, entry in enumerate(node.value, start=1):
                yield from self.problems(entry, (*place, str(number)), depth + 1)

    def _mapping(self, node: yaml.MappingNode, place: tuple[str, ...], depth: int) -> Iterator[str]:
        seen: set[str] = set()
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else ""
            if key.tag != f"{_TAG}merge":
                if problem := self._key(key):
                    yield _at(key, place, problem)
                elif name in seen:
                    yield f"line {key.start_mark.line + 1}: duplicate key {quoted(name)}"
                seen.add(name)
            yield from self.problems(value, (*place, name), depth + 1)

    def _key(self, key: yaml.Node) -> str | None:
        if not isinstance(key, yaml.ScalarNode):
            return "a list or a mapping cannot be a key"
        kind = key.tag.removeprefix(_TAG)
        if kind == "str" or (not self._own and kind in _KINDS):
            return None
        if not key.value:
            return "there is no key before the colon; for an empty name write ''"
        word = _cut(key.value)
        return f"YAML reads the key {word} as {_KINDS.get(kind, kind)}; write '{word}' in quotes"

    def _scalar(self, node: yaml.ScalarNode) -> str | None:
        kind, word = node.tag.removeprefix(_TAG), _cut(node.value)
        if kind == "str":
            return None
        if kind not in _KINDS:
            return f"the tag {quoted(node.tag)} is not known; leave it out"
        if kind in ("timestamp", "value", "merge"):
            if not self._own:
                node.tag = f"{_TAG}str"
                return None
            return f"YAML reads {word} as {_KINDS[kind]}; write '{word}' in quotes for the text"
        if not self._fits(node, kind):
            return f"{quoted(node.value)} is not {_KINDS[kind]}"
        if self._own and not _AS_WRITTEN.fullmatch(node.value):
            read = json.dumps(self._loader.construct_object(node))
            return f"YAML reads {word} as {read}; write '{word}' in quotes for the text, or {read}"
        return None

    def _fits(self, node: yaml.ScalarNode, kind: str) -> bool:
        """Whether it is what a tag says, as without a tag."""
        plain = self._loader.resolve(yaml.ScalarNode, node.value, (True, False))
        fits = plain == node.tag or (kind == "float" and plain == f"{_TAG}int")
        return fits and len(node.value) <= _LONGEST_NUMBER


def _cut(word: str) -> str:
    return word if len(word) <= 40 else f"{word[:37]}..."


def _at(node: yaml.Node, place: tuple[str, ...], problem: str) -> str:
    key = _cut_front(".".join(place))
    return f"line {node.start_mark.line + 1}: {key}: {problem}".replace(": : ", ": ")


def _cut_front(key: str) -> str:
    return key if len(key) <= 80 else f"...{key[-77:]}"
