"""The metric of a program, guessed from what it prints, writes or returns."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from harmonica_steps.init.constants import dotted

HOLE = "\0"
"""Stands for a value in a printed text."""

BETTER_LARGE = re.compile(
    r"(?<![a-z])(acc|accuracy|auc|auroc|roc_?auc|f1|f_?score|score|r2|precision|recall|bleu|rouge|"
    r"map|iou|dice|reward|return|returns|psnr|ssim|ndcg|mcc|kappa|elbo|likelihood|correct)(?![a-z])"
)
BETTER_SMALL = re.compile(
    r"(?<![a-z])(loss|error|err|rmse|mse|mae|mape|rmsle|perplexity|ppl|nll|logloss|log_?loss|wer|"
    r"cer|fid|cost|regret|deviance|bce|crossentropy|cross_?entropy|metric|objective)(?![a-z])"
)
VALIDATION = re.compile(r"(?<![a-z])(val|valid|validation|dev|cv|holdout|eval)(?![a-z])")
TEST = re.compile(r"(?<![a-z])(test|best|final|mean|avg|average)(?![a-z])")
TRAINING = re.compile(r"(?<![a-z])(train|training|batch|running)(?![a-z])")

PRINTERS = ("print", "info", "warning", "debug", "log", "echo", "error")
"""Functions and methods that show a text."""

STREAMS = ("sys.stdout.write", "sys.stderr.write", "tqdm.write")

LONGEST = 200
"""Characters before a value in which its name is looked for."""

_NUMBER = r"([-+.\d]+(?:[eE][-+]?\d+)?|nan|inf)"

Where = Literal["printed", "written", "returned", "unknown"]


@dataclass(frozen=True)
class Metric:
    """Where a metric comes from, and which way is better."""

    name: str
    where: Where
    direction: Literal["minimize", "maximize"]
    pattern: str = ""
    """A regular expression for a line that the program prints."""
    line: int = 0
    """Line of the program in which it stands."""
    file: str = field(default="", compare=False)
    """The expression that says where it is written to."""

    @property
    def worth(self) -> tuple[int, int, int, int]:
        """How likely it is the one that matters: the largest."""
        plain = _plain(self.name)
        kind = bool(BETTER_LARGE.search(plain) or BETTER_SMALL.search(plain))
        purpose = 2 * bool(VALIDATION.search(plain)) + bool(TEST.search(plain))
        purpose -= 3 * bool(TRAINING.search(plain))
        sources = {"returned": 3, "written": 2, "printed": 1, "unknown": 0}
        # A loss is smoother than the accuracy next to it, but the last one printed is the summary.
        return kind, purpose, sources[self.where], self.line


def direction_of(name: str) -> Literal["minimize", "maximize"]:
    """Which way a metric of this name is better; a smaller one if the name does not say."""
    plain = _plain(name)
    if BETTER_SMALL.search(plain) or not BETTER_LARGE.search(plain):
        return "minimize"
    return "maximize"


def is_known(name: str) -> bool:
    """Whether a name is that of a metric."""
    plain = _plain(name)
    return bool(BETTER_LARGE.search(plain) or BETTER_SMALL.search(plain))


def find_metrics(tree: ast.AST) -> list[Metric]:
    """The metrics that a program prints or writes, the one that matters most likely first.

    Parameters
    ----------
    tree
        Of the program.
    """
    known = [m for m in (*_printed(tree), *_written(tree)) if is_known(m.name)]
    return sorted(known, key=lambda metric: metric.worth, reverse=True)


def returned_metric(tree: ast.AST, function: str) -> Metric | None:
    """The metric that a function returns, alone or in a dictionary.

    Parameters
    ----------
    tree
        Of the program.
    function
        The function's name.
    """
    return max(_returned(tree, function), key=lambda metric: metric.worth, default=None)


def _plain(name: str) -> str:
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[^a-z0-9]+", "_", parted.lower()).replace("_", " ")


def _returned(tree: ast.AST, function: str) -> Iterator[Metric]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == function:
            for part in ast.walk(node):
                if isinstance(part, ast.Return) and part.value is not None:
                    for name in _keys(part.value) or [_name_of(part.value) or "error"]:
                        yield Metric(name, "returned", direction_of(name), line=part.lineno)


def _written(tree: ast.AST) -> Iterator[Metric]:
    """Keys of a dictionary that is written as JSON."""
    opened = dict(_opened(tree))
    dictionaries = {
        target.id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        text = dotted(node.func)
        file = ""
        if text == "json.dump" and len(node.args) > 1:
            file = opened.get(ast.unparse(node.args[1]), _opened_by(node.args[1]))
            content = node.args[0]
        elif node.func.attr in ("write_text", "write") and node.args and _is_dumps(node.args[0]):
            receiver = node.func.value
            file = opened.get(ast.unparse(receiver), _opened_by(receiver) or ast.unparse(receiver))
            content = node.args[0].args[0]  # type: ignore[attr-defined]
        else:
            continue
        if isinstance(content, ast.Name):
            content = dictionaries.get(content.id, content)
        for name in _keys(content):
            yield Metric(name, "written", direction_of(name), line=node.lineno, file=file)


def _is_dumps(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and dotted(node.func) == "json.dumps" and bool(node.args)


def _opened(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """The variables of open files, each with the expression that names the file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.withitem) and node.optional_vars is not None:
            yield ast.unparse(node.optional_vars), _opened_by(node.context_expr)
        elif isinstance(node, ast.Assign) and (file := _opened_by(node.value)):
            yield ast.unparse(node.targets[0]), file


def _opened_by(node: ast.expr) -> str:
    if not isinstance(node, ast.Call):
        return ""
    if isinstance(node.func, ast.Attribute) and node.func.attr == "open":
        return ast.unparse(node.func.value)
    return ast.unparse(node.args[0]) if dotted(node.func) == "open" and node.args else ""


def _keys(node: ast.expr) -> list[str]:
    """The keys of a dictionary that is written out, those whose value may be a number."""
    if isinstance(node, ast.Call) and dotted(node.func) == "dict":
        return [keyword.arg for keyword in node.keywords if keyword.arg]
    if not isinstance(node, ast.Dict):
        return []
    return [
        key.value
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant)
        and isinstance(key.value, str)
        and key.value.isprintable()
        and key.value
        and not (isinstance(value, ast.Constant) and isinstance(value.value, str))
    ]


def _name_of(node: ast.expr) -> str:
    if isinstance(node, ast.Call) and node.args:  # float(loss)
        return _name_of(node.args[0])
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _printed(tree: ast.AST) -> Iterator[Metric]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else dotted(function)
        if name in PRINTERS or dotted(function) in STREAMS:
            text = _shown(node)
            if text == HOLE and is_known(variable := _name_of(node.args[0])):
                direction = direction_of(variable)
                yield Metric(variable, "printed", direction, rf"^{_NUMBER}$", node.lineno)
            yield from _labelled(text, node.lineno)


def _shown(call: ast.Call) -> str:
    """What a call prints, each value a `HOLE`."""
    first = call.args[0]
    is_method = isinstance(call.func, ast.Attribute)
    if is_method and len(call.args) > 1 and isinstance(first, ast.Constant):
        return re.sub(_PERCENT, HOLE, str(first.value))  # logging's own way
    return " ".join(_text(argument) for argument in call.args)


_PERCENT = r"%[-+ #0]*\d*(?:\.\d+)?[diouxXeEfFgGcrs]"


def _text(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=value):
            return str(value) if isinstance(value, str) else HOLE
        case ast.JoinedStr(values=values):
            return "".join(_field(value) for value in values)
        case ast.BinOp(op=ast.Mod(), left=ast.Constant(value=str() as text)):
            return re.sub(_PERCENT, HOLE, text)
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return _text(left) + _text(right)
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str() as text), attr="format")):
            return re.sub(r"\{[^{}]*\}", HOLE, text)
        case ast.Call() if _is_dumps(node):
            keys = _keys(node.args[0])
            return ", ".join(f'"{key}": {HOLE}' for key in keys) + "}" if keys else HOLE
    return HOLE


def _field(part: ast.expr) -> str:
    if isinstance(part, ast.FormattedValue):
        # f"{loss=}" is stored as a text "loss=" and a value.
        return HOLE
    return _text(part)


_LABEL = re.compile(r"([A-Za-z][\w/.@-]*(?:[ ][A-Za-z][\w/.@-]*){0,2}\"?)([^\w\n]*)$")
"""The last words before a value, and what separates them from it."""


def _labelled(text: str, line: int) -> Iterator[Metric]:
    """The values of a printed text that follow a name."""
    parts = text.split(HOLE)
    for before, after in pairwise(parts):
        label = _LABEL.search(before[-LONGEST:])
        if not label:
            continue
        name = re.sub(r"[^\w/.-]+", "_", label[1]).strip("_")
        if not is_known(name):
            continue
        yield Metric(name, "printed", direction_of(name), _pattern(label[1], label[2], after), line)


def _pattern(label: str, separator: str, after: str) -> str:
    start = r"\b" if re.match(r"\w", label) else ""
    words = r"\s+".join(re.escape(word) for word in label.split())
    between = re.escape(separator.strip())
    ends = re.match(r"[^\s\w.+-]", after)
    value = rf"([^\s{re.escape(ends[0])}]+)" if ends else r"(\S+)"
    if after[:1].isalpha():  # 12.5ms
        value = _NUMBER
    return rf"{start}{words}\s*{between}\s*{value}" if between else rf"{start}{words}\s*{value}"


def usual_pattern(name: str) -> str:
    """A pattern for a metric of which only the name is known."""
    return rf"\b{re.escape(name)}\W+(\S+)"
