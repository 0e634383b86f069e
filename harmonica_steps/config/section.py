"""What the sections of the configuration have in common."""

import types
import typing
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from harmonica_steps.config.bounds import (
    LARGEST_METRIC,
    MOST_TRAININGS,
    Budget,
    Real,
    Share,
    Whole,
    one_line,
)
from harmonica_steps.space.kind_base import Value
from harmonica_steps.space.numbers import no_number_is_text

__all__ = [
    "Budget",
    "Failures",
    "ProblemsError",
    "Section",
    "Settings",
    "fixed_settings",
    "model_in",
]


def _settings(found: dict[str, Value]) -> dict[str, Value]:
    no_number_is_text(found.values())
    for name in found:
        one_line(name)
    return found


Settings = Annotated[dict[str, Value], Field(max_length=1_000), AfterValidator(_settings)]
"""Names and values that are passed on as they are."""


class ProblemsError(ValueError):
    """What is wrong with keys that are each right on their own, one sentence each."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("; ".join(sentences))
        self.sentences = sentences


class Section(BaseModel):
    """A mapping with these keys and no others."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, validate_default=True, allow_inf_nan=False
    )

    def problems(self) -> Iterator[str]:
        """Sentences about keys that do not fit together, each of which is right on its own."""
        yield from ()

    @model_validator(mode="after")
    def _fits_together(self) -> "Section":
        if found := list(self.problems()):
            raise ProblemsError(found)
        return self


CountsAs = Literal["worst", "drop"] | Annotated[Real, Field(ge=-LARGEST_METRIC, le=LARGEST_METRIC)]


class Failures(Section):
    """How a training without a usable metric counts."""

    counts_as: CountsAs = Field(
        default="worst",
        description="worst: the worst metric seen in the stage; drop: left out; or a number",
    )
    max_failed_fraction: Share = Field(
        default=0.5,
        description="The stage stops, with a message, when more of its trainings failed",
    )
    stop_after: Whole = Field(
        default=10,
        ge=0,
        le=MOST_TRAININGS,
        description=(
            "Start no more trainings if the first N have all failed in the same way, which "
            "usually means that the program or its command is wrong; 0: never stop early"
        ),
    )


def fixed_settings() -> Any:
    """The key ``fidelity`` of a section."""
    return Field(
        default_factory=dict,
        description="Fixed settings passed with every configuration, e.g. a small network",
    )


def model_in(annotation: Any) -> type[BaseModel] | None:
    """The first pydantic model inside a type annotation."""
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return annotation if issubclass(annotation, BaseModel) else None
    found = [model_in(argument) for argument in typing.get_args(annotation)]
    return next((model for model in found if model), None)
