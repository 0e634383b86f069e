"""Loads a YAML file as a checked `Search`, or says what to change in it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from harmonica_steps.config.content import content_problems
from harmonica_steps.config.messages import listed, sentences
from harmonica_steps.config.search import Search
from harmonica_steps.config.yaml_file import load_own
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.space import Value


def load_file(path: Path) -> dict[str, Any]:
    """Read a configuration file as plain data.

    Raises
    ------
    HarmonicaError
        When it cannot be read, is not a YAML mapping, names a key twice, or YAML would make
        something else of what is written.
    """
    content = load_own(path)
    if not isinstance(content, dict):
        raise HarmonicaError(f"{path}: must be a mapping of keys, e.g. search, space, stages.")
    if "__use_yte__" in content:
        raise HarmonicaError(
            f"{path}: __use_yte__ makes it a template that only Snakemake can read; save the "
            "rendered template to a file and use that."
        )
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
    found = list(content_problems(dict(content)))
    try:
        search = Search.model_validate(dict(content))
    except ValidationError as error:
        found += sentences(error.errors(include_url=False), content=content)
        found += _more_problems(content, {key.partition(".")[0] for key, _ in found})
    if found:
        raise HarmonicaError(listed(found)) from None
    return search


def _more_problems(content: Mapping[str, Any], wrong: set[str]) -> list[tuple[str, str]]:
    """What else is wrong between the sections without a problem of their own.

    The others are replaced by ones that fit to anything, so that all problems are reported at once.
    """
    if not wrong or "" in wrong or not {"space"} <= content.keys() - wrong:
        return []
    right = {key: content[key] for key in content.keys() - wrong if key in Search.model_fields}
    fitting = {"search": "search", "objective": {"command": "true"}}
    try:
        Search.model_validate({**fitting, **right})
    except ValidationError as error:
        return list(sentences(error.errors(include_url=False), content=content))
    return []
