"""The section ``objective``."""

import re
from pathlib import PurePosixPath
from typing import Literal

from pydantic import Field, field_validator, model_validator

from harmonica_steps.config.section import Section

PYTHON = re.compile(r"\S*python[\d.]*\s+[^-]")
"""The beginning of a command that has Python run a script."""


LOGS = (".csv", ".tsv", ".jsonl")
"""Endings of a log that the metric can be read from."""


class Flags(Section):
    """How {args} in the command writes settings."""

    booleans: Literal["pair", "flag", "value"] = Field(
        default="pair",
        description="pair: --x or --no-x; flag: --x or nothing; value: --x true or --x false",
    )
    separator: Literal["space", "equals"] = Field(
        default="space", description="space: --x 0.1; equals: --x=0.1"
    )
    names: Literal["as_is", "hyphens"] = Field(
        default="as_is", description="hyphens: --learning-rate for the parameter learning_rate"
    )


class Objective(Section):
    """The training program. Give either `command` or `callable`."""

    command: str | None = Field(
        default=None,
        description="A command in any language. Placeholders: {NAME} of a parameter or fixed "
        "setting, {args} (all of them as --name value), {overrides} (as name=value, for Hydra), "
        "{config} (JSON file to read), {result} (JSON file to write), {seed}, {budget}, {workdir}, "
        "{checkpoint}; the last six also as environment variables HARMONICA_CONFIG, "
        "HARMONICA_RESULT, ... No shell is involved. See docs/how-to/program.md",
    )
    callable: str | None = Field(
        default=None,
        pattern=r"^[\w.]+:\w+$",
        description="A Python function, module:function, called with the configuration and those "
        "of seed, budget, workdir, checkpoint that it names; returns the metric or a dict.",
    )
    args: Flags | None = Field(
        default=None,
        description="How {args} writes settings; by default {booleans: pair, separator: space, "
        "names: as_is}",
    )
    metric: str = Field(
        default="error",
        min_length=1,
        description="The key of the result, or column of metric_file, that is optimised",
    )
    metric_pattern: str | None = Field(
        default=None,
        description="Instead of a result file: a regular expression with one group, around the "
        "metric, that is searched in each line that the program prints; the last match counts",
    )
    metric_file: str | None = Field(
        default=None,
        description="Instead of a result file: a log that the program writes, relative to "
        "{workdir} (.csv, .tsv, or .jsonl: a JSON object per line); the last row that has the "
        "metric counts",
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
    accept_result: bool = Field(
        default=False,
        description="Whether a metric counts that was there before the program failed, hung or was "
        "killed; by default it is a failure whose error shows the metric",
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
        if self.args and "{args}" not in (self.command or ""):
            raise ValueError("args says how {args} is written, but there is no {args} in command")
        return self

    @model_validator(mode="after")
    def _one_source(self) -> "Objective":
        sources = [name for name in ("metric_pattern", "metric_file") if getattr(self, name)]
        if sources and self.callable:
            raise ValueError(f"{sources[0]} is for a command; a callable returns its metric")
        if sources and "{result}" in (self.command or ""):
            sources.append("the result file that command names")
        if len(sources) > 1:
            raise ValueError(f"the metric comes from one place: give either {' or '.join(sources)}")
        return self

    @field_validator("metric_pattern")
    @classmethod
    def _one_group(cls, pattern: str | None) -> str | None:
        if pattern is None:
            return None
        try:
            groups = re.compile(pattern).groups
        except re.error as error:
            raise ValueError(f"is not a regular expression: {error}") from None
        if groups != 1:
            raise ValueError(
                f"needs one group in round brackets, around the metric, got {groups}; other "
                "groups are written (?:...)"
            )
        return pattern

    @field_validator("metric_file")
    @classmethod
    def _inside(cls, name: str | None) -> str | None:
        if name is None:
            return None
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts:
            raise ValueError(f"must be relative to {{workdir}} and inside it, got {name!r}")
        if path.suffix not in LOGS:
            raise ValueError(f"must end in {', '.join(LOGS)}, got {name!r}")
        return name

    @field_validator("command")
    @classmethod
    def _not_blank(cls, command: str | None) -> str | None:
        if command is not None and not command.strip():
            raise ValueError("is empty")
        return command
