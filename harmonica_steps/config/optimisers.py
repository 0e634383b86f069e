"""The section ``final``: its keys depend on the optimiser."""

import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from pydantic import GetJsonSchemaHandler, TypeAdapter, ValidationError
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError

from harmonica_steps.config.rounds import Final
from harmonica_steps.errors import HarmonicaError, near_miss
from harmonica_steps.terminal import quoted
from harmonica_steps.user_class import user_class

DEFAULT = "successive_halving"


class _Optimisers(Mapping[str, type[Final]]):
    """The optimisers by name. Each is imported when it is used, as it imports the configuration."""

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = places

    def __getitem__(self, name: str) -> type[Final]:
        module, _, kind = self._places[name].partition(":")
        found: type[Final] = getattr(import_module(f"harmonica_steps.optimisers.{module}"), kind)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


OPTIMISERS = _Optimisers(
    {
        DEFAULT: "successive_halving:SuccessiveHalving",
        "hyperband": "hyperband:Hyperband",
        "guided": "guided_rounds:GuidedRounds",
        "random": "random_search:RandomSearch",
        "optuna": "optuna_rounds:OptunaRounds",
    }
)
"""Name of each in a config file, and its module and class in `harmonica_steps.optimisers`."""

OWN = r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$"
"""How a user's own optimiser is named, ``module:Class``."""


class AnyOptimiser:
    """The JSON schema of the section: that of one of the optimisers, or of a user's own."""

    def __get_pydantic_json_schema__(
        self, _: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """One branch for each."""
        branches = [handler(TypeAdapter(kind).core_schema) for kind in OPTIMISERS.values()]
        own = {
            "type": "object",
            "properties": {"optimiser": {"type": "string", "pattern": OWN}},
            "required": ["optimiser"],
        }
        return {"anyOf": [*branches, own]}


def optimiser_of(content: Mapping[str, Any]) -> type[Final]:
    """The class of the optimiser that a section names.

    Raises
    ------
    HarmonicaError
        When a user's own cannot be imported.
    KeyError
        When there is none of that name.
    """
    name = content.get("optimiser", DEFAULT)
    if isinstance(name, str) and re.match(OWN, name):
        base = "harmonica_steps.optimisers.Final, Optimiser or InRounds"
        own: type[Final] = user_class(name, Final, base, "final.optimiser")
        return own
    if not isinstance(name, str):
        raise KeyError(name)
    return OPTIMISERS[name]


def read_final(content: Any) -> Any:
    """The section with the class of its optimiser; what is not a mapping as it is.

    The key ``continuous`` of earlier versions has no effect: numbers are always drawn from ranges.

    Raises
    ------
    ValidationError
        When it names no optimiser, or has keys that this one does not have.
    HarmonicaError
        When a user's own optimiser cannot be imported, or fails.
    """
    if not isinstance(content, Mapping):
        return content
    given = {"optimiser": DEFAULT, **{k: v for k, v in content.items() if k != "continuous"}}
    try:
        kind = optimiser_of(given)
    except KeyError:
        wrong = given["optimiser"]
        text = (
            f"{quoted(wrong)} is unknown{near_miss(wrong, list(OPTIMISERS))} "
            "Your own is written module:Class."
        )
        raise ValidationError.from_exception_data(
            "final",
            [
                InitErrorDetails(
                    type=PydanticCustomError("unknown_optimiser", "{text}", {"text": text}),
                    loc=("optimiser",),
                    input=wrong,
                )
            ],
        ) from None
    try:
        return kind.model_validate(given)
    except (ValidationError, HarmonicaError):
        raise
    except Exception as error:  # whatever a user's own class does
        raise HarmonicaError(
            f"final.optimiser: {given['optimiser']} fails: {type(error).__name__}: {error}."
        ) from error
