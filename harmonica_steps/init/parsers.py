"""Which of a program's parsers an option belongs to: the main one, or those of subcommands."""

import ast
from collections.abc import Iterator, Sequence

from harmonica_steps.init.constants import Constants, dotted

MAIN = ""
"""The parser without a subcommand."""


class Parsers:
    """The parsers of a program, by the names of its variables.

    Parameters
    ----------
    tree, constants
        Of the program.
    """

    def __init__(self, tree: ast.AST, constants: Constants) -> None:
        self._constants = constants
        self._subcommands: dict[str, str] = {}
        self._groups: dict[str, ast.expr] = {}
        self._exclusive: set[str] = set()
        self._children: dict[str, list[str]] = {}
        for node in ast.walk(tree):
            match node:
                case ast.Assign(targets=[target], value=ast.Call() as call):
                    self._note(_text(target), call)
                case ast.AnnAssign(target=target, value=ast.Call() as call):
                    self._note(_text(target), call)
        self.subcommands = list(
            dict.fromkeys(
                name
                for call, _ in calls_of(tree, ("add_parser",))
                if (name := self._named(call)) is not None
            )
        )

    def of(self, receiver: ast.expr) -> tuple[frozenset[str], bool]:
        """The parsers that have an option which is added to `receiver`.

        Returns
        -------
        owners : frozenset of str
            The subcommands, or `MAIN`.
        exclusive : bool
            Whether it is in a group of which only one may be given.
        """
        exclusive = False
        for _ in range(10):
            name = _text(receiver)
            exclusive = exclusive or name in self._exclusive
            if name in self._groups:
                receiver = self._groups[name]
            elif isinstance(receiver, ast.Call) and isinstance(receiver.func, ast.Attribute):
                if receiver.func.attr == "add_parser":
                    return frozenset({self._named(receiver) or MAIN}), exclusive
                exclusive = exclusive or receiver.func.attr == "add_mutually_exclusive_group"
                receiver = receiver.func.value
            else:
                break
        name = _text(receiver)
        if name in self._subcommands:
            return frozenset({self._subcommands[name]}), exclusive
        return frozenset(self._children.get(name, [MAIN])), exclusive

    def _note(self, variable: str, call: ast.Call) -> None:
        function = call.func
        name = function.attr if isinstance(function, ast.Attribute) else dotted(function)
        subcommand = self._named(call) if name == "add_parser" else None
        if subcommand is not None:
            self._subcommands[variable] = subcommand
        elif isinstance(function, ast.Attribute) and name.startswith("add_"):
            self._groups[variable] = function.value
            if name == "add_mutually_exclusive_group":
                self._exclusive.add(variable)
        for keyword in call.keywords:
            if keyword.arg == "parents" and isinstance(keyword.value, ast.List | ast.Tuple):
                for parent in keyword.value.elts:
                    self._children.setdefault(_text(parent), []).append(subcommand or MAIN)

    def _named(self, call: ast.Call) -> str | None:
        name = self._constants.value(call.args[0]) if call.args else None
        return name if isinstance(name, str) else None


def _text(node: ast.expr) -> str:
    return dotted(node) or ast.unparse(node)


def calls_of(tree: ast.AST, names: Sequence[str]) -> Iterator[tuple[ast.Call, ast.expr]]:
    """The calls of methods with these names, each with the object it is called on, in order."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        if isinstance(call.func, ast.Attribute) and call.func.attr in names:
            yield call, call.func.value
