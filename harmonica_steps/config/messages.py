"""Pydantic's errors as sentences: the key, the value, what is allowed."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from harmonica_steps.config.optimisers import optimiser_of
from harmonica_steps.config.search import Search
from harmonica_steps.config.section import ProblemsError, model_in
from harmonica_steps.errors import near_miss
from harmonica_steps.space.parameters import KINDS
from harmonica_steps.terminal import quoted

MOST_LISTED = 20
"""Problems that a message lists."""

LONGEST_MESSAGE = 3_000
"""Characters after which no more of them are listed."""

_UNION_BRANCHES = {*KINDS, "str", "list[union[bool,int,float,str]]"}
_MUST_BE = {
    "bool_type": "a boolean",
    "bool_parsing": "a boolean, unable to interpret input",
    "int_type": "an integer",
    "int_parsing": "an integer",
    "int_from_float": "an integer",
    "float_type": "a number",
    "float_parsing": "a number",
    "string_type": "a string",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}
"""What a value must be, by pydantic's type of the error."""

_OWN = re.compile("must be (?P<wanted>.*), got ")
"""How our own checks say what a value must be."""

_MUST_HAVE = {
    "too_short": ("at least", "min_length", "item"),
    "too_long": ("at most", "max_length", "item"),
    "string_too_short": ("at least", "min_length", "character"),
    "string_too_long": ("at most", "max_length", "character"),
}
"""What a limit on length says: the words, the key of the number in the context, and the unit."""

_NO_VALUE = (
    "; null, a list or a mapping must be given a name, e.g. 'none', that the program translates"
)


def sentences(
    errors: Sequence[ErrorDetails],
    model: type[BaseModel] = Search,
    content: Mapping[str, Any] | None = None,
) -> Iterator[tuple[str, str]]:
    """One problem a key: the branches of a union each report one of their own.

    Parameters
    ----------
    errors
        From pydantic.
    model
        What it has validated.
    content
        What was validated: the keys of ``final`` depend on its optimiser.

    Yields
    ------
    tuple of str
        The key and what is wrong with it.
    """
    found: dict[str, list[ErrorDetails]] = {}
    for details in errors:
        if details["loc"][-1:] != ("[key]",):  # see `content_problems`
            found.setdefault(_key(details["loc"]), []).append(details)
    if any(key.startswith("start.") for key in found):
        found.pop("start", None)  # it is a list, not the path of a file
    for key, several in found.items():
        first, choices = several[0], [text for text in map(_must_be, several) if text]
        if len(choices) > 1 and _must_be(first):
            wanted = " or ".join(dict.fromkeys(choices))
            hint = _NO_VALUE if _is_no_value(several) else ""
            yield key, f"must be {wanted}, got {quoted(first['input'])}{hint}"
        else:
            problems = _problems(key, first, model, content)
            yield from problems if len(several) == 1 else problems[:1]


def listed(problems: Sequence[tuple[str, str]]) -> str:
    """A message with a line for each problem, the first `MOST_LISTED` of them."""
    lines = list(dict.fromkeys(f"{_cut(key)}: {text}" if key else text for key, text in problems))
    message = f"the configuration has {f'{len(lines)} problems' if len(lines) > 1 else 'a problem'}"
    for number, line in enumerate(lines):
        if number == MOST_LISTED or len(message) > LONGEST_MESSAGE:
            return f"{message}\n  - and {len(lines) - number} more"
        message += f"\n  - {_cut(line, 500)}"
    return message


def _is_no_value(several: Sequence[ErrorDetails]) -> bool:
    kinds = {details["type"] for details in several}
    value = several[0]["input"]
    return {"bool_type", "string_type"} <= kinds and (
        value is None or isinstance(value, list | dict)
    )


def _key(loc: Sequence[int | str]) -> str:
    # pydantic names the branches of a union as well, which are not keys of the file
    place = [step for i, step in enumerate(loc) if not _is_branch(loc[:i], step)]
    return ".".join(str(step + 1) if isinstance(step, int) else step for step in place)


def _problems(
    key: str, details: ErrorDetails, model: type[BaseModel], content: Mapping[str, Any] | None
) -> list[tuple[str, str]]:
    error = details.get("ctx", {}).get("error")
    if isinstance(error, ProblemsError):
        return [(key, sentence) for sentence in error.sentences]
    return [_problem(key, details, model, content)]


def _problem(
    key: str, details: ErrorDetails, model: type[BaseModel], content: Mapping[str, Any] | None
) -> tuple[str, str]:
    kind, value = details["type"], details["input"]
    if kind == "extra_forbidden":
        loc = details["loc"]
        return key, f"unknown key{near_miss(loc[-1], _keys_at(loc[:-1], model, content))}"
    if kind == "missing":
        return key, "is missing"
    if kind == "union_tag_not_found":
        return key, f"type is missing; allowed: {', '.join(KINDS)}"
    if kind == "union_tag_invalid":
        wrong = value.get("type") if isinstance(value, dict) else value
        return f"{key}.type", f"{quoted(wrong)} is unknown{near_miss(wrong, KINDS)}"
    if kind == "unknown_optimiser":
        return key, details["msg"]
    if kind == "value_error":
        return key, str(details["ctx"]["error"])
    if wanted := _must_be(details):
        return key, f"must be {wanted}, got {quoted(value)}"
    if kind in _MUST_HAVE:
        return key, f"{_must_have(kind, details['ctx'])}, got {quoted(value)}"
    return key, f"{details['msg']}, got {quoted(value)}"


def _must_be(details: ErrorDetails) -> str | None:
    """What the value must be, in pydantic's words where it is a bound or a choice."""
    if details["type"] in _MUST_BE:
        return _MUST_BE[details["type"]]
    if details["type"] == "value_error":
        own = _OWN.match(str(details["ctx"]["error"]))
        return own["wanted"] if own else None
    before, _, wanted = details["msg"].partition("Input should be ")
    return None if before else wanted


def _must_have(kind: str, context: Mapping[str, Any]) -> str:
    bound, number, what = _MUST_HAVE[kind]
    size = f"must have {bound} {context[number]} {what}{'' if context[number] == 1 else 's'}"
    if what == "character":
        return size
    found = context["actual_length"]
    return f"{size}, not {'more' if found is None else found}"  # pydantic stops counting


def _is_branch(before: Sequence[int | str], step: int | str) -> bool:
    if list(before) == ["start"]:
        return isinstance(step, str)
    if len(before) < 2:  # the second step may be a parameter's name
        return False
    return isinstance(step, str) and (
        step in _UNION_BRANCHES or step.startswith(("literal[", "function-", "constrained-"))
    )


def _keys_at(
    place: Sequence[int | str], model: type[BaseModel], content: Mapping[str, Any] | None
) -> list[str]:
    """The keys that the section at `place` of a model may have."""
    for step in place:
        if step == "final" and model is Search and content:
            model = optimiser_of(content["final"])
        elif isinstance(step, str) and step in KINDS:
            model = KINDS[step]
        elif isinstance(step, str) and step in model.model_fields:
            model = model_in(model.model_fields[step].annotation) or model
    return list(model.model_fields)


def _cut(text: str, most: int = 120) -> str:
    return text if len(text) <= most else f"{text[: most - 3]}..."
