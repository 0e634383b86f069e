"""JSON content compared with the type that describes it: a typed dictionary.

Uses the standard library only, so that what must start at once can import it.
"""

import re
from collections.abc import Callable
from functools import cache
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    NamedTuple,
    NotRequired,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from harmonica_steps.files import damaged

Shape = TypeVar("Shape")
Check = Callable[[Any], None]


class Within(NamedTuple):
    """Bounds of a number, for `typing.Annotated`."""

    least: float
    most: float


class Matching(NamedTuple):
    """What a text must be, for `typing.Annotated`."""

    pattern: str
    what: str


Value = bool | int | float | str
"""Value of a setting."""

Count = Annotated[int, Within(0, 10**7)]
"""Number of trainings or samples, or of a trial."""

Seed = Annotated[int, Within(0, 2**63 - 1)]

Metric = Annotated[float, Within(-1e100, 1e100)]
"""A metric beyond these bounds has diverged."""

Budget = Annotated[float, Within(0, 1e100)]


def conform(content: object, shape: type[Shape], name: object, repair: str = "") -> Shape:
    """The same content, known to be of a type; what the type does not name is ignored.

    Parameters
    ----------
    content
        What was read.
    shape
        A `typing.TypedDict`.
    name
        Of the file, for messages.
    repair
        What to do about a file that is not one of ours, in a sentence.

    Raises
    ------
    HarmonicaError
        With the first key that is missing or has a wrong value.
    """
    try:
        check: Check = _check(cast(Any, shape))
        check(content)
    except _WrongError as wrong:
        keys = ".".join(reversed(wrong.keys))
        raise damaged(name, f"{keys}: {wrong.problem}" if keys else wrong.problem, repair) from None
    return content  # type: ignore[return-value]  # as was just seen


class _WrongError(Exception):
    """A value that is not of its type."""

    def __init__(self, problem: str, key: str | None = None) -> None:
        self.problem = problem
        self.keys = [] if key is None else [key]


_NAMES: dict[Any, str] = {
    bool: "true or false",
    int: "an integer",
    float: "a number",
    str: "text",
    NoneType: "null",
    dict: "an object",
    list: "a list",
}


@cache
def _check(kind: Any) -> Check:
    """What raises an error for a value that is not of a type."""
    origin, inner = get_origin(kind), get_args(kind)
    if is_typeddict(kind):
        return _keys(kind)
    if kind is Any:
        return lambda value: None
    if origin is Annotated:
        return _annotated(inner[0], inner[1])
    if origin is Literal:
        return _one_of(inner)
    if origin in (UnionType, Union):
        return _union(inner)
    if origin is dict:
        return _mapping(inner[1])
    if origin is list:
        return _listing(inner[0])
    return _plain(frozenset({int, float} if kind is float else {kind}), _NAMES[kind])


def _plain(kinds: frozenset[type], what: str) -> Check:
    def check(value: Any) -> None:
        if type(value) not in kinds:
            raise _WrongError(f"must be {what}, got {_shown(value)}")

    return check


def _one_of(words: tuple[object, ...]) -> Check:
    def check(value: Any) -> None:
        if not isinstance(value, str) or value not in words:
            raise _WrongError(f"must be one of {', '.join(map(str, words))}, got {_shown(value)}")

    return check


def _union(members: tuple[Any, ...]) -> Check:
    """Several plain types, and at most one that is not."""
    members = tuple(m for member in members for m in _members(member))
    plain = [member for member in members if member in _NAMES]
    kinds = frozenset({int, *plain} if float in plain else plain)
    what = " or ".join(dict.fromkeys(_NAMES[member] for member in plain))
    others = [member for member in members if member not in _NAMES]
    if not others:
        return _plain(kinds, what)
    (other,) = others
    inner = _check(other)

    def check(value: Any) -> None:
        if type(value) not in kinds:
            inner(value)

    return check


def _members(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if get_origin(kind) in (UnionType, Union) else (kind,)


def _annotated(kind: Any, about: Any) -> Check:
    inner = _check(kind)
    if isinstance(about, Within):
        least, most = about

        def check_bounds(value: Any) -> None:
            inner(value)
            if not least <= value <= most:
                raise _WrongError(f"must be from {least:g} to {most:g}, got {_shown(value)}")

        return check_bounds
    pattern, what = re.compile(about.pattern), about.what

    def check_text(value: Any) -> None:
        inner(value)
        if not pattern.fullmatch(value):
            raise _WrongError(f"must be {what}, got {_shown(value)}")

    return check_text


def _listing(kind: Any) -> Check:
    inner, plain = _check(kind), _plain(frozenset({list}), _NAMES[list])

    def check(value: Any) -> None:
        plain(value)
        for number, entry in enumerate(value, start=1):
            try:
                inner(entry)
            except _WrongError as wrong:
                wrong.keys.append(str(number))
                raise

    return check


def _mapping(kind: Any) -> Check:
    inner, plain = _check(kind), _plain(frozenset({dict}), _NAMES[dict])

    def check(value: Any) -> None:
        plain(value)
        for key, entry in value.items():
            try:
                inner(entry)
            except _WrongError as wrong:
                wrong.keys.append(key[:60])
                raise

    return check


def _keys(shape: Any) -> Check:
    hints = get_type_hints(shape, include_extras=True)
    kinds = {k: get_args(h)[0] if get_origin(h) is NotRequired else h for k, h in hints.items()}
    checks = [(key, _check(kind), key in shape.__required_keys__) for key, kind in kinds.items()]
    plain = _plain(frozenset({dict}), _NAMES[dict])

    def check(value: Any) -> None:
        plain(value)
        for key, inner, required in checks:
            if key in value:
                try:
                    inner(value[key])
                except _WrongError as wrong:
                    wrong.keys.append(key)
                    raise
            elif required:
                raise _WrongError("is missing", key)

    return check


def _shown(value: Any) -> str:
    """A value in a message: short."""
    if isinstance(value, dict | list):
        return _NAMES[type(value)]
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
