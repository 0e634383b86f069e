"""What the sections of the configuration have in common."""

import types
import typing
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from harmonica_steps.space.parameters import Value, no_number_is_text

Budget = int | float


def _settings(found: dict[str, Value]) -> dict[str, Value]:
    no_number_is_text(found.values())
    return found


Settings = Annotated[dict[str, Value], AfterValidator(_settings)]
"""Names and values that are passed on as they are."""


class Section(BaseModel):
    """A mapping with these keys and no others."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, validate_default=True, allow_inf_nan=False
    )


class Failures(Section):
    """What a training without a usable metric means."""

    counts_as: Literal["worst", "drop"] | float = Field(
        default="worst",
        description="worst: the worst metric seen in the stage; drop: left out; or a number",
    )
    max_failed_fraction: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="The stage stops, with a message, when more of its trainings failed",
    )
    stop_after: int = Field(
        default=10,
        ge=0,
        description="Start no more trainings when the first so many have all failed in the same "
        "way, as they do when the program or its command is wrong; 0: never stop early",
    )


def fixed_settings() -> Any:
    """The key ``fidelity`` of a section."""
    return Field(
        default_factory=dict,
        description="Fixed settings passed with every configuration, such as a small network",
    )


def model_in(annotation: Any) -> type[BaseModel] | None:
    """The first pydantic model inside a type annotation."""
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return annotation if issubclass(annotation, BaseModel) else None
    found = [model_in(argument) for argument in typing.get_args(annotation)]
    return next((model for model in found if model), None)
