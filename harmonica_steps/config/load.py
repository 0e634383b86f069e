"""From a YAML file to a checked `Search`, or to a message that says what to change."""

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from harmonica_steps.config.final import OPTIMISERS
from harmonica_steps.config.search import Search
from harmonica_steps.config.section import model_in
from harmonica_steps.errors import HarmonicaError, near_miss
from harmonica_steps.space import Value, parameters

_KINDS: dict[str, type[BaseModel]] = {
    "bool": parameters.Bool,
    "categorical": parameters.Categorical,
    "ordinal": parameters.Ordinal,
    "int": parameters.Integer,
    "float": parameters.Float,
}

_BRANCHES: dict[str, type[BaseModel]] = {**_KINDS, **OPTIMISERS}

_UNION_BRANCHES = {*_KINDS, "str", "list[union[bool,int,float,str]]"}
_PLAIN = {
    "Input should be": "must be",
    "a valid dictionary or object to extract fields from": "a mapping",
    "a valid dictionary": "a mapping",
    "a valid ": "a ",
    "a integer": "an integer",
    ", got a number with a fractional part": "",
    ", unable to parse string as an integer": "",
    ", unable to parse string as a number": "",
    "List should have": "must have",
    " after validation": "",
}


class _NoDuplicates(yaml.SafeLoader):
    """YAML keeps the last of two equal keys in silence; here they are an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                continue  # refused by the base class
            if key in seen:
                line = key_node.start_mark.line + 1
                raise HarmonicaError(f"{self.name}: line {line}: {key!r} is there twice.")
            seen.add(key)
        return super().construct_mapping(node, deep)


def load_file(path: Path) -> dict[str, Any]:
    """Read a configuration file as plain data.

    Raises
    ------
    HarmonicaError
        When it cannot be read, is no YAML mapping, or names a key twice.
    """
    try:
        with path.open(encoding="utf-8") as stream:
            content = yaml.load(stream, Loader=_NoDuplicates)  # noqa: S506 (a SafeLoader)
    except OSError as error:
        raise HarmonicaError(f"{path}: cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise HarmonicaError(f"{path}: is not UTF-8 text ({error}).") from error
    except yaml.YAMLError as error:
        raise HarmonicaError(f"{path}: is not valid YAML:\n{error}") from error
    if not isinstance(content, dict):
        raise HarmonicaError(f"{path}: must be a mapping of keys such as search, space, stages.")
    return content


def load_merged(paths: Sequence[Path]) -> dict[str, Any]:
    """Read several configuration files as one; the later wins, key by key, as in Snakemake."""
    merged: dict[str, Any] = {}
    for path in paths:
        _update(merged, load_file(path))
    return merged


def _update(content: dict[str, Any], more: Mapping[str, Any]) -> None:
    for key, value in more.items():
        if isinstance(value, Mapping) and isinstance(content.get(key), dict):
            _update(content[key], value)
        else:
            content[key] = value


def load_start(start: list[dict[str, Value]] | str) -> list[dict[str, Any]]:
    """The configurations that a search starts from.

    Parameters
    ----------
    start
        A list, or the path of a JSON or YAML file with one configuration, with a list of them
        under ``start``, or with one under ``configuration``, as ``best.json`` has it.

    Raises
    ------
    HarmonicaError
        When the file cannot be read, or holds something else.
    """
    if not isinstance(start, str):
        return list(start)
    content = load_file(Path(start))
    found = content.get("start", [content.get("configuration", content)])
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise HarmonicaError(
            f"{start}: must hold a configuration, or a list of configurations under start."
        )
    return found


def parse(content: Mapping[str, Any]) -> Search:
    """Check a configuration.

    Raises
    ------
    HarmonicaError
        With one line for every problem: the key, the value, what is allowed.
    """
    try:
        return Search.model_validate(dict(content))
    except ValidationError as error:
        problems = sentences(error.errors())
        raise HarmonicaError(
            "the configuration has "
            + (f"{len(problems)} problems" if len(problems) > 1 else "a problem")
            + "".join(f"\n  - {problem}" for problem in problems)
        ) from None


def sentences(errors: Sequence[ErrorDetails], model: type[BaseModel] = Search) -> list[str]:
    """One sentence a key: the branches of a union each report a problem of their own."""
    found: dict[str, str] = {}
    for details in errors:
        key, problem = _problem(details, model)
        if key not in found:
            found[key] = f"{key}: {problem}" if key else problem
        elif problem.startswith("must be"):
            found[key] = found[key].replace(
                ", got", f" or {problem[8:]}".split(", got")[0] + ", got", 1
            )
    return list(found.values())


def _problem(details: ErrorDetails, model: type[BaseModel]) -> tuple[str, str]:
    # pydantic names the branches of a union as well, which are no keys of the file
    loc = details["loc"]
    place = [step for i, step in enumerate(loc) if not _is_branch(loc[:i], step)]
    kind, value = details["type"], details["input"]
    key = ".".join(str(step + 1) if isinstance(step, int) else step for step in place)
    message = details["msg"].removeprefix("Value error, ")
    if kind == "extra_forbidden":
        return key, f"unknown key{near_miss(place[-1], _keys_at(details['loc'][:-1], model))}"
    if kind == "missing":
        return key, "is missing"
    if kind == "union_tag_not_found":
        return key, f"type is missing; allowed: {', '.join(_KINDS)}"
    if kind == "union_tag_invalid":
        tag, known = ("optimiser", OPTIMISERS) if key == "final" else ("type", _KINDS)
        wrong = value.get(tag) if isinstance(value, dict) else value
        return f"{key}.{tag}", f"{wrong!r} is unknown{near_miss(wrong, known)}"
    if kind == "value_error":
        return key, message
    for technical, plain in _PLAIN.items():
        message = message.replace(technical, plain)
    return key, f"{message}, got {value!r}"


def _is_branch(before: Sequence[int | str], step: int | str) -> bool:
    if len(before) < 2:  # the second step may be a parameter's name
        return list(before) == ["final"] and step in OPTIMISERS
    return isinstance(step, str) and (step in _UNION_BRANCHES or step.startswith("literal["))


def _keys_at(place: Sequence[int | str], model: type[BaseModel]) -> list[str]:
    """The keys that the section at `place` may have."""
    for step in place:
        if isinstance(step, str) and step in _BRANCHES:
            model = _BRANCHES[step]
        elif isinstance(step, str) and step in model.model_fields:
            model = model_in(model.model_fields[step].annotation) or model
    return list(model.model_fields)
