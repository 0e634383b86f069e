"""Values that a syntax tree states, so that the program need not be run to know them."""

import ast
import math
import operator
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

DEEPEST = 40
"""Levels of an expression that are followed."""


class Unknown:
    """What only a run of the program would tell."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown()

_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Pow: operator.pow,
}

_MOST = 1e300


class Constants:
    """The constants of a program.

    Parameters
    ----------
    tree
        Its syntax tree. A name counts if it is assigned just once.
    """

    def __init__(self, tree: ast.AST) -> None:
        assigned = list(_assignments(tree))
        counts = Counter(name for name, _ in assigned)
        self._names = {name: node for name, node in assigned if counts[name] == 1}

    def value(self, node: ast.AST | None, depth: int = 0) -> Any:
        """What an expression is: a number, text, truth value, None, list, range or dictionary.

        Returns
        -------
        object
            `UNKNOWN` for anything else. The values in a dictionary, and items of a list, may also
            be unknown.
        """
        if node is None or depth > DEEPEST:
            return UNKNOWN
        read = getattr(self, f"_{type(node).__name__.lower()}", None)
        return read(node, depth + 1) if read else UNKNOWN

    def _constant(self, node: ast.Constant, _: int) -> Any:
        plain = node.value is None or isinstance(node.value, str | bool | int | float)
        return _bounded(node.value) if plain else UNKNOWN

    def _name(self, node: ast.Name, depth: int) -> Any:
        return self.value(self._names.get(node.id), depth)

    def _unaryop(self, node: ast.UnaryOp, depth: int) -> Any:
        value = self.value(node.operand, depth)
        if isinstance(node.op, ast.Not) and isinstance(value, bool):
            return not value
        if isinstance(node.op, ast.USub) and _is_number(value):
            return -value
        return UNKNOWN

    def _binop(self, node: ast.BinOp, depth: int) -> Any:
        left, right = self.value(node.left, depth), self.value(node.right, depth)
        apply = _OPERATORS.get(type(node.op))
        if apply is None or not (_is_number(left) and _is_number(right)):
            return UNKNOWN
        if isinstance(node.op, ast.Pow) and (abs(left) > 1e6 or abs(right) > 40):
            return UNKNOWN
        try:
            return _bounded(apply(left, right))
        except ArithmeticError:
            return UNKNOWN

    def _list(self, node: ast.List | ast.Tuple | ast.Set, depth: int) -> Any:
        if any(isinstance(item, ast.Starred) for item in node.elts):
            return UNKNOWN
        return [self.value(item, depth) for item in node.elts]

    _tuple = _set = _list

    def _dict(self, node: ast.Dict, depth: int) -> Any:
        keys = [self.value(key, depth) for key in node.keys]
        if any(not isinstance(key, str | int | float) for key in keys):
            return UNKNOWN
        values = (self.value(value, depth) for value in node.values)
        return dict(zip(keys, values, strict=True))

    def _call(self, node: ast.Call, depth: int) -> Any:
        if isinstance(node.func, ast.Attribute) and node.func.attr == "keys" and not node.args:
            found = self.value(node.func.value, depth)
            return list(found) if isinstance(found, dict) else UNKNOWN
        if not isinstance(node.func, ast.Name) or node.keywords:
            return UNKNOWN
        arguments = [self.value(argument, depth) for argument in node.args]
        if node.func.id == "range" and 1 <= len(arguments) <= 3:
            whole = all(isinstance(a, int) for a in arguments) and 0 not in arguments[2:]
            return range(*arguments) if whole else UNKNOWN
        if len(arguments) != 1:
            return UNKNOWN
        return _converted(node.func.id, arguments[0])


def _converted(function: str, value: Any) -> Any:
    if function in ("list", "tuple", "set", "sorted"):
        if isinstance(value, range):
            return value
        items = list(value) if isinstance(value, list | dict) else UNKNOWN
        if function == "sorted" and isinstance(items, list):
            try:
                return sorted(items)
            except TypeError:
                return UNKNOWN
        return items
    if function in ("int", "float") and isinstance(value, str | int | float):
        try:
            return _bounded(float(value) if function == "float" else int(value))
        except (ValueError, ArithmeticError):
            return UNKNOWN
    return UNKNOWN


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


def _bounded(value: Any) -> Any:
    """A value, unless it is a number that is not finite or too large to be meant."""
    if not _is_number(value):
        return UNKNOWN if isinstance(value, complex) else value
    return value if not math.isnan(value) and abs(value) <= _MOST else UNKNOWN


_RUN = ast.Name("", ast.Load())
"""Stands for what only a run would tell."""


def _assignments(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """All names that are bound to something, with what they are bound to."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    plain = isinstance(target, ast.Name)
                    yield from ((name, value if plain else _RUN) for name in _bound(target))
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, value
            case ast.arg(arg=name):
                yield name, _RUN
            case ast.AugAssign(target=target) | ast.For(target=target):
                yield from ((name, _RUN) for name in _bound(target))
            case ast.comprehension(target=target) | ast.NamedExpr(target=target):
                yield from ((name, _RUN) for name in _bound(target))
            case ast.withitem(optional_vars=ast.expr() as target):
                yield from ((name, _RUN) for name in _bound(target))


def _bound(target: ast.expr) -> list[str]:
    names = [node for node in ast.walk(target) if isinstance(node, ast.Name)]
    return [name.id for name in names if isinstance(name.ctx, ast.Store)]
