"""MkDocs hook: reference pages are made from the code, so that they cannot differ from it.

A page says where: ``<!-- generated: configuration -->`` and so on.
"""

import argparse
import dataclasses
import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import yaml
from pydantic import BaseModel
from pydantic_core import PydanticUndefined
from snakemake_executor_plugin_submitit import ExecutorSettings

from harmonica_steps.cli import make_parser
from harmonica_steps.config import (
    Failures,
    Flags,
    Objective,
    Retrain,
    Search,
    Stage,
    Study,
    load_file,
    parse,
)
from harmonica_steps.config.optimisers import OPTIMISERS
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.space import Space
from harmonica_steps.space.parameters import KINDS
from harmonica_steps.spectral import (
    Basis,
    InteractionLasso,
    PolynomialRecovery,
    interaction_lasso_path,
    recover,
)

PUBLIC: dict[Callable[..., object], tuple[str, ...]] = {
    load_file: (),
    parse: (),
    HarmonicaError: (),
    Space: ("active", "forbids", "count", "point", "decode"),
    SearchRun: ("at", "parts", "part", "space"),
    SearchFolder: (
        *("plan", "best", "report", "metrics", "runtime", "samples", "record", "work"),
        *("psr", "frozen"),
    ),
    PolynomialRecovery: ("fit", "predict", "effect"),
    InteractionLasso: ("fit", "predict"),
    interaction_lasso_path: (),
    Basis: ("evaluate",),
    recover: (),
}
"""What scripts may import, and of a class the members that they may use."""

BOUNDS = {
    "minimum": "≥ {}",
    "ge": "≥ {}",
    "exclusiveMinimum": "> {}",
    "gt": "> {}",
    "maximum": "≤ {}",
    "le": "≤ {}",
    "minItems": "at least {} values",
    "minLength": "not empty",
    "pattern": "matches `{}`",
}
"""Keys of a JSON schema in words."""


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put what is generated where a page asks for it."""
    return re.sub(r"<!-- generated: ([\w-]+) -->", lambda m: GENERATED[m[1]](), markdown)


def configuration() -> str:
    """A table for each section of the configuration."""
    return "\n".join(_sections())


def _sections() -> Iterator[str]:
    yield from _section("The file", Search)
    yield from _section("objective", Objective)
    yield from _section("objective: args", Flags, "###")
    yield "## space"
    yield "A name for each parameter, and its kind under `type`:\n"
    for name, kind in KINDS.items():
        yield from _section(f"type: {name}", kind, "###")
    yield from _section("stages", Stage, note="A list; each entry has these keys.")
    yield from _section("stages: study", Study, "###")
    yield "## final"
    yield "The keys depend on `optimiser`:\n"
    for name, model in OPTIMISERS.items():
        yield from _section(f"optimiser: {name}", model, "###")
    yield from _section("final: retrain", Retrain, "###")
    yield from _section("failures", Failures, note="Of a stage, or of `final`.")


def _section(
    title: str, model: type[BaseModel], level: str = "##", note: str = ""
) -> Iterator[str]:
    yield f"{level} {title}\n"
    yield f"{_first_paragraph(model)} {note}\n"
    yield _table(("key", "type", "default", "allowed", "meaning"), _rows(model))


def _rows(model: type[BaseModel]) -> Iterator[Sequence[str]]:
    properties = model.model_json_schema()["properties"]
    for name, info in model.model_fields.items():
        default = info.get_default(call_default_factory=True)
        if isinstance(default, BaseModel):
            default = default.model_dump(mode="json")
        shown = "required" if default is PydanticUndefined else f"`{_flow(default)}`"
        schema = properties[name]
        allowed = ", ".join(dict.fromkeys(_allowed(schema)))
        yield f"`{name}`", _type(schema), shown, allowed, info.description or ""


def _type(schema: dict[str, Any]) -> str:
    if "anyOf" in schema or "oneOf" in schema:
        branches = [_type(branch) for branch in schema.get("anyOf") or schema["oneOf"]]
        found = [branch for branch in dict.fromkeys(branches) if branch != "nothing"]
        # Every whole number is a number.
        return " or ".join(t for t in found if t != "whole number" or "number" not in found)
    if "$ref" in schema:
        return "mapping"
    names = {
        "integer": "whole number",
        "number": "number",
        "boolean": "true or false",
        "string": "text",
        "object": "mapping",
        "null": "nothing",
    }
    if schema["type"] == "array":
        return f"list of: {_type(schema['items'])}"
    return names[schema["type"]]


def _allowed(schema: dict[str, Any]) -> Iterator[str]:
    yield from (f"`{value}`" for value in schema.get("enum", ()))
    if "const" in schema:
        yield f"`{schema['const']}`"
    for key, text in BOUNDS.items():
        if key in schema:
            yield text.format(schema[key])
    for branch in schema.get("anyOf", ()):
        yield from _allowed(branch)


def _flow(value: object) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=10**6)
    return text.removesuffix("\n").removesuffix("\n...")


def _first_paragraph(documented: object) -> str:
    return (documented.__doc__ or "").split("\n\n")[0].strip()


def command_line() -> str:
    """A section for each subcommand."""
    return "\n".join(_commands(make_parser()))


def subparsers(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The parser of each subcommand."""
    (action,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return dict(action.choices)


def _commands(parser: argparse.ArgumentParser) -> Iterator[str]:
    for name, command in subparsers(parser).items():
        yield f"## harmonica {name}\n"
        yield f"{_sentence(command.description or '')}\n"
        yield f"```text\n{_usage(command)}\n```\n"
        if actions := [a for a in command._actions if a.dest != "help"]:
            yield _table(("argument", "meaning", "default"), map(_argument, actions))
        if command.epilog:
            yield f"{command.epilog}\n"


def _usage(command: argparse.ArgumentParser) -> str:
    lines = command.format_usage().removeprefix("usage: ").splitlines()
    return " ".join(line.strip() for line in lines).replace(" [-h]", "")


def _argument(action: argparse.Action) -> Sequence[str]:
    value = action.metavar or action.dest.upper()
    if action.choices:
        value = "{" + ",".join(map(str, action.choices)) + "}"
    if action.nargs == 0:
        name = ", ".join(action.option_strings)
    elif action.option_strings:
        shown = f"[{value}]" if action.nargs == "?" else value
        name = f"{', '.join(action.option_strings)} {shown}"
    else:
        name = action.dest
    default = action.default
    # What is empty is described in words, if at all.
    plain = isinstance(default, str | int | float) and not isinstance(default, bool)
    return f"`{name}`", action.help or "", f"`{default}`" if plain else ""


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def executor() -> str:
    """A table of the settings of the executor plugin."""
    rows = []
    for setting in dataclasses.fields(ExecutorSettings):
        default = "" if setting.default is None else f"`{setting.default}`"
        name = f"`submitit-{setting.name.replace('_', '-')}`"
        rows.append((name, default, setting.metadata["help"]))
    return _table(("setting", "default", "meaning"), rows)


def python() -> str:
    """A section for each class and function that scripts may import."""
    return "\n".join(line for thing in PUBLIC for line in _documented(thing))


def _documented(thing: Callable[..., object]) -> Iterator[str]:
    name = thing.__qualname__
    yield f"### {name}\n"
    yield f"`from {_home(thing.__module__)} import {name}`\n"
    if not (isinstance(thing, type) and issubclass(thing, Exception)):
        arguments = [a.replace(annotation=a.empty) for a in _arguments(thing)]
        yield f"```python\n{name}({', '.join(map(str, arguments))})\n```\n"
    yield f"{_first_paragraph(thing)}\n"
    if rows := [_member(thing, name) for name in PUBLIC[thing]]:
        yield _table(("member", "meaning"), rows)


def _home(module: str) -> str:
    """The package that offers what one of its modules defines, where it is a package's."""
    package = module.rpartition(".")[0]
    return module if package in ("harmonica_steps", "harmonica_steps.results") else package


def _arguments(thing: Callable[..., object]) -> list[inspect.Parameter]:
    return list(inspect.signature(thing).parameters.values())


def _member(thing: object, name: str) -> Sequence[str]:
    member = inspect.getattr_static(thing, name)
    function = getattr(member, "__func__", member)
    shown = name
    if inspect.isfunction(function):
        names = [a.name for a in _arguments(function) if a.name not in ("self", "cls")]
        shown = f"{name}({', '.join(names)})"
    return f"`{shown}`", _first_paragraph(function)


def _table(head: Sequence[str], rows: Iterator[Sequence[str]] | Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(text: str) -> str:
    # Placeholders such as <name> are no HTML.
    return re.sub(r"<(\w+)>", r"&lt;\1&gt;", text.replace("|", "\\|").replace("\n", " "))


GENERATED: dict[str, Callable[[], str]] = {
    "configuration": configuration,
    "command-line": command_line,
    "executor": executor,
    "python": python,
}
"""By the names that pages use."""
