"""The keys that a program reads from a dictionary of settings."""

import ast
from collections.abc import Mapping
from typing import Any

from harmonica_steps.init.constants import UNKNOWN, Constants, dotted
from harmonica_steps.init.setting import Kind, Setting

LOADERS = ("json.load", "json.loads", "yaml.safe_load", "yaml.load", "yaml.full_load")
"""What reads a file of settings; YAML readers also read JSON."""


def loaded_names(tree: ast.AST) -> set[str]:
    """The variables that hold what was loaded from a JSON file.

    Also those of functions of the program that return it.
    """
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    loaders = set(LOADERS)
    for function in functions:
        returned = [n.value for n in ast.walk(function) if isinstance(n, ast.Return) and n.value]
        names = _assigned_from(function, set(LOADERS))
        if any(_is_call_of(value, set(LOADERS)) or dotted(value) in names for value in returned):
            loaders.add(function.name)
    return _assigned_from(tree, loaders)


def keys_read(
    tree: ast.Module, names: set[str], constants: Constants, values: Mapping[str, Any]
) -> list[Setting]:
    """The settings that are read from a dictionary.

    Parameters
    ----------
    tree
        The program.
    names
        The variables that hold the dictionary; also followed into functions that are given it.
    constants
        Of the program.
    values
        Usual values, e.g. from the file that the program reads today.

    Returns
    -------
    list of Setting
        In the order of the program, then those of `values` that are read nowhere.
    """
    names = _followed(tree, names)
    found: dict[str, Setting] = {}
    nested: set[str] = set()
    nodes = [n for n in ast.walk(tree) if isinstance(n, ast.Subscript | ast.Call)]
    for node in sorted(nodes, key=lambda node: (node.lineno, node.col_offset)):
        match node:
            case ast.Subscript(
                value=ast.Subscript(value=owner, slice=ast.Constant(value=str() as key))
            ):
                nested |= {key} if dotted(owner) in names else set()
            case ast.Subscript(value=owner, slice=ast.Constant(value=str() as key)):
                if isinstance(node.ctx, ast.Load) and dotted(owner) in names:
                    found.setdefault(key, Setting(key, required=True))
            case ast.Call(
                func=ast.Attribute(value=owner, attr="get"),
                args=[ast.Constant(value=str() as key), *default],
            ) if dotted(owner) in names:
                value = constants.value(default[0]) if default else None
                found.setdefault(key, with_value(key, value))
    for key, value in values.items():
        if key in found or not isinstance(value, dict):
            required = found[key].required if key in found else False
            found[key] = with_value(key, value, required=required)
    return [
        Setting(s.name, problem="has settings of its own") if s.name in nested else s
        for s in found.values()
    ]


def with_value(name: str, value: Any, *, required: bool = False) -> Setting:
    """A setting whose usual value is known; that says of what kind it is."""
    kind: Kind = "unknown"
    if isinstance(value, bool):
        kind = "bool"
    elif isinstance(value, int | float) and abs(value) < 1e300:
        kind = "int" if isinstance(value, int) else "float"
    elif isinstance(value, str):
        kind = "text"
    elif value is not None and value is not UNKNOWN:
        return Setting(name, required=required, problem="is not a single value")
    return Setting(name, kind=kind, default=value, required=required)


def _is_call_of(node: ast.expr, functions: set[str]) -> bool:
    return isinstance(node, ast.Call) and dotted(node.func) in functions


def _assigned_from(tree: ast.AST, functions: set[str]) -> set[str]:
    return {
        dotted(target)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and _is_call_of(node.value, functions)
        for target in node.targets
    } - {""}


def _followed(tree: ast.Module, names: set[str]) -> set[str]:
    """The names of variables, and those by which functions of the program call them."""
    functions = {n.name: n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]
    known = set(names)
    for _ in range(len(functions) + 1):
        before = len(known)
        for call in calls:
            function = functions.get(call.func.id)  # type: ignore[attr-defined]
            if function is None:
                continue
            arguments = [argument.arg for argument in function.args.args]
            known |= {a for a, v in zip(arguments, call.args, strict=False) if dotted(v) in known}
            known |= {k.arg for k in call.keywords if k.arg and dotted(k.value) in known}
        if len(known) == before:
            break
    return known
