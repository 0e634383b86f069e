"""Pydantic's errors as sentences: the key, the value, what is allowed."""

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
_PLAIN = {
    "Input should be": "must be",
    "a valid dictionary or object to extract fields from": "a mapping",
    "a valid dictionary": "a mapping",
    "a valid ": "a ",
    "a integer": "an integer",
    ", got a number with a fractional part": "",
    ", unable to parse string as an integer": "",
    ", unable to parse string as a number": "",
    "List should have": "must have",
    "Dictionary should have": "must have",
    "String should have": "must have",
    " after validation": "",
}

_VALUE = "a boolean or an integer or a number or a string"

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
        problems = [
            problem for details in several for problem in _problems(key, details, model, content)
        ]
        first = problems[0][1]
        choices = [p[8:].split(", got")[0] for _, p in problems[1:] if p.startswith("must be")]
        if first.startswith("must be") and choices and len(problems) == len(several):
            wanted, _, got = first.partition(", got")
            others = dict.fromkeys(choice for choice in choices if f"must be {choice}" != wanted)
            wanted = " or ".join([wanted, *others])
            yield problems[0][0], f"{wanted}, got{got}{_NO_VALUE if _is_no_value(several) else ''}"
        else:
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
    message = details["msg"].removeprefix("Value error, ")
    if kind == "extra_forbidden":
        loc = details["loc"]
        return key, f"unknown key{near_miss(loc[-1], _keys_at(loc[:-1], model, content))}"
    if kind == "model_type":
        return key, f"must be a mapping, got {quoted(value)}"
    if kind == "missing":
        return key, "is missing"
    if kind == "union_tag_not_found":
        return key, f"type is missing; allowed: {', '.join(KINDS)}"
    if kind == "union_tag_invalid":
        wrong = value.get("type") if isinstance(value, dict) else value
        return f"{key}.type", f"{quoted(wrong)} is unknown{near_miss(wrong, KINDS)}"
    if kind == "unknown_optimiser":
        return key, message
    if kind == "value_error":
        return key, message
    for technical, plain in _PLAIN.items():
        message = message.replace(technical, plain)
    return key, f"{message}, got {quoted(value)}"


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
