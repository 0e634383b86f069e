"""The section ``objective``."""

import re
from typing import Literal

from pydantic import Field, field_validator, model_validator

from harmonica_steps.config.section import Section

PYTHON = re.compile(r"\S*python[\d.]*\s+[^-]")
"""The beginning of a command that has Python run a script."""


class Objective(Section):
    """The training program. Give either `command` or `callable`."""

    command: str | None = Field(
        default=None,
        description="A command in any language. Placeholders: {config} (JSON file to read), "
        "{result} (JSON file to write), {seed}, {budget}, {workdir}, {checkpoint}; the same as "
        "environment variables HARMONICA_CONFIG, HARMONICA_RESULT, ... No shell is involved.",
    )
    callable: str | None = Field(
        default=None,
        pattern=r"^[\w.]+:\w+$",
        description="A Python function, module:function, called with the configuration and those "
        "of seed, budget, workdir, checkpoint that it names; returns the metric or a dict.",
    )
    metric: str = Field(
        default="error", min_length=1, description="The key of the result that is optimised"
    )
    direction: Literal["minimize", "maximize"] = Field(
        default="minimize", description="Whether a smaller or a larger metric is better"
    )
    transform: Literal["none", "log", "rank"] = Field(
        default="none",
        description="What the recovery explains: the metric itself (none), its logarithm (log: a "
        "positive metric with a long tail), or its rank among the samples (rank: outliers)",
    )
    timeout: float = Field(
        default=3600, gt=0, description="Seconds after which a training is stopped and recorded"
    )
    deaths: int = Field(
        default=5,
        ge=1,
        description="A training whose job dies this often (killed, node lost) is recorded as "
        "killed instead of tried again",
    )
    files: list[str] = Field(
        default_factory=list,
        description="Program files in addition to those named in the command (or the callable's "
        "module): when one changes, its trainings run again",
    )

    preload: list[str] | None = Field(
        default=None,
        description="Python modules that trainings on the same machine import once and then share, "
        "such as [torch]; for `python script.py ...` or a callable, whose own module is shared "
        "unless this is []",
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> "Objective":
        if (self.command is None) == (self.callable is None):
            raise ValueError("give either command or callable (exactly one of them)")
        if self.preload and self.command and not PYTHON.match(self.command):
            raise ValueError("preload is for a callable or a command `python script.py ...` only")
        return self

    @field_validator("command")
    @classmethod
    def _not_blank(cls, command: str | None) -> str | None:
        if command is not None and not command.strip():
            raise ValueError("is empty")
        return command
