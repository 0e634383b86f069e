"""What a JSON file of ConfigSpace may hold: a model for every kind of entry.

A key that no model has is an unknown key, so that nothing in a file is passed over.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StrictFloat, StrictInt, ValidationError

from harmonica_steps.config.messages import sentences
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.space import Value
from harmonica_steps.terminal import quoted

NEWEST = 0.4
"""The version of the format that this is about."""

Number = StrictInt | StrictFloat
Version = Annotated[float, Field(ge=0, le=NEWEST)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, strict=True)


class Document(_Entry):
    """The file as a whole."""

    hyperparameters: list[Any]
    conditions: list[Any] | None = None
    forbiddens: list[Any] | None = None
    name: str | None = None
    python_module_version: Any = None
    format_version: Version | None = None
    json_format_version: Version | None = None
    """Its name before ConfigSpace 1."""


class Hyperparameter(_Entry):
    """What all kinds of hyperparameter have."""

    type: str
    name: str
    meta: Any = None
    default_value: Any = None
    default: Any = None
    """Its name before ConfigSpace 1."""

    @property
    def given_default(self) -> Any:
        """The default, under either name."""
        return self.default if self.default_value is None else self.default_value


class UniformRange(Hyperparameter):
    """A number from a range; before ConfigSpace 1 it might have a step."""

    lower: Number
    upper: Number
    log: bool = False
    q: Number | None = None


class Choices(Hyperparameter):
    """Values without an order."""

    choices: list[Any] = Field(min_length=1)
    weights: list[Number] | None = None
    probabilities: list[Number] | None = None
    """Their name before ConfigSpace 1."""


class Sequence(Hyperparameter):
    """Values in an order."""

    sequence: list[Any] = Field(min_length=1)


class Constant(Hyperparameter):
    """A single value."""

    value: Any


class Leaf(_Entry):
    """A condition on one parent."""

    type: Literal["EQ", "IN"]
    child: str
    parent: str


class Equals(Leaf):
    """The parent has a value."""

    value: Any


class In(Leaf):
    """The parent has one of some values."""

    values: list[Any] = Field(min_length=1)


class Conjunction(_Entry):
    """Conditions, all or one of which must hold."""

    type: Literal["AND", "OR"]
    child: str | None = None
    conditions: list[Any] = Field(min_length=1)


class ForbiddenValue(_Entry):
    """A clause about one value, or about one end of a range."""

    type: Literal["EQUALS", "CLAUSE_GE", "CLAUSE_LE"]
    name: str
    value: Value


class ForbiddenValues(_Entry):
    """A clause about some values."""

    type: Literal["IN"]
    name: str
    values: list[Any] = Field(min_length=1)


class ForbiddenAnd(_Entry):
    """Clauses that must all hold."""

    type: Literal["AND"]
    clauses: list[Any] = Field(min_length=1)


AnyHyperparameter = UniformRange | Choices | Sequence | Constant
AnyCondition = Equals | In | Conjunction
AnyForbidden = ForbiddenValue | ForbiddenValues | ForbiddenAnd

HYPERPARAMETERS: dict[str, type[AnyHyperparameter]] = {
    "uniform_float": UniformRange,
    "uniform_int": UniformRange,
    "categorical": Choices,
    "ordinal": Sequence,
    "constant": Constant,
    "unparametrized": Constant,
}
CONDITIONS: dict[str, type[AnyCondition]] = {
    "EQ": Equals,
    "IN": In,
    "AND": Conjunction,
    "OR": Conjunction,
}
FORBIDDENS: dict[str, type[AnyForbidden]] = {
    "EQUALS": ForbiddenValue,
    "IN": ForbiddenValues,
    "CLAUSE_GE": ForbiddenValue,
    "CLAUSE_LE": ForbiddenValue,
    "AND": ForbiddenAnd,
}

_Model = TypeVar("_Model", bound=BaseModel)


def checked(where: str, content: object, model: type[_Model]) -> _Model:
    """An entry as a model has it.

    Parameters
    ----------
    where
        The place of the entry in the file; empty for all of it.
    content
        The entry.
    model
        What it must be.

    Raises
    ------
    HarmonicaError
        With a problem for every key that does not fit.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        before = (where,) if where else ()
        found = error.errors(include_url=False)
        for details in found:
            details["loc"] = (*before, *details["loc"])
        problems = (f"{key}: {text}" if key else text for key, text in sentences(found, model))
        raise HarmonicaError("\n".join(problems)) from None


def typed(where: str, content: object, models: Mapping[str, type[_Model]]) -> _Model:
    """An entry as the model of its type has it; see `checked`."""
    if not isinstance(content, dict):
        raise HarmonicaError(f"{where}: must be an object, got {quoted(content)}")
    if "type" not in content:
        raise HarmonicaError(f"{where}: type is missing; allowed: {', '.join(models)}")
    kind = content["type"]
    if not isinstance(kind, str) or kind not in models:
        raise HarmonicaError(
            f"{where}: has type {quoted(kind)}, which cannot be imported; allowed: "
            f"{', '.join(models)}"
        )
    return checked(where, content, models[kind])


def place(section: str, number: int, content: object) -> str:
    """An entry in messages: its number, from 1, and what it is about."""
    names = []
    if isinstance(content, dict):
        names = [content[k] for k in ("name", "child", "left", "right") if k in content]
    about = f" ({', '.join(map(quoted, names))})" if names else ""
    return f"{section}.{number}{about}"
