"""What the models generate: the JSON schema, and the comments of ``config/config.yaml``."""

import json
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from harmonica_steps.config.load import load_file
from harmonica_steps.config.optimisers import optimiser_of
from harmonica_steps.config.search import Search
from harmonica_steps.config.section import model_in
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import write_text
from harmonica_steps.outputs import check_output

WIDTH = 98

KEPT: tuple[str, ...] = ("space", "forbidden")
"""Sections that stay as they are written, with their comments."""


def write_reference(path: Path) -> None:
    """Write the JSON schema (``.json``), or regenerate the comments of a config file (``.yaml``).

    Raises
    ------
    HarmonicaError
        When the file has another ending, is not a config file, or is another JSON file.
    """
    if path.suffix == ".json":
        check_output(path, "a schema", _is_schema)
        write_text(path, schema())
    elif path.suffix in (".yaml", ".yml"):
        write_text(path, annotated(path))
    else:
        raise HarmonicaError(f"{path}: must end in .json (schema) or .yaml (a configuration).")


def _is_schema(path: Path) -> bool:
    content = json.loads(path.read_text(encoding="utf-8"))
    return bool(content["$schema"] and content["title"] == Search.__name__)


def schema() -> str:
    """The JSON schema of the configuration."""
    content = Search.model_json_schema()
    content["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    # What pydantic writes for the bound of a union or a converted number, which no editor knows.
    known = {"gt": "exclusiveMinimum", "lt": "exclusiveMaximum", "ge": "minimum", "le": "maximum"}
    standard = json.loads(
        json.dumps(content),
        object_hook=lambda entry: {known.get(key, key): value for key, value in entry.items()},
    )
    return json.dumps(standard, indent=2) + "\n"


def annotated(path: Path) -> str:
    """A configuration file with every key explained above it, absent ones at their default.

    The first comment of the file and the sections in `KEPT` stay as they are.
    """
    content = load_file(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    preface = []
    for line in lines:
        if not line.startswith("#"):
            break
        preface.append(line)
    kept = {name: _block(lines, name) for name in KEPT if name in content}
    body = list(_section(Search, content, kept))
    return "\n".join([*preface, *body]) + "\n"


def _block(lines: list[str], name: str) -> list[str]:
    start = next(i for i, line in enumerate(lines) if line.startswith(f"{name}:"))
    block = [lines[start]]
    for line in lines[start + 1 :]:
        if line and not line.startswith((" ", "- ")):
            break
        block.append(line)
    while not block[-1].strip():
        block.pop()
    return block


def _section(
    model: type[BaseModel],
    content: Mapping[str, Any],
    kept: Mapping[str, list[str]],
    indent: str = "",
) -> Iterator[str]:
    for name, info in model.model_fields.items():
        if not indent:
            yield ""
        yield from _comment(info, indent)
        inner = model_in(info.annotation)
        if name == "final" and isinstance(content.get(name), dict):
            inner = optimiser_of(content[name])
        if name in kept:
            yield from kept[name]
        elif name not in content:
            default = info.get_default(call_default_factory=True)
            if isinstance(default, BaseModel):
                default = default.model_dump(mode="json")
            yield f"{indent}# {name}: {_flow(default)}"
        elif inner is not None and isinstance(content[name], list):
            yield f"{indent}{name}:" + ("" if content[name] else " []")
            for number, entry in enumerate(content[name]):
                yield from _entry(inner, entry, f"{indent}  ", explained=number == 0)
        elif inner is not None and isinstance(content[name], dict):
            yield f"{indent}{name}:"
            yield from _section(inner, content[name], {}, f"{indent}  ")
        else:
            yield f"{indent}{name}: {_flow(content[name])}"


def _entry(
    model: type[BaseModel], entry: dict[str, Any], indent: str, *, explained: bool
) -> Iterator[str]:
    if explained:
        yield from _lift(list(_section(model, entry, {}, f"{indent}  ")), indent)
    else:
        given = [f"{indent}  {name}: {_flow(value)}" for name, value in entry.items()]
        yield from _lift(given, indent)


def _lift(lines: list[str], indent: str) -> Iterator[str]:
    """Put the dash of a list entry before its first key."""
    first = next(i for i, line in enumerate(lines) if not line.lstrip().startswith("#"))
    yield from (
        line.replace("  ", "", 1) if i < first else line for i, line in enumerate(lines[:first])
    )
    yield f"{indent}- {lines[first].lstrip()}"
    yield from lines[first + 1 :]


def _comment(info: FieldInfo, indent: str) -> Iterator[str]:
    text = (info.description or "").strip()
    if info.default is not PydanticUndefined and info.default is not None:
        text += f" (default: {_flow(info.default)})"
    for line in textwrap.wrap(text, WIDTH - len(indent) - 2, break_on_hyphens=False):
        yield f"{indent}# {line}"


def _flow(value: object) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=10**6)
    return text.removesuffix("\n").removesuffix("\n...")
