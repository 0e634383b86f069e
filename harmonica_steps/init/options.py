"""The options of a program that uses argparse, from its calls of ``add_argument``."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from harmonica_steps.init.constants import UNKNOWN, Constants
from harmonica_steps.init.parsers import MAIN, Parsers, calls_of
from harmonica_steps.init.setting import Kind, Setting

Switch = Literal["", "pair", "on", "off", "value"]
"""How a truth value is given: --x and --no-x, --x to turn it on, --x to turn it off, --x true."""

NOT_SETTINGS = ("help", "version")
"""Actions of options that end the program."""

_KINDS: dict[str, Kind] = {"int": "int", "float": "float", "str": "text"}

_TEXTS = ("Path", "PurePath", "eval", "literal_eval", "loads", "FileType", "open", "split")


@dataclass(frozen=True)
class Option(Setting):
    """An option or a positional argument."""

    strings: tuple[str, ...] = ()
    """All it can be written as: ``-b``, ``--batch-size``; none for a positional argument."""
    dest: str = ""
    """The attribute of the result."""
    switch: Switch = ""
    owners: frozenset[str] = frozenset({MAIN})
    """The subcommands it belongs to."""

    @property
    def flag(self) -> str:
        """How it is written best; '' for a positional argument."""
        return next((s for s in self.strings if s.startswith("--")), (*self.strings, "")[0])

    @property
    def shown(self) -> str:
        """Its name in a text."""
        return self.flag or self.name


@dataclass
class Options:
    """What a program can be given on its command line."""

    options: list[Option] = field(default_factory=list)
    subcommands: list[str] = field(default_factory=list)
    unread: list[int] = field(default_factory=list)
    """Lines with a call whose option has a name that only a run would tell."""


def read_options(tree: ast.AST, constants: Constants) -> Options:
    """Read all calls of ``add_argument``.

    Parameters
    ----------
    tree, constants
        Of the program.

    Returns
    -------
    Options
        In the order of the file; the first of two with the same name.
    """
    parsers = Parsers(tree, constants)
    found = Options(subcommands=parsers.subcommands)
    taken: set[tuple[str, frozenset[str]]] = set()
    for call, receiver in calls_of(tree, ("add_argument", "add_arg")):
        strings = [constants.value(argument) for argument in call.args]
        if not strings or not all(isinstance(string, str) and string for string in strings):
            found.unread.append(call.lineno)
            continue
        keywords = {word.arg: word.value for word in call.keywords if word.arg}
        if constants.value(keywords.get("action")) in NOT_SETTINGS:
            continue
        owners, exclusive = parsers.of(receiver)
        option = replace(_option(strings, keywords, constants), owners=owners)
        if exclusive:
            option = replace(option, problem="is one of several that exclude each other")
        if (option.shown, owners) not in taken:
            taken.add((option.shown, owners))
            found.options.append(option)
    return found


def _option(strings: Sequence[str], keywords: dict[str, ast.expr], constants: Constants) -> Option:
    flags = tuple(string for string in strings if string.startswith("-"))
    required = constants.value(keywords.get("required")) is True or not flags
    default = constants.value(keywords["default"]) if "default" in keywords else None
    option = Option(
        name=next((s for s in flags if s.startswith("--")), strings[0]).lstrip("-"),
        strings=flags,
        default=default,
        required=required and "default" not in keywords,
        choices=_choices(keywords, constants),
    )
    dest = constants.value(keywords.get("dest"))
    option = replace(option, dest=dest if isinstance(dest, str) else option.name.replace("-", "_"))
    option = _with_action(option, keywords, constants)
    if not option.switch and not option.problem:
        option = _with_type(option, keywords.get("type"))
    nargs = constants.value(keywords["nargs"]) if "nargs" in keywords else None
    if nargs == "?":
        return replace(option, required=False)
    if nargs is not None:
        needed = required and nargs not in ("*", "...")
        return replace(option, required=needed, problem="takes several values")
    return option


def _choices(keywords: dict[str, ast.expr], constants: Constants) -> Sequence[Any] | None:
    if "choices" not in keywords:
        return None
    found = constants.value(keywords["choices"])
    if isinstance(found, str):  # argparse takes the letters
        return list(found)
    return list(found) if isinstance(found, dict) else found if _is_listed(found) else [UNKNOWN]


def _is_listed(found: Any) -> bool:
    return isinstance(found, list | range)


def _with_action(option: Option, keywords: dict[str, ast.expr], constants: Constants) -> Option:
    if "action" not in keywords:
        return option
    action = constants.value(keywords["action"])
    name = action if isinstance(action, str) else ast.unparse(keywords["action"])
    name = name.rpartition(".")[2]
    if name in ("store_true", "store_false"):
        absent = name == "store_false"
        if isinstance(option.default, bool) and option.default != absent:
            return replace(option, kind="bool", problem="changes nothing, given its default")
        # The parameter is whether it is given.
        switch: Switch = "off" if absent else "on"
        return replace(option, kind="bool", switch=switch, default=False)
    if name == "BooleanOptionalAction":
        return replace(option, kind="bool", switch="pair")
    if name == "store":
        return option
    problems = {"append": "can be given several times", "extend": "takes several values"}
    problem = problems.get(name, f"has the action {name}")
    return replace(option, problem=problem, kind="unknown")


def _with_type(option: Option, type_: ast.expr | None) -> Option:
    default = option.known_default
    if type_ is None:
        if isinstance(default, bool) or (default is not None and not isinstance(default, str)):
            return replace(option, kind="text", problem="has no type: it would receive text")
        return replace(option, kind="text")
    text = ast.unparse(type_)
    name = text.rpartition(".")[2].partition("(")[0]
    if text == "bool":
        return replace(option, kind="bool", problem="type=bool treats any text as true")
    if "bool" in text.lower():
        if isinstance(default, str):
            default = default.lower() in ("true", "yes", "1", "on")
        return replace(option, kind="bool", switch="value", default=default)
    if text in _KINDS:
        return replace(option, kind=_KINDS[text])
    # A function of the program's own, such as positive_int: its default or name says of what.
    if isinstance(default, int | float) and not isinstance(default, bool):
        return replace(option, kind="float" if isinstance(default, float) else "int")
    for word, kind in (("int", "int"), ("float", "float")):
        if name not in _TEXTS and word in name.lower():
            return replace(option, kind=_KINDS[kind])
    return replace(option, kind="text")
